"""What a request carries to show who asks: the application's session cookie, an access token, or both."""

import re
from dataclasses import dataclass, field
from typing import Final

from netscript_auth_core.ports import Anonymous, AuthRequest
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.request_cookies import cookie_values

_BEARER: Final = re.compile(r"bearer[ \t]+(?P<token>[^\s,]+)[ \t]*", re.IGNORECASE)  # RFC 6750 section 2.1
_IS_BEARER: Final = re.compile(r"\s*bearer\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Presented:
    """What was sent; at least one of them.

    Attributes:
        cookie: The value of the session cookie.
        bearer: The access token of the ``Authorization`` header.
    """

    cookie: str | None = field(default=None, repr=False)
    bearer: str | None = field(default=None, repr=False)


def presented(request: AuthRequest, cookie_name: str) -> Presented | Anonymous:
    """Return what a request carries, or why that is nobody's."""
    cookies = cookie_values(request.headers, cookie_name)
    if len(cookies) > 1 or len(request.session_tokens) > 1:
        # Who set which cannot be told: a neighbouring host can plant a cookie.
        return Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)
    header = request.headers.get("authorization", "")
    match = _BEARER.fullmatch(header)
    if match is None and _IS_BEARER.match(header):
        return Anonymous(AnonymousReason.TOKEN_INVALID)
    bearer = match["token"] if match else None
    if not cookies and bearer is None:
        return Anonymous(AnonymousReason.NO_SESSION)
    return Presented(cookies[0] if cookies else None, bearer)
