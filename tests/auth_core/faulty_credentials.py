"""Faults in what a backend makes of a credential that is no session token of ours."""

import logging
from dataclasses import dataclass

from typing_extensions import override

from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.memory.tokens import handle_of
from netscript_auth_core.ports import (
    Anonymous,
    Authenticated,
    AuthRequest,
    Identity,
    Outcome,
    SignedOut,
    SignoutRequest,
)
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.request_cookies import cookie_values
from tests.auth_core.cookie_kind import COOKIE, PROXY, CookieBackend, CookieSessions, CookieTokens

_log = logging.getLogger("acme")


@dataclass(frozen=True)
class CookieFault:
    """A broken backend, the same where it is sound, and the rule of the kit that has to tell them apart."""

    rule: str
    broken: type[CookieBackend]
    sound: type[CookieBackend] = CookieBackend
    peer_vouches: bool = False

    def __str__(self) -> str:
        return f"{self.broken.__name__}-{self.rule}"


class _Unsigned(CookieTokens):
    @override
    def is_good(self, token: str, signature: str) -> bool:
        return True


class _SignedForReadsOnly(CookieTokens):
    @override
    def recognise(self, request: AuthRequest) -> str | Anonymous:
        return _Unsigned().recognise(request)


class ForgetsToVerify(CookieBackend):
    def __init__(self, upstream: MemoryAuthBackend) -> None:
        super().__init__(upstream)
        self.tokens = _Unsigned()


class VerifiesForReadsOnly(CookieBackend):
    def __init__(self, upstream: MemoryAuthBackend) -> None:
        super().__init__(upstream)
        self.tokens = _SignedForReadsOnly()


class TakesHandlesInTheCookie(CookieBackend):
    @override
    async def authenticate(self, request: AuthRequest) -> Outcome:
        value = "".join(cookie_values(request.headers, COOKIE))
        stored = self.upstream.storage.sessions.get(value)
        if stored is None:
            return await super().authenticate(request)
        return Authenticated(lambda: Identity(stored.session, stored.user))


class LogsTheValueOfTheCookie(CookieBackend):
    @override
    async def authenticate(self, request: AuthRequest) -> Outcome:
        _log.debug("asked with %s", cookie_values(request.headers, COOKIE))
        return await super().authenticate(request)


class LogsWhatItRefuses(CookieBackend):
    @override
    async def authenticate(self, request: AuthRequest) -> Outcome:
        outcome = await super().authenticate(request)
        if not isinstance(outcome, Authenticated):
            _log.info("refused %s", cookie_values(request.headers, COOKIE))
        return outcome


class LogsWhatItRecognises(CookieBackend):
    def __init__(self, upstream: MemoryAuthBackend) -> None:
        super().__init__(upstream)
        self.tokens = _Talkative()


class _Talkative(CookieTokens):
    @override
    def recognise(self, request: AuthRequest) -> str | Anonymous:
        _log.debug("looking at %s", cookie_values(request.headers, COOKIE))
        return super().recognise(request)


class RevokesByCookie(CookieBackend):
    def __init__(self, upstream: MemoryAuthBackend) -> None:
        super().__init__(upstream)
        self.sessions = _RevokesByCookie(upstream)


class _RevokesByCookie(CookieSessions):
    @override
    async def revoke(self, handle: str) -> bool:
        return await super().revoke(handle_of(handle.partition(".")[0])) or await super().revoke(handle)


class SignsOut(CookieBackend):
    """No fault: it has a sign-out part."""

    def __init__(self, upstream: MemoryAuthBackend) -> None:
        super().__init__(upstream)
        self.signout = self
        self.last: tuple[str, ...] = ()

    @override
    async def authenticate(self, request: AuthRequest) -> Outcome:
        self.last = cookie_values(request.headers, COOKIE)
        return await super().authenticate(request)

    async def end(self, request: SignoutRequest) -> SignedOut:
        return SignedOut(int(await self.sessions.revoke(request.handle)))


class LogsTheCookieThatIsSignedOut(SignsOut):
    @override
    async def end(self, request: SignoutRequest) -> SignedOut:
        _log.info("signing %s out", self.last)
        return await super().end(request)


class BelievesTheProxy(CookieBackend):
    """No fault: whatever comes from the proxy was verified there."""

    def __init__(self, upstream: MemoryAuthBackend) -> None:
        super().__init__(upstream)
        self.tokens = _FromTheProxy()


class _FromTheProxy(_Unsigned):
    @override
    def token(self, request: AuthRequest) -> str | Anonymous:
        return super().token(request) if request.peer == PROXY else Anonymous(AnonymousReason.NO_SESSION)


FAULTS = (
    CookieFault("test_a_credential_that_was_changed_is_nobodys", ForgetsToVerify),
    CookieFault("test_a_changed_credential_names_no_session", VerifiesForReadsOnly),
    CookieFault("test_a_handle_lets_nobody_in", TakesHandlesInTheCookie),
    CookieFault("test_reading_shows_no_secret", LogsTheValueOfTheCookie),
    CookieFault("test_reading_shows_no_secret", LogsWhatItRefuses),
    CookieFault("test_reading_shows_no_secret", LogsWhatItRecognises),
    CookieFault("test_a_token_is_no_handle", RevokesByCookie),
    CookieFault("test_signing_out_shows_no_secret", LogsTheCookieThatIsSignedOut, SignsOut),
    CookieFault(
        "test_from_another_connection_a_request_is_nobodys",
        ForgetsToVerify,
        BelievesTheProxy,
        peer_vouches=True,
    ),
)
