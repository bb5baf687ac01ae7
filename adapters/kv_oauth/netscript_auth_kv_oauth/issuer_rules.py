"""Which ``iss`` a provider may answer with."""

from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.reasons import FlowReason


def check_response_issuer(iss: str | None, *, issuer: str, is_promised: bool, provider_id: str) -> None:
    """Refuse an authorization response that is another provider's (RFC 9207 section 2.4).

    Args:
        iss: As it came back.
        issuer: The provider's, exactly.
        is_promised: Whether its metadata says ``authorization_response_iss_parameter_supported``.
        provider_id: With whom this flow is.

    Raises:
        FlowRefusedError: ``iss`` is another one, or is missing although promised.
    """
    if iss is None and is_promised:
        raise FlowRefusedError(FlowReason.ISS_MISSING, expected=issuer, seen="none", provider_id=provider_id)
    if iss is not None and iss != issuer:
        raise FlowRefusedError(FlowReason.ISS_MISMATCH, expected=issuer, seen=iss, provider_id=provider_id)
