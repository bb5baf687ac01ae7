"""A backend whose credential stands in a cookie that its upstream signed, among other cookies."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from typing_extensions import override

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.domain import Device
from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.memory.tokens import handle_of
from netscript_auth_core.ports import Anonymous, AuthRequest, Outcome
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.request_cookies import cookie_values
from netscript_auth_core.testing import BackendUnderTest
from netscript_auth_core.testing.memory_subject import memory_subject
from netscript_kernel.ids import digest
from tests.auth_core.other_kinds import WHY, HostedBackend, HostedSessions

COOKIE = "acme_session"
PROXY = "10.1.2.3"
OTHER_COOKIES = "theme=dark-and-blue; broken=%ZZ"


def signature_of(token: str) -> str:
    """What nobody can make of a token but the upstream, and whoever shares its secret."""
    return digest("the secret of the upstream", token)


class CookieTokens:
    """Reads the cookie, and verifies it."""

    def recognise(self, request: AuthRequest) -> str | Anonymous:
        token = self.token(request)
        return token if isinstance(token, Anonymous) else handle_of(token)

    def token(self, request: AuthRequest) -> str | Anonymous:
        if len(request.session_tokens) > 1:
            return Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)
        values = cookie_values(request.headers, COOKIE)
        if not values:
            return Anonymous(AnonymousReason.NO_SESSION)
        token, _, signature = values[0].partition(".")
        return token if self.is_good(token, signature) else Anonymous(AnonymousReason.COOKIE_MALFORMED)

    def is_good(self, token: str, signature: str) -> bool:
        return signature == signature_of(token)


class CookieSessions(HostedSessions):
    """Ends them as well."""

    @override
    async def revoke(self, handle: str) -> bool:
        return await self._upstream.sessions.revoke(handle)


class CookieBackend(HostedBackend):
    """Recognises who has the cookie."""

    capabilities = Capabilities(
        frozenset({Capability.REVOKE}),
        why_not={each: WHY for each in Capability if each is not Capability.REVOKE},
    )

    def __init__(self, upstream: MemoryAuthBackend) -> None:
        super().__init__(upstream)
        self.upstream = upstream
        self.tokens: Any = CookieTokens()
        self.sessions: Any = CookieSessions(upstream)
        self.signout: Any = None

    @override
    async def authenticate(self, request: AuthRequest) -> Outcome:
        token = self.tokens.token(request)
        return token if isinstance(token, Anonymous) else await super().authenticate(AuthRequest((token,)))


@asynccontextmanager
async def cookie_subject(
    backend_type: type[CookieBackend] = CookieBackend, *, peer_vouches: bool = False
) -> AsyncGenerator[BackendUnderTest]:
    """Open it, or one derived from it."""
    async with memory_subject() as upstream:
        backend = upstream.backend
        assert isinstance(backend, MemoryAuthBackend)

        async def sign_in(person: str) -> AuthRequest:
            token = (await backend.sessions.create(upstream.provider.identity(person), Device())).token
            cookies = f"{OTHER_COOKIES}; {COOKIE}={token}.{signature_of(token)}"
            return AuthRequest(headers={"cookie": cookies}, peer=PROXY)

        yield BackendUnderTest(
            backend=backend_type(backend),
            clock=upstream.clock,
            store=upstream.store,
            store_outage=upstream.store_outage,
            upstream_session=sign_in,
            peer_vouches=peer_vouches,
        )
