"""The backend behind a pretend proxy, as the conformance kit wants it. Needs the extra ``testing``."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from header_proxy_netscript.backend import HeaderProxyBackend
from header_proxy_netscript.settings import HeaderProxySettings
from netscript_auth_core.backends import BackendContext
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.ports import AuthRequest
from netscript_auth_core.testing import BackendUnderTest, InterruptibleKvStore, RecordedEvents
from netscript_kernel.clock import SettableClock
from netscript_kernel.ids import new_token
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.memory import MemoryKvStore

PROXY: Final = "10.1.2.3"
_TTL: Final = timedelta(hours=12)


class PretendProxy:
    """Signs people in and passes their requests on, with headers that say who is there."""

    def __init__(self, clock: SettableClock) -> None:
        self._clock = clock

    async def sign_in(self, person: str) -> AuthRequest:
        """Return a request of a person's browser, as it arrives behind the proxy."""
        added = {"x-forwarded-user": person, "x-forwarded-email": f"{person[0]}@a.de"}
        cookie = f"_oauth2_proxy={new_token()}"
        headers = _ProxiedHeaders(cookie, added, self._clock, self._clock.now() + _TTL)
        return AuthRequest(headers=headers, peer=PROXY)


class _ProxiedHeaders(Mapping[str, str]):
    """What the proxy adds to a browser's cookie, until the session there has ended."""

    def __init__(self, cookie: str, added: Mapping[str, str], clock: SettableClock, end: datetime) -> None:
        self._browser = {"cookie": cookie}
        self._added = added
        self._clock = clock
        self._end = end

    def __getitem__(self, name: str) -> str:
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def _now(self) -> Mapping[str, str]:
        return {**self._browser, **self._added} if self._clock.now() < self._end else self._browser


@asynccontextmanager
async def open_for_tests() -> AsyncGenerator[BackendUnderTest]:
    """Open the backend with everything around it."""
    clock = SettableClock()
    store = InterruptibleKvStore(MemoryKvStore(clock))
    context = BackendContext(
        public_url="https://auth.acme.example",
        is_production=True,
        store=store,
        keys=KeyRing([bytes(range(32))]),
        users=UserDirectory(store, clock),
        clock=clock,
        events=RecordedEvents(),
    )
    settings = HeaderProxySettings.from_environment(
        {
            "NETSCRIPT_AUTH_HEADER_PROXY_TRUSTED": PROXY,
            "NETSCRIPT_AUTH_HEADER_PROXY_SESSION_TTL": "12h",
        }
    )

    async def reopen() -> HeaderProxyBackend:
        return HeaderProxyBackend(settings, context)

    yield BackendUnderTest(
        backend=await reopen(),
        clock=clock,
        store_outage=store.outage,
        upstream_session=PretendProxy(clock).sign_in,
        reopen=reopen,
        peer_vouches=True,
    )
