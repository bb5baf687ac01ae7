"""auth-api as in production, but in this process, with providers, people, and somebody who wants in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from netscript_auth_core.testing import RecordedEvents
from netscript_auth_kv_oauth import KvOAuthBackend, ProviderConfig, create_kv_oauth_backend
from netscript_dev_provider.misbehaviour import Misbehaviour
from netscript_dev_provider.testing import DevProvider
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import KvStorePort
from netscript_kernel.service.service import Service
from netscript_plugin_auth.composition import create_auth_service
from tests.attacks.logbook import Logbook
from tests.attacks.sites import Members, Sites
from tests.attacks.watched_store import WatchedKvStore
from tests.kv_oauth.wire import Wire
from tests.support.auth_api import PREFIX, PUBLIC_URL, SESSION_COOKIE, settings_from
from tests.support.web_browser import WebBrowser

APP = "https://app.acme.example"
EVIL = "https://evil.example"
ISSUER = "https://idp.localhost"
OTHER_ISSUER = "https://other.localhost"
METADATA = "/.well-known/openid-configuration"
SIGNIN, CALLBACK, SIGNOUT = f"{PREFIX}/signin", f"{PREFIX}/callback", f"{PREFIX}/signout"
SIGNED_OUT = f"{PUBLIC_URL}/signed-out"
CLIENT_SECRET = "the-client-secret-of-auth-api"
OLD_KEY, NEW_KEY = bytes(range(32)), bytes(range(32, 64))
TTL, IDLE_TTL = timedelta(days=7), timedelta(hours=24)


@dataclass
class World:
    """Everything that runs.

    Attributes:
        workers: Services on one store, as processes would be; the first is the one that browsers reach.
        idps: Providers, by id.
        sites: The providers' sites.
        wire: Between the service and them.
        browsers: All that were lent.
        is_marked: Whether providers were changed.
        secrets: Those that were found in what the browsers sent and got.
    """

    clock: SettableClock
    store: WatchedKvStore
    events: RecordedEvents
    log: Logbook
    idps: dict[str, DevProvider]
    sites: Sites
    wire: Wire
    http: httpx.AsyncClient
    configs: Sequence[ProviderConfig]
    variables: dict[str, str]
    workers: list[Service] = field(default_factory=list[Service])
    backends: list[KvOAuthBackend] = field(default_factory=list[KvOAuthBackend])
    browsers: list[WebBrowser] = field(default_factory=list[WebBrowser])
    is_marked: bool = False
    secrets: set[str] = field(default_factory=set[str])

    @property
    def backend(self) -> KvOAuthBackend:
        """That of the first worker."""
        return self.backends[0]

    @property
    def idp(self) -> DevProvider:
        """The first provider."""
        return next(iter(self.idps.values()))

    async def add_worker(
        self, keys: Sequence[bytes] = (OLD_KEY,), store: KvStorePort | None = None
    ) -> Service:
        """Start one more service on the same store, or on another connection to it."""
        ring, store = KeyRing(keys), store or self.store
        backend = create_kv_oauth_backend(
            self.configs,
            store=store,
            keys=ring,
            clock=self.clock,
            http=self.http,
            events=self.events,
            session_ttl=TTL,
            session_idle_ttl=IDLE_TTL,
        )
        settings = settings_from(**self.variables)
        service = create_auth_service(
            settings, backend, store, keys=ring, clock=self.clock, events=self.events
        )
        await service.start()
        self.workers.append(service)
        self.backends.append(backend)
        return service

    def thief(self, browser: WebBrowser, worker: Service | None = None) -> WebBrowser:
        """Lend somebody a browser into which the session cookie of another one was copied."""
        thief = self.browser(worker)
        thief.jar.plant(PUBLIC_URL, SESSION_COOKIE, str(browser.jar.value(SESSION_COOKIE)))
        return thief

    def browser(self, worker: Service | None = None, *, tells_metadata: bool = True) -> WebBrowser:
        """Lend somebody a browser."""
        sites = Sites({httpx.URL(PUBLIC_URL).host: httpx.ASGITransport((worker or self.workers[0]).app)})
        browser = WebBrowser(PUBLIC_URL, sites, self.clock, tells_metadata=tells_metadata)
        self.browsers.append(browser)
        return browser

    async def begin(self, browser: WebBrowser, **query: str) -> str:
        """Begin a sign-in by a link of our own, and return the address at the provider."""
        answer = await browser.open(f"{SIGNIN}?{httpx.QueryParams(query)}", of_page=PUBLIC_URL)
        assert answer.status_code == httpx.codes.FOUND, answer.text
        return answer.headers["location"]

    async def agree(self, browser: WebBrowser, person: str = "alice", **query: str) -> str:
        """Begin a sign-in, agree at the provider, and return the callback's address."""
        return await self.idp.sign_in(await self.begin(browser, **query), person)

    async def come_back(self, browser: WebBrowser, callback: str) -> httpx.Response:
        """Open the callback's address as the provider's redirect does."""
        return await browser.open(callback, of_page=ISSUER)

    async def sign_in(self, browser: WebBrowser, person: str = "alice") -> httpx.Response:
        """Go all the way."""
        answer = await self.come_back(browser, await self.agree(browser, person))
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
        return answer

    async def who(self, browser: WebBrowser) -> str | None:
        """Return the name of whoever is signed in there, or ``None`` for nobody."""
        answer = await browser.fetch(f"{PREFIX}/me")
        assert answer.status_code == httpx.codes.OK, answer.text
        body = answer.json()
        return body["user"]["name"] if body["authenticated"] else None

    async def handle(self, browser: WebBrowser) -> str:
        """Return the handle of the session there."""
        answer = await browser.fetch(f"{PREFIX}/session")
        handle: str = answer.json()["session"]["handle"]
        return handle

    @property
    def can_begin_anew(self) -> bool:
        """Whether nothing sticks: time that passed, more workers, or metadata that the service has read."""
        return len(self.workers) == 1 and self.clock.now() == SettableClock().now() and not self.is_marked

    def change(self, path: str, change: Callable[[Members], Members]) -> None:
        """Have a JSON answer of the providers changed from now on."""
        self.sites.changes[path] = change
        self.is_marked = True

    def misbehave(self, *faults: Misbehaviour) -> None:
        """Have the first provider misbehave from now on."""
        self.idp.misbehave(*faults)
        self.is_marked = True

    def begin_anew(self) -> None:
        """Forget everything that happened."""
        self.store.replace(MemoryKvStore(self.clock))
        self.wire.requests.clear()
        self.wire.answer = lambda _: None
        self.sites.held.clear()
        for remembered in (self.events.taken, self.log.texts, self.browsers):
            remembered.clear()
        self.secrets.clear()

    async def settle(self) -> None:
        """Return when nothing is going on in the background."""
        for backend in self.backends:
            await backend.settle()

    def asked_for_tokens(self) -> int:
        """How often a token endpoint was asked."""
        return self.wire.paths["/token"]
