"""Backends of other kinds than the reference one, which the kit has to pass as well."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NoReturn

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import AuthSession, Device, ExternalIdentity, ProviderDescriptor
from netscript_auth_core.errors import BackendUnavailableError, OperationUnsupportedError
from netscript_auth_core.hosted import WithoutRoles
from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.memory.tokens import MemoryTokens
from netscript_auth_core.ports import Authenticated, AuthRequest, IssuedSession, Outcome, ended_at
from netscript_auth_core.testing import BackendUnderTest
from netscript_auth_core.testing.memory_subject import memory_subject
from netscript_kernel.clock import Clock

LAG = timedelta(minutes=1)
WHY = "its upstream keeps the sessions"


class HostedBackend:
    """Offers nothing but to recognise sessions that its upstream, a memory backend, began."""

    name = "hosted"
    capabilities = Capabilities(frozenset(), why_not=dict.fromkeys(Capability, WHY))
    interactive = None
    signout = None
    upkeep = None
    sealed = None
    upstream_logout = None

    def __init__(self, upstream: MemoryAuthBackend) -> None:
        self._upstream = upstream
        self.providers = HostedProviders()
        self.sessions = HostedSessions(upstream)
        self.tokens = MemoryTokens()
        self.principals = WithoutRoles()

    async def authenticate(self, request: AuthRequest) -> Outcome:
        outcome = await self._upstream.authenticate(request)
        if not isinstance(outcome, Authenticated):
            return outcome
        identity = replace(outcome.identity, session=_hosted(outcome.identity.session))
        return Authenticated(lambda: identity)

    async def start(self) -> None:
        pass

    async def check_health(self) -> None:
        try:
            await self._upstream.check_health()
        except BackendUnavailableError as error:
            raise BackendUnavailableError(self.name, error.problem) from error

    async def aclose(self) -> None:
        pass


class HostedProviders:
    """The upstream hosts the choice."""

    def list(self) -> Sequence[ProviderDescriptor]:
        return ()

    def get(self, provider_id: str) -> ProviderDescriptor | None:
        return None


class HostedSessions:
    """Only looks."""

    def __init__(self, upstream: MemoryAuthBackend) -> None:
        self._upstream = upstream

    async def get(self, handle: str) -> AuthSession | None:
        session = await self._upstream.sessions.get(handle)
        return _hosted(session) if session else None

    async def create(
        self, identity: ExternalIdentity, device: Device, *, authenticated_at: datetime | None = None
    ) -> IssuedSession:
        _refuse("create")

    async def refresh(self, handle: str) -> AuthSession:
        _refuse("refresh")

    async def revoke(self, handle: str) -> bool:
        _refuse("revoke")

    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        _refuse("list")

    async def revoke_all_for_user(self, user_id: str, *, keep: str | None = None) -> int:
        _refuse("revoke all")


class LaggingBackend(MemoryAuthBackend):
    """Answers from what it knew a moment ago, and says for how long."""

    capabilities = Capabilities(frozenset(Capability), revocation_lag=LAG)

    def __init__(self, users: UserDirectory, clock: Clock, **parts: Any) -> None:
        super().__init__(users, clock, **parts)
        self._clock = clock
        self._known: dict[tuple[str, ...], tuple[datetime, Authenticated]] = {}

    async def authenticate(self, request: AuthRequest) -> Outcome:
        if request.session_tokens in self._known:
            asked_at, outcome = self._known[request.session_tokens]
            if self._clock.now() < min(asked_at + LAG, ended_at(outcome.identity.session)):
                return outcome
        fresh = await super().authenticate(request)
        if isinstance(fresh, Authenticated):
            self._known[request.session_tokens] = (self._clock.now(), fresh)
        return fresh


@asynccontextmanager
async def hosted_subject() -> AsyncGenerator[BackendUnderTest, None]:
    async with memory_subject() as upstream:
        backend = upstream.backend
        assert isinstance(backend, MemoryAuthBackend)

        async def sign_in(person: str) -> AuthRequest:
            issued = await backend.sessions.create(upstream.provider.identity(person), Device())
            return AuthRequest(session_tokens=(issued.token,))

        yield BackendUnderTest(
            backend=HostedBackend(backend),
            clock=upstream.clock,
            store_outage=upstream.store_outage,
            upstream_session=sign_in,
        )


def _hosted(session: AuthSession) -> AuthSession:
    return session.model_copy(update={"backend": HostedBackend.name})


def _refuse(operation: str) -> NoReturn:
    raise OperationUnsupportedError("hosted", operation, WHY)
