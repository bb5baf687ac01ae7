"""Opens the backend from the environment's settings."""

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from netscript_auth_core.backends import BackendContext, BackendDefinition
from netscript_auth_core.background import Background
from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.key_set import KeySet
from netscript_auth_core.upstream_sessions import UpstreamSessions
from netscript_auth_workos.api.calls import WorkOSCalls
from netscript_auth_workos.api.http import WorkOSHttp
from netscript_auth_workos.backend import Parts, WorkOSBackend
from netscript_auth_workos.configuration.settings import WorkOSSettings
from netscript_auth_workos.naming import BACKEND
from netscript_auth_workos.reading.proofs import Proofs
from netscript_auth_workos.reading.request_tokens import RequestTokens
from netscript_auth_workos.renewal.renewal_records import RenewalRecords
from netscript_auth_workos.renewal.renewals import Patience, Renewals
from netscript_auth_workos.seals.cookie_seals import CookieSeals
from netscript_auth_workos.seals.session_data import SealKind
from netscript_auth_workos.sessions.met_sessions import MetSessions
from netscript_auth_workos.sessions.renewed_cookies import RenewedCookies
from netscript_auth_workos.sessions.sessions import Sessions
from netscript_auth_workos.sessions.signout import Signout
from netscript_auth_workos.tokens.access_token import Wanted
from netscript_auth_workos.tokens.access_tokens import AccessTokens

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger("netscript.auth.workos")

_OFFERED: Final = frozenset({Capability.REVOKE, Capability.LIST_SESSIONS, Capability.REVOKE_ALL})
_WHY_NOT: Final = {
    Capability.SIGNIN: "people sign in through the application that sets AuthKit's cookie; link there",
    Capability.CALLBACK: "AuthKit sends people back to the application that sets its cookie, not here",
    Capability.CREATE_SESSIONS: "WorkOS begins sessions, when somebody signs in at AuthKit",
    Capability.REFRESH: "the browser holds the refresh token; what is due is refreshed when it asks",
}


async def open_backend(settings: WorkOSSettings, context: BackendContext) -> WorkOSBackend:
    """Build the backend from its settings; the entry point ``workos`` leads here. Asks nobody yet.

    Raises:
        ConfigurationError: with every fault of the settings.
    """
    return assemble(settings, context)


definition = BackendDefinition(settings=WorkOSSettings, open=open_backend)


def assemble(
    settings: WorkOSSettings,
    context: BackendContext,
    *,
    http: "httpx.AsyncClient | None" = None,
    patience: Patience | None = None,
) -> WorkOSBackend:
    """Return the backend, whole.

    Args:
        settings: What is configured.
        context: What it stands on.
        http: Speaks to WorkOS, and stays the caller's to close; our own if left out.
        patience: With other processes.

    Raises:
        ConfigurationError: with every fault of the settings.
    """
    settings.check(is_production=context.is_production)
    _tell_of_password(settings)
    clock, background = context.clock, Background()
    calls = WorkOSCalls(
        WorkOSHttp(http),
        api_key=settings.api_key.get_secret_value(),
        client_id=settings.client_id,
        base_url=settings.api,
    )
    keys = KeySet(calls.keys, clock, background)
    wanted = Wanted(settings.client_id, settings.accepted_issuers, settings.access_token_life)
    tokens = AccessTokens(keys, wanted, clock)
    seals = CookieSeals(settings.cookie_password.get_secret_value(), settings.kinds, clock)
    kept = UpstreamSessions(BACKEND, context.store, context.keys, context.users, clock)
    records = RenewalRecords(context.store, context.keys, clock)
    renewals = Renewals(calls, records, background, patience or Patience())
    capabilities = _capabilities(settings.access_token_life, settings.sign_in_url)
    met = MetSessions(kept, calls, settings.environment_issuer, clock)
    sessions = Sessions(capabilities, met, kept, calls, context.users, settings.environment_issuer)
    return WorkOSBackend(
        Parts(
            capabilities=capabilities,
            cookie_name=settings.cookie_name,
            proofs=Proofs(tokens, seals, renewals, calls, kept, clock),
            met=met,
            sessions=sessions,
            signout=Signout(sessions, calls, is_browser_sent=settings.end_session),
            tokens=RequestTokens(settings.cookie_name, seals, tokens, background),
            cookies=RenewedCookies(settings.cookie_name, settings.cookie_domain, seals, clock),
            keys=keys,
            calls=calls,
            store=context.store,
            background=background,
        )
    )


def _capabilities(lag: timedelta, sign_in_url: str | None) -> Capabilities:
    return Capabilities(
        _OFFERED, revocation_lag=lag, why_not=_WHY_NOT, sign_in_url=sign_in_url, needs_upstream=True
    )


def _tell_of_password(settings: WorkOSSettings) -> None:
    if SealKind.PYTHON not in settings.kinds:
        _log.info(
            "%s is no Fernet key: it opens session cookies of the Node SDK, and none of the Python SDK",
            settings.variable("cookie_password"),
        )
