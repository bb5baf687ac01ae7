"""A backend with everything around it, for tests."""

from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import Device
from netscript_auth_core.ports import (
    AuthRequest,
    CallbackRequest,
    Outcome,
    SignedOut,
    SigninCompleted,
    SigninRequest,
    SigninStarted,
    SignoutRequest,
)
from netscript_auth_core.sealed_index import SealedIndex
from netscript_auth_core.testing import InterruptibleKvStore, RecordedEvents
from netscript_auth_kv_oauth import KvOAuthBackend, ProviderConfig, providers
from netscript_auth_kv_oauth.assembly import Surroundings, assemble
from netscript_auth_kv_oauth.grants.grants import Grant, Grants
from netscript_auth_kv_oauth.patience import Patience
from netscript_auth_kv_oauth.sessions.sessions import SessionLimits
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from netscript_kernel.kv.port import Check, Commit, KvStorePort, Put
from netscript_kernel.kv.urls import open_store
from tests.kv_oauth.people import CLIENT, ISSUER, REDIRECT_URI, People

RETURN_TO, STATE = "https://auth.localhost/signed-out", "the-state-of-a-sign-out"
OFFLINE = ("openid", "email", "profile", "offline_access")
PATHS = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
Parameters = Sequence[tuple[str, str]]


def the_provider(
    scopes: Sequence[str] = OFFLINE, issuer: str = ISSUER, client_secret: str | None = CLIENT.client_secret
) -> ProviderConfig:
    """The development provider, as an application configures it."""
    return providers.oidc(
        issuer=issuer,
        client_id=CLIENT.client_id,
        client_secret=client_secret,
        redirect_uri=REDIRECT_URI,
        scopes=scopes,
    )


def the_provider_as_plain_oauth2() -> ProviderConfig:
    """The same, of which only addresses are known: no metadata, no id token."""
    addresses = {f"{name}_endpoint": f"{ISSUER}/{path}" for name, path in PATHS.items()}
    return providers.preset(
        "oauth2",
        addresses,
        issuer=ISSUER,
        client_id=CLIENT.client_id,
        client_secret=CLIENT.client_secret,
        redirect_uri=REDIRECT_URI,
        scopes=[scope for scope in OFFLINE if scope != "openid"],
    )


class WatchedKvStore(InterruptibleKvStore):
    """Knows which keys it was given to keep.

    Attributes:
        keys: Those that were written and not deleted.
        writes: How often each was written.
    """

    def __init__(self, store: KvStorePort) -> None:
        super().__init__(store)
        self.keys: set[str] = set()
        self.writes = Counter[str]()

    async def commit(
        self,
        *,
        checks: Sequence[Check] = (),
        puts: Sequence[Put] = (),
        deletes: Sequence[str] = (),
    ) -> int | None:
        """Commit, and remember the keys."""
        version = await super().commit(checks=checks, puts=puts, deletes=deletes)
        if version is not None:
            self._remember(puts, deletes)
        return version

    async def commit_each(self, commits: Sequence[Commit]) -> Sequence[int | None]:
        """Commit each, and remember the keys."""
        versions = await super().commit_each(commits)
        for commit, version in zip(commits, versions, strict=True):
            if version is not None:
                self._remember(commit.puts, commit.deletes)
        return versions

    def _remember(self, puts: Sequence[Put], deletes: Sequence[str]) -> None:
        written = [put.key for put in puts]
        self.keys = (self.keys - set(deletes)) | set(written)
        self.writes.update(written)


