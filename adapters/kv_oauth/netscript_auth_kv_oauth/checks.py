"""What ``netscript auth doctor`` looks at for this backend: every provider, as a sign-in would meet it."""

from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from functools import partial

from netscript_auth_core.checks import Check, CheckContext, Finding, Severity, clock_findings
from netscript_auth_core.errors import BackendUnavailableError, ProviderProtocolError
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.configuration.registrations import callback_of
from netscript_auth_kv_oauth.configuration.settings import KvOAuthSettings
from netscript_auth_kv_oauth.naming import BACKEND
from netscript_auth_kv_oauth.provider.discovery import PATH, ProviderMetadata, fetch_metadata
from netscript_auth_kv_oauth.provider.provider_http import ProviderHttp
from netscript_kernel.addresses import host_of, is_loopback


def provider_checks(settings: KvOAuthSettings, context: CheckContext) -> Sequence[Check]:
    """Return the checks of all configured providers."""
    configs = settings.provider_configs(public_url=context.public_url, is_production=context.is_production)
    is_alone = len(configs) == 1
    return [check for config in configs for check in _of_one(config, context, is_alone=is_alone)]


def _of_one(config: ProviderConfig, context: CheckContext, *, is_alone: bool) -> Sequence[Check]:
    begins = f"{BACKEND}.{config.id}"
    redirect = Check(f"{begins}.redirect-uri", partial(_redirect_uri, config, context, is_alone=is_alone))
    if not config.preset.is_openid:
        return (redirect,)
    return (
        redirect,
        Check(f"{begins}.discovery", partial(_discovery, config, context)),
        Check(f"{begins}.clock", partial(_clock, config, context)),
    )


async def _redirect_uri(
    config: ProviderConfig, context: CheckContext, *, is_alone: bool
) -> Sequence[Finding]:
    ours = (callback_of(context.public_url, None), callback_of(context.public_url, config.id))
    console = config.preset.console
    if config.redirect_uri not in ours:
        problem = f"people come back from {config.id} to an address that is no callback of this service"
        fix = f"leave the redirect URI out, or register {ours[0 if is_alone else 1]} and set that"
        return (Finding(Severity.ERROR, problem, fix),)
    if not context.is_production and is_loopback(host_of(config.issuer) or ""):
        return ()  # a provider on this machine, such as the one of development: there is no console
    problem = f"{config.redirect_uri} has to be registered at {config.id}, exactly so"
    return (Finding(Severity.NOTICE, problem, f"compare it at {console}"),)


async def _discovery(config: ProviderConfig, context: CheckContext) -> Sequence[Finding]:
    http = ProviderHttp()
    try:
        metadata = await fetch_metadata(http, config, is_production=context.is_production)
    except BackendUnavailableError as error:
        fix = "see that the issuer is the provider's own, and that it can be reached from this machine"
        return (Finding(Severity.ERROR, error.problem, fix),)
    finally:
        await http.aclose()
    return judge_algorithms(config, metadata)


def judge_algorithms(config: ProviderConfig, metadata: ProviderMetadata) -> Sequence[Finding]:
    """Return what is wrong with how a provider signs id tokens, as far as it says."""
    told = metadata.id_token_signing_alg_values_supported
    accepted = config.preset.id_token.algorithms
    if told is None or set(told) & set(accepted):
        return ()
    problem = f"{config.id} signs id tokens with nothing that is accepted, so every sign-in is refused"
    return (Finding(Severity.ERROR, problem, f"have it sign with one of {', '.join(accepted)}"),)


async def _clock(config: ProviderConfig, context: CheckContext) -> Sequence[Finding]:
    http = ProviderHttp()
    try:
        answer = await http.get(config.id, config.issuer.rstrip("/") + PATH)
    except (BackendUnavailableError, ProviderProtocolError):
        return ()  # the check of discovery says it
    finally:
        await http.aclose()
    try:
        told = parsedate_to_datetime(answer.date or "")
    except ValueError:
        return ()
    if told.tzinfo is None:
        return ()
    return clock_findings(f"the provider {config.id}", told, context.clock.now())
