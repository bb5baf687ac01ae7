"""For whom the proxy vouches, if a request came through it at all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final

from header_proxy_netscript.settings import HeaderProxySettings
from netscript_auth_core.ports import Anonymous, AuthRequest
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.request_cookies import cookie_family
from netscript_kernel.ids import digest
from netscript_kernel.networks import is_within

_USER: Final = "x-forwarded-user"
_EMAIL: Final = "x-forwarded-email"
# A piece has some 4,000 characters, and no browser sends 20 of them: heads of requests end before that.
_MOST_PIECES: Final = 20
# No comma: a header that was sent twice arrives as one value with a comma (RFC 9110 section 5.2).
_USER_TEXT: Final = re.compile(r"[!-+\--~]{1,255}")
_EMAIL_TEXT: Final = re.compile(r"[!-+\--?A-~]{1,64}@[!-+\--?A-~]{1,255}")


@dataclass(frozen=True, slots=True)
class Vouched:
    """Somebody whom the proxy let through.

    Attributes:
        handle: Of the session: one person in one session of the proxy's.
    """

    handle: str
    user: str = field(repr=False)
    email: str | None = field(repr=False)


class Vouching:
    """Reads requests."""

    def __init__(self, settings: HeaderProxySettings) -> None:
        self._trusted = settings.trusted
        self._cookie = settings.cookie

    def read(self, request: AuthRequest) -> Vouched | Anonymous:
        """Return for whom the proxy vouches, or why for nobody."""
        if len(request.session_tokens) > 1:
            return Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)
        if not is_within(request.peer, self._trusted):
            return Anonymous(AnonymousReason.NO_SESSION)
        cookies = self._cookies(request.headers)
        if any(len(values) > 1 for values in cookies.values()):
            return Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)
        if not cookies:
            return Anonymous(AnonymousReason.NO_SESSION)
        user, email = request.headers.get(_USER, ""), request.headers.get(_EMAIL)
        if not _USER_TEXT.fullmatch(user) or (email is not None and not _EMAIL_TEXT.fullmatch(email)):
            return Anonymous(AnonymousReason.SESSION_UNKNOWN)
        if len(cookies) > _MOST_PIECES:
            return Anonymous(AnonymousReason.COOKIE_MALFORMED)
        pieces = (text for name, (value,) in cookies.items() for text in (name, value))
        return Vouched(digest("header-proxy session", user, email or "", *pieces), user, email)

    def recognise(self, request: AuthRequest) -> str | Anonymous:
        """Return the handle of the session; see :class:`TokensPort`."""
        vouched = self.read(request)
        return vouched if isinstance(vouched, Anonymous) else vouched.handle

    def _cookies(self, headers: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
        """Return the one cookie, or its pieces from the first on, as the proxy reads them.

        Whatever else a browser brings counts for nothing: it would make one session many, each with a record.
        """
        family = cookie_family(headers, self._cookie)
        if self._cookie in family:
            return {self._cookie: family[self._cookie]}
        pieces = (f"{self._cookie}_{number}" for number in range(_MOST_PIECES + 1))
        return {name: family[name] for name in takewhile(family.__contains__, pieces)}
