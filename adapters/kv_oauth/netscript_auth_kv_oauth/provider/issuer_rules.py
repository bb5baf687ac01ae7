"""Which ``iss`` a provider may answer with."""

from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.presets.schema import EXACT, NEVER


def check_response_issuer(iss: str | None, config: ProviderConfig, *, is_promised: bool) -> None:
    """Refuse an authorization response that is another provider's (RFC 9207 section 2.4).

    Args:
        iss: As it came back.
        config: The provider of this flow; its preset says what ``iss`` may be, an operator may correct that.
        is_promised: Whether its metadata says ``authorization_response_iss_parameter_supported``.

    Raises:
        FlowRefusedError: ``iss`` is another one, or is missing although promised.
    """
    if iss is None and not is_promised:
        return
    expected = _expected(config)
    if iss is None:
        raise _refused(FlowReason.ISS_MISSING, config, expected or "an iss", "none")
    is_tenants = config.tenants is not None and config.response_issuer is None
    is_good = config.tenants.accepts(iss) if is_tenants and config.tenants else iss == expected
    if not is_good:
        raise _refused(FlowReason.ISS_MISMATCH, config, expected or "no iss", iss)


def _expected(config: ProviderConfig) -> str | None:
    rule = config.response_issuer or config.preset.response_issuer_rule
    if rule == NEVER:
        return None
    return config.issuer if rule == EXACT else config.filled(rule)


def _refused(reason: FlowReason, config: ProviderConfig, expected: str, seen: str) -> FlowRefusedError:
    return FlowRefusedError(reason, expected=expected, seen=seen, provider_id=config.id)
