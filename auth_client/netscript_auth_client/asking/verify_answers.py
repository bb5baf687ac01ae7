"""What an answer of ``/verify`` means. Whatever is neither a clear yes nor a clear no leaves it open."""

from collections.abc import Iterable
from typing import Final

from pydantic import ValidationError

from netscript_auth_client.auth_api import Answer, auth_api_away
from netscript_auth_client.caller import Caller, Denied, Nobody, Outcome
from netscript_auth_core.contract_v1 import VerifyView
from netscript_kernel.contracts import FORBIDDEN, UNAUTHORIZED, ProblemSpec
from netscript_kernel.json_documents import is_object
from netscript_kernel.problem_documents import PROBLEM_MEDIA_TYPE

_OK: Final = 200
_BAD_REQUEST: Final = 400
_FOREIGN_HOST: Final = (
    "this host is not served there; set NETSCRIPT_CALLERS_PUBLIC_URL to NETSCRIPT_AUTH_PUBLIC_URL of auth-api"
)


def outcome_of(answer: Answer, cookie_names: Iterable[str]) -> Outcome:
    """Return who it says calls.

    Args:
        answer: Of ``/verify``.
        cookie_names: Of whose ``Set-Cookie`` headers are passed on.

    Raises:
        BackendUnavailableError: it says neither who it is, nor that it is nobody or may not come in.
    """
    cookies = _of_ours(answer.set_cookies, frozenset(cookie_names))
    if answer.status == _OK:
        return _caller(answer, cookies)
    if (reason := _reason(answer, UNAUTHORIZED)) is not None:
        return Nobody(reason, cookies)
    if (reason := _reason(answer, FORBIDDEN)) is not None:
        return Denied(reason, cookies)
    why = f": {_FOREIGN_HOST}" if answer.status == _BAD_REQUEST else ""
    raise auth_api_away(f"/verify answered {answer.status}{why}", answer.retry_after)


def _caller(answer: Answer, cookies: tuple[str, ...]) -> Caller:
    if answer.json() is None:
        raise auth_api_away("/verify answered 200 without JSON: is another program there?")
    try:
        view = VerifyView.model_validate_json(answer.body, by_alias=True, by_name=False)
    except ValidationError:
        raise auth_api_away("/verify answered 200 without saying who it is") from None
    return Caller(
        principal=view.principal,
        name=view.user.name,
        email=view.user.email if view.user.email_verified else None,
        authenticated_at=view.authenticated_at,
        expires_at=view.expires_at,
        cookies=cookies,
    )


def _reason(answer: Answer, spec: ProblemSpec) -> str | None:
    """Return the reason of a refusal that auth-api itself makes, and nothing in front of it."""
    document = answer.json(PROBLEM_MEDIA_TYPE)
    if answer.status != spec.status or document is None or document.get("code") != spec.code:
        return None
    data = document.get("data")
    reason = data.get("reason") if is_object(data) else None
    return reason if isinstance(reason, str) and reason.isascii() and reason.isprintable() else None


def _of_ours(lines: Iterable[str], names: frozenset[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if line.partition("=")[0].strip() in names)
