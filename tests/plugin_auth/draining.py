"""Backends that are drained, with the active one, all in this process."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import AuthSession, Device
from netscript_auth_core.memory import MemoryAuthBackend, PretendProvider, Storage
from netscript_auth_core.memory.sessions import MemorySessions
from netscript_auth_core.ports import (
    AuthBackendPort,
    Authenticated,
    AuthRequest,
    Identity,
    IssuedSession,
)
from netscript_auth_core.testing import BackendUnderTest, InterruptibleKvStore, RecordedEvents
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_plugin_auth.cookies import CookiePolicy
from netscript_plugin_auth.draining.backend import DrainingBackend
from netscript_plugin_auth.draining.composition import drain
from tests.auth_core.other_kinds import HostedBackend, HostedSessions

COOKIES = CookiePolicy(is_secure=True)
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
HEADER = "x-upstream"


class EarlierBackend(MemoryAuthBackend):
    """Keeps its sessions here, in our cookie, as kv-oauth does."""

    name = "earlier"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.sessions.__class__ = _EarlierSessions


class _EarlierSessions(MemorySessions):
    def issue(self, *args: Any, **options: Any) -> IssuedSession:
        issued = super().issue(*args, **options)
        stored = self._storage.sessions[issued.session.handle]
        stored.session = issued.session.model_copy(update={"backend": "earlier"})
        return replace(issued, session=stored.session)


class UpstreamBackend(HostedBackend):
    """Has sessions of an upstream, whose credential is in a header and is recognised when over, too."""

    def __init__(self, upstream: MemoryAuthBackend, header: str, *, revokes: bool) -> None:
        super().__init__(upstream)
        self.header = header
        if revokes:
            offered = Capabilities(frozenset({Capability.REVOKE}))
            vars(self).update(capabilities=offered, sessions=_RevocableSessions(upstream))
        vars(self)["tokens"] = _HeaderTokens(upstream, header)

    async def authenticate(self, request: AuthRequest) -> Any:
        return await super().authenticate(_moved(request, self.header))


class _RevocableSessions(HostedSessions):
    async def revoke(self, handle: str) -> bool:
        return await self._upstream.sessions.revoke(handle)


class _HeaderTokens:
    def __init__(self, upstream: MemoryAuthBackend, header: str) -> None:
        self._upstream = upstream
        self._header = header

    def recognise(self, request: AuthRequest) -> Any:
        return self._upstream.tokens.recognise(_moved(request, self._header))


def _moved(request: AuthRequest, header: str) -> AuthRequest:
    token = request.headers.get(header)
    return AuthRequest(session_tokens=(token,) if token is not None else ())


@dataclass
class Swap:
    """An earlier and an active backend over one store."""

    clock: SettableClock
    store: InterruptibleKvStore
    users: UserDirectory
    earlier: AuthBackendPort
    active: AuthBackendPort
    memory_of_earlier: MemoryAuthBackend
    memory_of_active: MemoryAuthBackend
    provider: PretendProvider
    events: RecordedEvents = field(default_factory=RecordedEvents)

    def draining(self, key: bytes = KEY) -> DrainingBackend:
        """The two together, as after a restart."""
        return drain(
            self.active,
            [self.earlier],
            store=self.store,
            keys=KeyRing([key]),
            clock=self.clock,
            cookies=COOKIES,
            events=self.events,
        )

    def swapped_back(self) -> "Swap":
        """The other way round, over the same sessions."""
        return replace(
            self,
            earlier=self.active,
            active=self.earlier,
            memory_of_earlier=self.memory_of_active,
            memory_of_active=self.memory_of_earlier,
        )

    async def sign_in_before(self, person: str = "alice") -> tuple[AuthRequest, Identity]:
        """Sign a person in at the earlier backend."""
        return await self._sign_in(self.earlier, self.memory_of_earlier, person)

    async def sign_in_now(self, person: str = "alice") -> tuple[AuthRequest, Identity]:
        """Sign a person in at the active backend."""
        return await self._sign_in(self.active, self.memory_of_active, person)

    async def _sign_in(
        self, backend: AuthBackendPort, memory: MemoryAuthBackend, person: str
    ) -> tuple[AuthRequest, Identity]:
        issued = await memory.sessions.create(self.provider.identity(person), Device(user_agent="a browser"))
        request = AuthRequest(session_tokens=(issued.token,))
        if isinstance(backend, UpstreamBackend):
            request = AuthRequest(headers={backend.header: issued.token})
        outcome = await backend.authenticate(request)
        assert isinstance(outcome, Authenticated)
        return request, outcome.identity


def swap(
    *,
    earlier_is_hosted: bool = False,
    active_is_hosted: bool = False,
    header: str = HEADER,
    upstreams_revoke: bool = False,
) -> Swap:
    """Return a swap from or to a backend that keeps its sessions here, or whose upstream does.

    Args:
        earlier_is_hosted: Whether the upstream of the earlier one does.
        active_is_hosted: Whether that of the active one does.
        header: Where credentials of upstreams are.
        upstreams_revoke: Whether sessions can be ended there.
    """
    clock, provider = SettableClock(), PretendProvider()
    store = InterruptibleKvStore(MemoryKvStore(clock))
    users = UserDirectory(store, clock)
    kind = MemoryAuthBackend if earlier_is_hosted else EarlierBackend
    before = kind(users, clock, provider=provider, storage=Storage(), store=store)
    now = MemoryAuthBackend(users, clock, provider=provider, storage=Storage(), store=store)
    earlier = UpstreamBackend(before, header, revokes=upstreams_revoke) if earlier_is_hosted else before
    active = UpstreamBackend(now, header, revokes=upstreams_revoke) if active_is_hosted else now
    return Swap(clock, store, users, earlier, active, before, now, provider)


def both(*requests: AuthRequest) -> AuthRequest:
    """A request of a browser that has the credentials of several."""
    tokens = tuple(token for each in requests for token in each.session_tokens)
    headers = {name: value for each in requests for name, value in each.headers.items()}
    return AuthRequest(tokens, headers)


def token_in(cookies: tuple[str, ...]) -> str:
    """The session token that an answer leaves in the browser."""
    (line,) = (each for each in cookies if each.startswith(f"{COOKIES.session_name}="))
    return line.partition("=")[2].partition(";")[0]


def identity_of(outcome: object) -> Identity:
    """Who is signed in."""
    assert isinstance(outcome, Authenticated), outcome
    return outcome.identity


def session_of(outcome: object) -> AuthSession:
    """The session of who is signed in."""
    return identity_of(outcome).session


@asynccontextmanager
async def draining_subject(whole: BackendUnderTest) -> AsyncGenerator[BackendUnderTest]:
    """Another backend under test, with an earlier one that is drained beside it."""
    async with AsyncExitStack() as stack:
        other = swap(earlier_is_hosted=True)

        def beside(active: AuthBackendPort) -> DrainingBackend:
            return drain(
                active,
                [other.earlier],
                store=other.store,
                keys=KeyRing([KEY]),
                clock=whole.clock,
                cookies=COOKIES,
                events=RecordedEvents(),
            )

        async def reopen() -> AuthBackendPort:
            assert whole.reopen is not None
            return beside(await whole.reopen())

        @asynccontextmanager
        async def outage() -> AsyncGenerator[None]:
            async with whole.store_outage(), other.store.outage():
                yield

        stack.push_async_callback(other.earlier.aclose)
        yield replace(
            whole,
            backend=beside(whole.backend),
            store_outage=outage,
            reopen=reopen if whole.reopen is not None else None,
        )
