"""Where codes and tokens are kept: in memory, until the process ends."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from netscript_dev_provider.config import Lifetimes
from netscript_dev_provider.records import AuthorizationCode, IssuedToken, SignIn


class _Perishable(Protocol):
    @property
    def expires_at(self) -> datetime: ...


_RecordT = TypeVar("_RecordT", bound=_Perishable)


class GrantStore:
    """Codes, access tokens and refresh tokens by their value.

    Spent ones are remembered for one refresh token's life more, since their reuse must end the sign-in.
    """

    def __init__(self, clock: Callable[[], datetime], lifetimes: Lifetimes) -> None:
        self._clock = clock
        self._lifetimes = lifetimes
        self._codes: dict[str, AuthorizationCode] = {}
        self._access_tokens: dict[str, IssuedToken] = {}
        self._refresh_tokens: dict[str, IssuedToken] = {}

    def add_code(
        self, sign_in: SignIn, value: str, redirect_uri: str, nonce: str | None, code_challenge: str | None
    ) -> None:
        """Remember a new code."""
        expires_at = self._clock() + self._lifetimes.code
        code = AuthorizationCode(value, sign_in, redirect_uri, nonce, code_challenge, expires_at)
        self._keep(self._codes, value, code)

    def add_access_token(self, sign_in: SignIn, value: str, scope: str) -> None:
        """Remember a new access token."""
        expires_at = self._clock() + self._lifetimes.access_token
        self._keep(self._access_tokens, value, IssuedToken(value, sign_in, scope, expires_at, self._clock))

    def add_refresh_token(self, sign_in: SignIn, value: str) -> None:
        """Remember a new refresh token; it carries everything that was granted (RFC 6749 section 6)."""
        expires_at = self._clock() + self._lifetimes.refresh_token
        token = IssuedToken(value, sign_in, sign_in.scope, expires_at, self._clock)
        self._keep(self._refresh_tokens, value, token)

    def code(self, value: str) -> AuthorizationCode | None:
        """Return a code, good or not, or ``None``."""
        return self._codes.get(value)

    def access_token(self, value: str) -> IssuedToken | None:
        """Return an access token, good or not, or ``None``."""
        return self._access_tokens.get(value)

    def refresh_token(self, value: str) -> IssuedToken | None:
        """Return a refresh token, good or not, or ``None``."""
        return self._refresh_tokens.get(value)

    def end_session(self, session_id: object) -> Sequence[SignIn]:
        """End the sign-in of that id with everything that came of it; return it, unless it had ended."""
        found = {each.session_id: each for each in self._sign_ins() if each.session_id == session_id}
        ended = [each for each in found.values() if not each.ended]
        for sign_in in ended:
            sign_in.ended = True
        return ended

    def sign_ins_of(self, subject: str) -> Sequence[SignIn]:
        """Return what is known of a person's sign-ins, the latest last."""
        found = {each.session_id: each for each in self._sign_ins() if each.persona.subject == subject}
        return sorted(found.values(), key=lambda each: each.authenticated_at)

    def _sign_ins(self) -> Iterable[SignIn]:
        for shelf in (self._codes, self._access_tokens, self._refresh_tokens):
            yield from (record.sign_in for record in shelf.values())

    def _keep(self, shelf: dict[str, _RecordT], value: str, record: _RecordT) -> None:
        horizon = self._clock() - self._lifetimes.refresh_token
        for stale in [key for key, kept in shelf.items() if kept.expires_at < horizon]:
            del shelf[stale]
        shelf[value] = record
