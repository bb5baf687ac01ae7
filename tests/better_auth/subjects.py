"""The backend before a real server, with everything around it."""

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from netscript_auth_better_auth import (
    BetterAuthBackend,
    BetterAuthSettings,
    Mode,
    create_better_auth_backend,
)
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.ports import AuthRequest
from netscript_auth_core.request_cookies import cookie_values
from netscript_auth_core.testing import BackendUnderTest, InterruptibleKvStore, usual_credentials
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from netscript_kernel.kv.memory import MemoryKvStore
from tests.support.better_auth import BetterAuthServer, ClockedClient, ClockedTransport, SignedIn

SESSION_COOKIE = "better-auth.session_token"


@dataclass(frozen=True)
class Setting:
    """A backend, and what is around it.

    Attributes:
        wire: Between it and the server.
        people: Whoever is at the server.
    """

    backend: BetterAuthBackend
    server: BetterAuthServer
    clock: SettableClock
    store: InterruptibleKvStore
    users: UserDirectory
    keys: KeyRing
    wire: ClockedTransport
    people: ClockedClient
    settings: BetterAuthSettings
    http: httpx.AsyncClient

    def open(self, settings: BetterAuthSettings | None = None) -> BetterAuthBackend:
        """Open another instance over the same store."""
        return create_better_auth_backend(
            settings or self.settings,
            store=self.store,
            keys=self.keys,
            clock=self.clock,
            http=self.http,
            users=self.users,
            is_production=False,
        )

    async def request(self, person: str = "alice") -> AuthRequest:
        """Sign somebody in at the server, and return a request of theirs."""
        return request_of(await self.people.sign_in(person))

    async def bearer(self, person: str = "alice") -> AuthRequest:
        """Sign somebody in at the server, and return a request with a token of the jwt plugin."""
        token = await self.people.token_of(await self.people.sign_in(person))
        return AuthRequest(headers={"authorization": f"Bearer {token}"})

    @asynccontextmanager
    async def outage(self) -> AsyncGenerator[None]:
        """Neither the store nor the server is there while the block lasts."""
        async with self.upstream_outage(), self.store.outage():
            yield

    @asynccontextmanager
    async def upstream_outage(self) -> AsyncGenerator[None]:
        """The server is not there while the block lasts."""
        self.wire.is_cut = True
        try:
            yield
        finally:
            self.wire.is_cut = False


def request_of(person: SignedIn) -> AuthRequest:
    """Return what the browser of somebody who signed in sends."""
    return AuthRequest(headers={"cookie": person.cookie_header})


def unsigned_token(request: AuthRequest) -> Collection[str]:
    """Return the secret of a request that is known without the server's: the token, not its signature."""
    return [value.partition(".")[0] for value in cookie_values(request.headers, SESSION_COOKIE)]


@asynccontextmanager
async def open_setting(
    server: BetterAuthServer, mode: Mode = Mode.REMOTE, **settings: object
) -> AsyncGenerator[Setting]:
    """Open a backend before a server; its clock, which the server goes by, starts at the present second."""
    clock = SettableClock(datetime.now(UTC).replace(microsecond=0))
    store = InterruptibleKvStore(MemoryKvStore(clock))
    wire = ClockedTransport(clock)
    values = {"url": server.url, "mode": mode, **settings}
    chosen = BetterAuthSettings.model_validate(values)
    keys, users = KeyRing(parse_keys(generate_key())), UserDirectory(store, clock)
    async with httpx.AsyncClient(transport=wire) as http:
        backend = create_better_auth_backend(
            chosen, store=store, keys=keys, clock=clock, http=http, users=users, is_production=False
        )
        people = ClockedClient(server, clock)
        yield Setting(backend, server, clock, store, users, keys, wire, people, chosen, http)
        await backend.aclose()


@asynccontextmanager
async def open_subject(
    server: BetterAuthServer, mode: Mode = Mode.REMOTE, **settings: object
) -> AsyncGenerator[BackendUnderTest]:
    """Give the conformance kit what it wants."""
    async with open_setting(server, mode, **{"session_ttl": timedelta(days=30), **settings}) as setting:

        async def reopen() -> BetterAuthBackend:
            return setting.open()

        # The server alone can tell whether it signed a cookie then. What names the session is its token.
        is_unverifiable = mode is Mode.REMOTE and setting.settings.secret is None
        yield BackendUnderTest(
            backend=setting.backend,
            clock=setting.clock,
            store=setting.store,
            store_outage=setting.outage,
            upstream_outage=setting.upstream_outage,
            upstream_session=setting.request if mode is Mode.REMOTE else setting.bearer,
            reopen=reopen,
            # better-auth ends a session after its last millisecond, and lets that one prolong it.
            last_instant=timedelta(milliseconds=1) if mode is Mode.REMOTE else timedelta(0),
            credentials=unsigned_token if is_unverifiable else usual_credentials,
        )
