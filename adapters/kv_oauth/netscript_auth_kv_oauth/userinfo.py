"""The userinfo endpoint (OpenID Connect Core 1.0 section 5.3)."""

from netscript_auth_core.errors import FlowRefusedError, ProviderProtocolError
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.provider_http import ProviderHttp


async def fetch_userinfo(
    http: ProviderHttp, provider_id: str, url: str, access_token: str, subject: str
) -> dict[str, object]:
    """Return the claims about a person whom the id token named.

    Raises:
        FlowRefusedError: the endpoint refused the token, or spoke of somebody else.
        ProviderProtocolError: it answered no JSON object.
        BackendUnavailableError: it did not answer.
    """
    answer = await http.get(provider_id, url, {"authorization": f"Bearer {access_token}"})
    if answer.is_redirect:
        raise ProviderProtocolError(provider_id, "the userinfo endpoint redirects")
    if not answer.is_success:
        raise FlowRefusedError(
            FlowReason.USERINFO_REFUSED,
            expected="the claims of the person",
            seen=f"status {answer.status}",
            provider_id=provider_id,
        )
    claims = answer.json_object()
    if claims is None:
        raise ProviderProtocolError(provider_id, "the userinfo endpoint answered no JSON object")
    # Section 5.3.2: without this check one person's profile could end up with another's account.
    if claims.get("sub") != subject:
        raise FlowRefusedError(
            FlowReason.SUBJECT_MISMATCH,
            expected="the sub of the id token",
            seen="another" if "sub" in claims else "none",
            provider_id=provider_id,
        )
    return claims
