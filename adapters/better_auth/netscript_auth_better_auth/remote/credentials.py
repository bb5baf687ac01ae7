"""From a request to the credential of a better-auth session in it, and to nothing else that it carries."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from netscript_auth_better_auth.configuration.server_config import ServerConfig
from netscript_auth_better_auth.remote.signed_values import SignedValue, read_signed_value
from netscript_auth_core.ports import Anonymous, AuthRequest
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.request_cookies import cookie_values
from netscript_kernel.ids import digest

_BEARER: Final = re.compile(r"bearer +(\S{1,512})", re.IGNORECASE)
_BARE_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,128}")
_TRUE: Final = "true"


@dataclass(frozen=True, slots=True)
class Credential:
    """What acts for one session at the server.

    Attributes:
        token: Names the session there.
        headers: To be sent there.
        kept: Enough to make them again.
    """

    token: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    kept: bytes = field(repr=False)

    @property
    def is_a_cookie(self) -> bool:
        """Whether it came from a browser that keeps it, and will take a newer one."""
        return "cookie" in self.headers

    @property
    def handle(self) -> str:
        """Names the session here; a digest, so that it lets nobody in."""
        return handle_of(self.token)


class Credentials:
    """Finds credentials in requests.

    Args:
        config: What the server's cookies are called, and signed with where that is known.
    """

    def __init__(self, config: ServerConfig) -> None:
        self._cookies = config.cookies
        self._secret = config.secret

    def recognise(self, request: AuthRequest) -> str | Anonymous:
        """Return the handle of the session that the request belongs to, without asking anybody."""
        found = self.find(request)
        return found if isinstance(found, Anonymous) else found.handle

    def find(self, request: AuthRequest) -> Credential | Anonymous:
        """Return the one credential of a request, or why there is none.

        Two that lead to different sessions are none: which of them counts cannot be known.
        """
        if len(request.session_tokens) > 1:
            return Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)
        found = [each for each in (self._of_cookie(request), self._of_header(request)) if each is not None]
        refused = next((each for each in found if isinstance(each, Anonymous)), None)
        if refused is not None:
            return refused
        credentials = [each for each in found if isinstance(each, Credential)]
        if len({each.token for each in credentials}) > 1:
            return Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)
        return credentials[0] if credentials else Anonymous(AnonymousReason.NO_SESSION)

    def _of_cookie(self, request: AuthRequest) -> Credential | Anonymous | None:
        match cookie_values(request.headers, self._cookies.session):
            case ():
                return None
            case (text,):
                value = read_signed_value(text)
                if value is None or not self._may_be_signed(value):
                    return Anonymous(AnonymousReason.COOKIE_MALFORMED)
                return self._signed(value, *self._forgetting(request))
            case _:
                return Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)

    def _of_header(self, request: AuthRequest) -> Credential | Anonymous | None:
        match = _BEARER.fullmatch(request.headers.get("authorization", ""))
        if match is None:
            return None
        text = match[1]
        value = read_signed_value(text)
        if value is None and not _BARE_TOKEN.fullmatch(text):
            return None  # a token for somebody else, such as a JWT
        if not self._may_be_signed(value):
            return Anonymous(AnonymousReason.COOKIE_MALFORMED)
        return _bearer(text if value is None else value.token, text)

    def made_for(self, token: str) -> Credential | None:
        """Return what acts for a session whose token is known; ``None`` where only the server can sign it."""
        return None if self._secret is None else self._signed(SignedValue.made(token, self._secret))

    def kept(self, kept: bytes) -> Credential | None:
        """Return what was kept of one; ``None`` where that is not understood."""
        text = kept.decode("ascii", "replace")
        value = read_signed_value(text)
        if value is not None:
            return self._signed(value)
        return _bearer(text, text) if _BARE_TOKEN.fullmatch(text) else None

    def _signed(self, value: SignedValue, *others: str) -> Credential:
        pairs = (f"{self._cookies.session}={value.in_a_cookie}", *others)
        return Credential(value.token, {"cookie": "; ".join(pairs)}, value.text.encode())

    def _forgetting(self, request: AuthRequest) -> list[str]:
        """Return the cookie that keeps the server from prolonging a session, if the browser has it."""
        values = (read_signed_value(text) for text in cookie_values(request.headers, self._cookies.forget))
        kept = next((value for value in values if value is not None and value.token == _TRUE), None)
        return [] if kept is None else [f"{self._cookies.forget}={kept.in_a_cookie}"]

    def _may_be_signed(self, value: SignedValue | None) -> bool:
        """Whether the server gave this out; only it can tell where its secret is not known."""
        return self._secret is None or (value is not None and value.is_signed_with(self._secret))


def _bearer(token: str, text: str) -> Credential:
    return Credential(token, {"authorization": f"Bearer {text}"}, text.encode())


def handle_of(token: str) -> str:
    """Return the handle of the session that a token opens."""
    return digest("better-auth session", token)
