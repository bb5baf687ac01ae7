"""auth-api in this process, with the memory backend behind it and a browser in front."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.memory import MemoryAuthBackend, PretendProvider, Storage
from netscript_auth_core.testing.recorded_events import RecordedEvents
from netscript_auth_core.testing.store_outage import InterruptibleKvStore
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing, generate_key
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.service.service import Service
from netscript_plugin_auth.composition import create_auth_service
from netscript_plugin_auth.settings import AuthServiceSettings

PUBLIC_URL = "https://auth.acme.example"
PREFIX = "/api/v1/auth"
SESSION_COOKIE = "__Host-netscript-session"
FLOW_PREFIX = "__Host-netscript-flow-"

NAVIGATING = {
    "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}
SAME_ORIGIN = {"origin": PUBLIC_URL, "sec-fetch-site": "same-origin"}


@dataclass(frozen=True)
class AuthApi:
    """A running service with everything around it in reach."""

    service: Service
    backend: MemoryAuthBackend
    provider: PretendProvider
    storage: Storage
    store: InterruptibleKvStore
    clock: SettableClock
    events: RecordedEvents

    def browser(self, headers: Mapping[str, str] = NAVIGATING) -> httpx.AsyncClient:
        """A new browser, with cookies of its own, that does not follow redirects by itself."""
        return client_of(self.service, headers)

    def program(self) -> httpx.AsyncClient:
        """A client that is no browser."""
        return client_of(self.service, {"accept": "*/*", "user-agent": "acme-program/1"})

    async def sign_in(
        self, browser: httpx.AsyncClient, person: str = "alice", **query: str
    ) -> httpx.Response:
        """Sign in as a person would, and return the answer of the callback."""
        return await browser.get(f"{PREFIX}/callback", params=await self.agree(browser, person, **query))

    async def agree(
        self, browser: httpx.AsyncClient, person: str = "alice", **query: str
    ) -> tuple[tuple[str, str], ...]:
        """Begin a sign-in, agree at the provider, and return what it sends to the callback."""
        begun = await browser.get(f"{PREFIX}/signin", params=query)
        assert begun.status_code == httpx.codes.FOUND, begun.text
        return tuple(await self.provider.sign_in(begun.headers["location"], person))

    @asynccontextmanager
    async def outage(self) -> AsyncGenerator[None]:
        """The backend's storage and the store are away while the block lasts."""
        self.storage.is_away = True
        try:
            async with self.store.outage():
                yield
        finally:
            self.storage.is_away = False


@asynccontextmanager
async def running_auth_api(
    backend_type: type[MemoryAuthBackend] = MemoryAuthBackend,
    *,
    hot_routes_in_front: bool = True,
    **variables: str,
) -> AsyncGenerator[AuthApi]:
    """Run the service while the block lasts.

    Args:
        backend_type: The memory backend, or one derived from it.
        hot_routes_in_front: See ``create_service``.
        variables: More of the environment, by names without ``NETSCRIPT_AUTH_``, such as ``ALLOWED_ORIGINS``.
    """
    clock, provider, storage, events = SettableClock(), PretendProvider(), Storage(), RecordedEvents()
    store = InterruptibleKvStore(MemoryKvStore(clock))
    backend = backend_type(
        UserDirectory(store, clock), clock, provider=provider, storage=storage, events=events
    )
    service = create_auth_service(
        settings_from(**variables),
        backend,
        store,
        keys=KeyRing([bytes(range(32))]),
        clock=clock,
        events=events,
        hot_routes_in_front=hot_routes_in_front,
    )
    await service.start()
    try:
        yield AuthApi(service, backend, provider, storage, store, clock, events)
    finally:
        await service.stop()


def settings_from(**variables: str) -> AuthServiceSettings:
    """Settings of production, complete, with these variables besides."""
    environment = {
        "NETSCRIPT_KV_URL": "memory://",
        "NETSCRIPT_AUTH_PUBLIC_URL": PUBLIC_URL,
        "NETSCRIPT_AUTH_KEYS": generate_key(),
        # Time stands still in most tests, and no bucket fills again.
        "NETSCRIPT_AUTH_RATE_LIMIT": "off",
    }
    more = {f"NETSCRIPT_AUTH_{name}": value for name, value in variables.items()}
    return AuthServiceSettings.from_environment({**environment, **more})


def client_of(service: Service, headers: Mapping[str, str], base_url: str = PUBLIC_URL) -> httpx.AsyncClient:
    """A client of a service in this process."""
    transport = httpx.ASGITransport(service.app)
    return httpx.AsyncClient(transport=transport, base_url=base_url, headers=headers)


def set_cookies(answer: httpx.Response) -> dict[str, str]:
    """Every ``Set-Cookie`` line of an answer, by the cookie's name."""
    return {line.partition("=")[0]: line for line in answer.headers.get_list("set-cookie")}
