"""docs/topologies.md behind a real nginx: in each a service with guards knows whom auth-api knows."""

import sys
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace

import anyio
import httpx
import pytest

from tests.support.auth_api_process import API, is_ready
from tests.support.company import Company, run_company
from tests.support.desk import AUTH_HOST
from tests.support.loopback import loopback_client
from tests.support.ports import unused_port
from tests.support.program import PATIENCE_SECONDS, started
from tests.support.proxies import Change, run_nginx, unchanged
from tests.support.site import sign_in
from workspace import ROOT

pytestmark = [
    *(pytest.mark.proxy, pytest.mark.peer, pytest.mark.slow, pytest.mark.full),
    pytest.mark.xdist_group("guards_in_each_topology"),
]

APPLICATION_HOST = "app.acme.localhost"
SERVICE = (sys.executable, "-m", "examples.protected_service.guarded")
AUDIENCE, SECRET = "orders", "c" * 43
TOKENS = {
    "NETSCRIPT_AUTH_TOKEN_AUDIENCES": AUDIENCE,
    "NETSCRIPT_AUTH_SERVICE_CREDENTIALS": f"{AUDIENCE}:{SECRET}",
}
SIBLINGS = {"NETSCRIPT_AUTH_COOKIE_DOMAIN": "acme.localhost"}
# The proxy connects from an address of its own, so that whoever else is on this machine is not the proxy.
PROXY = "127.0.0.2"
FORGED = {"x-auth-request-user": "root", "x-auth-request-groups": "admin", "x-forwarded-for": PROXY}


def asks_nobody(example: str) -> str:
    """Return the configuration of a proxy that only passes requests on, as the client made them."""
    kept, found, _ = example.partition("    location / {")
    assert found
    return f"{kept}{found} proxy_pass http://127.0.0.1:3000; proxy_set_header Host $http_host; }}\n}}\n"


def from_its_own_address(example: str) -> str:
    """Return the configuration of a proxy that asks, and connects to the application from its own address."""
    passes = "proxy_pass http://127.0.0.1:3000;"
    assert example.count(passes) == 1
    return example.replace(passes, f"{passes} proxy_bind {PROXY};")


def asking(company: Company) -> dict[str, str]:
    return {"AUTH_URL": f"http://127.0.0.1:{company.place().auth_api}", "PUBLIC_URL": company.url}


def verifying(company: Company) -> dict[str, str]:
    return {**asking(company), "MODE": "local", "AUDIENCE": AUDIENCE, "FEED_SECRET": SECRET}


def believing(company: Company) -> dict[str, str]:
    return {"MODE": "proxy", "PUBLIC_URL": company.url, "TRUSTED_PROXIES": PROXY}


@dataclass(frozen=True)
class Topology:
    """Which hosts there are, and how the service finds out who calls.

    Attributes:
        service: Its ``NETSCRIPT_CALLERS_*``.
        proxy: What becomes of the example of forward-auth.
        auth_api: Variables of it besides.
        host: Of the service, for browsers.
        takes_token: Whether the caller sends a bearer token, and no cookie.
    """

    service: Callable[[Company], Mapping[str, str]]
    proxy: Change = asks_nobody
    auth_api: Mapping[str, str] = field(default_factory=dict[str, str])
    host: str = AUTH_HOST
    takes_token: bool = False


TOPOLOGIES = {
    "one host": Topology(asking),
    "the proxy asks, and is believed": Topology(believing, from_its_own_address),
    "the proxy asks, and so does the service": Topology(asking, unchanged),
    "tokens": Topology(verifying, auth_api=TOKENS, takes_token=True),
    "sibling hosts": Topology(asking, auth_api=SIBLINGS, host=APPLICATION_HOST),
}


@dataclass(frozen=True)
class Behind:
    """A service that runs behind a proxy.

    Attributes:
        url: What browsers call it.
        port: Where it listens itself.
    """

    company: Company
    topology: Topology
    url: str
    port: int

    def client(self) -> httpx.AsyncClient:
        """A client with cookies of its own that waits for no page, so that nobody sends it to sign in."""
        return loopback_client(self.company.url, self.company.certificates)

    async def enter(self, browser: httpx.AsyncClient) -> str:
        """Sign Alice in, let the client carry what the topology wants, and return her id."""
        await sign_in(browser, self.company.provider)
        user_id = (await browser.get(f"{API}/me")).json()["user"]["id"]
        if self.topology.takes_token:
            token = (await browser.post(f"{API}/token", json={})).json()["accessToken"]
            browser.cookies.clear()
            browser.headers["authorization"] = f"Bearer {token}"
            await self._revocations_are_heard(browser)
        return str(user_id)

    async def _revocations_are_heard(self, browser: httpx.AsyncClient) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (await browser.get(f"{self.url}/me")).status_code == 503:
            assert time.monotonic() < deadline, "the feed of revocations is not heard"
            await anyio.sleep(0.02)


@pytest.fixture(scope="module", params=TOPOLOGIES)
def behind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Behind]:
    topology, folder, port = TOPOLOGIES[request.param], tmp_path_factory.mktemp("topology"), unused_port()
    with run_company(folder, topology.auth_api) as company:
        environment = {f"NETSCRIPT_CALLERS_{name}": text for name, text in topology.service(company).items()}
        environment |= {
            "PORT": str(port),
            "PYTHONPATH": str(ROOT),
            "NETSCRIPT_SERVICE_ALLOWED_HOSTS": f"{topology.host},127.0.0.1",
        }
        place = replace(company.place(topology.proxy), application=port)
        with started(SERVICE, environment, folder) as service, run_nginx(place):
            service.wait_until(lambda: is_ready(port), "the service is ready")
            yield Behind(company, topology, f"https://{topology.host}:{company.port}", port)


async def test_nobody_is_let_in_whatever_they_say_of_themselves(behind: Behind) -> None:
    async with behind.client() as stranger:
        answers = [await stranger.get(f"{behind.url}/me", headers=said) for said in ({}, FORGED)]

    assert [answer.status_code for answer in answers] == [401, 401]


async def test_whoever_passes_by_the_proxy_is_nobody_too(behind: Behind) -> None:
    async with httpx.AsyncClient() as stranger:
        answers = [
            await stranger.get(f"http://127.0.0.1:{behind.port}/me", headers=said) for said in ({}, FORGED)
        ]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert all(answer.json()["data"]["reason"] in {"no_session", "not_by_proxy"} for answer in answers)


async def test_alice_is_herself_whatever_else_she_says(behind: Behind) -> None:
    async with behind.client() as browser:
        user_id = await behind.enter(browser)
        answers = [await browser.get(f"{behind.url}/me", headers=said) for said in ({}, FORGED)]

    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    assert [answer.json()["userId"] for answer in answers] == [user_id, user_id]


async def test_a_role_that_alice_has_not_is_not_hers_by_a_header(behind: Behind) -> None:
    async with behind.client() as browser:
        await behind.enter(browser)
        answers = [await browser.get(f"{behind.url}/admin", headers=said) for said in ({}, FORGED)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert [answer.json()["data"] for answer in answers] == [
        {"reason": "role_missing", "missing": ["admin"]}
    ] * 2


async def test_what_needs_a_recent_sign_in_is_refused_where_none_is_proven(behind: Behind) -> None:
    async with behind.client() as browser:
        await behind.enter(browser)
        answer = await browser.delete(f"{behind.url}/membership", headers={"origin": behind.company.url})

    is_believed = behind.topology.service is believing
    told = (403, "too_little_known") if is_believed else (401, "signed_in_too_long_ago")
    assert (answer.status_code, answer.json()["data"]["reason"]) == told