@dataclass
class Desk:
    """A backend, its store and clock, and a browser in front of it."""

    clock: SettableClock
    people: People
    store: WatchedKvStore
    keys: KeyRing
    provider: ProviderConfig | Sequence[ProviderConfig]
    session_ttl: timedelta = timedelta(days=7)
    session_idle_ttl: timedelta = timedelta(hours=24)
    sessions_per_user: int = 500
    session_staleness: timedelta = timedelta(0)
    events: RecordedEvents = field(default_factory=RecordedEvents)
    # No test waits that long: it only keeps a busy machine from looking like a provider that hangs.
    patience: Patience = field(default_factory=lambda: Patience(signout=timedelta(minutes=1)))

    def __post_init__(self) -> None:
        self.users = UserDirectory(self.store, self.clock)
        self.http = httpx.AsyncClient(transport=self.people.wire)
        self.backend = self.open()

    def open(self, keys: KeyRing | None = None) -> KvOAuthBackend:
        """Open another instance over the same store."""
        configs = (self.provider,) if isinstance(self.provider, ProviderConfig) else self.provider
        around = Surroundings(
            self.store,
            keys or self.keys,
            self.users,
            self.clock,
            self.events,
            self.http,
            patience=self.patience,
        )
        limits = SessionLimits(
            self.session_ttl, self.session_idle_ttl, self.sessions_per_user, self.session_staleness
        )
        return assemble(configs, around, limits)

    @property
    def grants(self) -> Grants:
        """The grants as the backend keeps them."""
        return Grants(self.store, self.keys, SealedIndex(self.store, self.keys, self.clock))

    async def grant(self, handle: str) -> Grant | None:
        """Return the grant of a session."""
        entry = await self.grants.read(handle)
        return self.grants.open(handle, entry.value) if entry else None

    async def settle(self) -> None:
        """Return when nothing is going on in the background."""
        await self.backend.settle()

    async def start(self, provider_id: str | None = None, login_hint: str | None = None) -> SigninStarted:
        """Begin a sign-in."""
        return await self.backend.interactive.start(SigninRequest(provider_id, "/", login_hint))

    async def agree(self, started: SigninStarted, person: str = "alice") -> Parameters:
        """Sign in at the provider."""
        return await self.people.sign_in(started.redirect_url, person)

    async def call_back(
        self,
        started: SigninStarted,
        parameters: Parameters,
        *,
        cookies: Mapping[str, str] | None = None,
        tokens: tuple[str, ...] = (),
        provider_id: str | None = None,
    ) -> SigninCompleted:
        """Come back from the provider."""
        own = {started.cookie.flow_id: started.cookie.value}
        return await self.backend.interactive.complete(
            CallbackRequest(
                parameters,
                provider_id=provider_id,
                flow_cookies=own if cookies is None else cookies,
                session_tokens=tokens,
                device=Device(user_agent="a browser"),
            )
        )

    async def sign_in(self, person: str = "alice", tokens: tuple[str, ...] = ()) -> SigninCompleted:
        """Go all the way."""
        started = await self.start()
        return await self.call_back(started, await self.agree(started, person), tokens=tokens)

    async def create(self, person: str) -> str:
        """Start a session without the provider, and return its token."""
        identity = self.people.identity(person)
        return (await self.backend.sessions.create(identity, Device())).token

    async def sign_out(self, handle: str, *, everywhere: bool = False) -> SignedOut:
        """Sign out, as the service does."""
        request = SignoutRequest(handle, RETURN_TO, STATE, everywhere=everywhere)
        return await self.backend.signout.end(request)

    def kept(self, prefix: str) -> list[str]:
        """Return the keys that were written and not deleted, and begin so."""
        return sorted(key for key in self.store.keys if key.startswith(prefix))

    async def who(self, token: str) -> Outcome:
        """Ask whose token this is."""
        return await self.backend.authenticate(AuthRequest((token,)))


@asynccontextmanager
async def open_desk(
    store_url: str = "memory://",
    provider: ProviderConfig | None = None,
    key: str | None = None,
    session_staleness: timedelta = timedelta(0),
) -> AsyncGenerator[Desk]:
    """Open a desk on the store that an operator would name so."""
    clock = SettableClock()
    store = await open_store(store_url, clock, data_dir=None)
    keys = KeyRing(parse_keys(key or generate_key()))
    provider = provider or the_provider()
    people = People(clock, provider_id=provider.id, trusts_email=provider.preset.is_openid)
    desk = Desk(clock, people, WatchedKvStore(store), keys, provider, session_staleness=session_staleness)
    try:
        yield desk
    finally:
        await desk.backend.aclose()
        await desk.http.aclose()
        await store.aclose()
