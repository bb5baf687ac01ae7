"""An application behind a proxy that asks auth-api first: each of those of ``examples/forward-auth``."""

import signal
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.auth_api import NAVIGATING
from tests.support.auth_api_process import API, CALLBACK, make_key, run_auth_api
from tests.support.certificates import Certificates, make_certificates
from tests.support.desk import AUTH_HOST
from tests.support.echo import run_echo
from tests.support.loopback import loopback_client
from tests.support.oidc_provider import OidcProvider, run_oidc_provider
from tests.support.ports import unused_port
from tests.support.program import Program
from tests.support.proxies import Place, RunProxy, run_caddy, run_envoy, run_nginx, run_traefik

pytestmark = [
    *(pytest.mark.proxy, pytest.mark.peer, pytest.mark.slow, pytest.mark.full),
    pytest.mark.xdist_group("forward_auth"),
]

PROXIES: dict[str, RunProxy] = {
    "nginx": run_nginx,
    "caddy": run_caddy,
    "traefik": run_traefik,
    "envoy": run_envoy,
}
REPORTS = "/reports?year=2026"
IDENTITY = ("x-auth-request-user", "x-auth-request-email", "x-auth-request-groups")


@dataclass(frozen=True)
class Company:
    """An application with a proxy in front of it.

    Attributes:
        url: What browsers call both.
        api: auth-api, behind the proxy.
    """

    url: str
    certificates: Certificates
    provider: OidcProvider
    api: Program

    def browser(self) -> httpx.AsyncClient:
        """A browser, with cookies of its own."""
        return loopback_client(self.url, self.certificates, NAVIGATING)

    async def sign_in(self, browser: httpx.AsyncClient, wanted: str = REPORTS) -> httpx.Response:
        """Open a page of the application, sign in where that leads, and return the answer of the callback."""
        sent = await browser.get(wanted)
        assert sent.status_code == httpx.codes.FOUND, sent.text
        begun = await browser.get(sent.headers["location"])
        return await browser.get(await self.provider.sign_in(begun.headers["location"], "alice"))


@pytest.fixture(scope="module", params=PROXIES)
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Company]:
    folder = tmp_path_factory.mktemp("forward-auth")
    with ExitStack() as stack:
        yield _company(stack, folder, PROXIES[request.param])


def _company(stack: ExitStack, folder: Path, run_proxy: RunProxy) -> Company:
    certificates, port, api_port = make_certificates(folder), unused_port(), unused_port()
    url = f"https://{AUTH_HOST}:{port}"
    provider = stack.enter_context(run_oidc_provider([f"{url}{CALLBACK}"]))
    application = stack.enter_context(run_echo())
    environment = {
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_KV_URL": f"sqlite:///{folder / 'auth.db'}",
        "NETSCRIPT_AUTH_KEYS": make_key(),
        "NETSCRIPT_AUTH_PUBLIC_URL": url,
        "NETSCRIPT_AUTH_ISSUER": provider.issuer,
        "NETSCRIPT_AUTH_CLIENT_ID": provider.client.client_id,
        "NETSCRIPT_AUTH_CLIENT_SECRET": provider.client.client_secret,
        "NETSCRIPT_AUTH_TRUSTED_PROXIES": "127.0.0.1",
        "NETSCRIPT_AUTH_ALLOWED_HOSTS": f"127.0.0.1:{api_port}",  # Traefik asks by the address
    }
    api = stack.enter_context(run_auth_api(environment, api_port, folder))
    stack.enter_context(run_proxy(Place(folder, certificates, port, api_port, application)))
    return Company(url, certificates, provider, api)


def seen(answer: httpx.Response, name: str) -> list[str]:
    """What the application got under a name, in whichever spelling a framework takes for it."""
    assert answer.status_code == httpx.codes.OK, answer.text
    return [value for key, value in answer.json() if key.replace("_", "-") == name]


async def test_who_signs_in_lands_where_they_wanted_and_the_application_knows_them(company: Company) -> None:
    async with company.browser() as browser:
        landed = await company.sign_in(browser)

        answer = await browser.get(landed.headers["location"])

        me = (await browser.get(f"{API}/me")).json()["user"]
    assert landed.headers["location"] == f"{company.url}{REPORTS}"
    assert seen(answer, "x-auth-request-user") == [me["id"]]
    assert seen(answer, "x-auth-request-email") == [me["email"]]


@pytest.mark.parametrize(
    "names",
    [
        IDENTITY,
        [name.title() for name in IDENTITY],
        [name.upper() for name in IDENTITY],
        [name.replace("-", "_") for name in IDENTITY],
        [name.title().replace("-", "_") for name in IDENTITY],
        [name.replace("-auth-", "_auth-") for name in IDENTITY],
        [name.replace("auth-request", "auth_request") for name in IDENTITY],
        [name.replace("request-", "request_") for name in IDENTITY],
    ],
    ids=lambda names: names[0],
)
async def test_f2_what_a_client_says_of_itself_does_not_reach_the_application(
    company: Company, names: Sequence[str]
) -> None:
    claims = [(name, "root") for name in names for _ in range(2)]
    async with company.browser() as browser, company.browser() as stranger:
        await company.sign_in(browser)

        answer = await browser.get("/", headers=claims)
        refused = await stranger.get("/", headers=claims)

    assert "root" not in answer.text
    assert len(seen(answer, "x-auth-request-user")) == 1
    assert refused.status_code == httpx.codes.FOUND


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {"accept": "application/json"}),
        ("GET", {"x-requested-with": "XMLHttpRequest"}),
        ("GET", {"sec-fetch-mode": "cors"}),
        ("GET", {"user-agent": "kube-probe/1.31", "accept": "*/*"}),
        ("GET", {"user-agent": "GoogleHC/1.0", "accept": "*/*"}),
        ("GET", {"connection": "upgrade", "upgrade": "websocket", "accept": "*/*"}),
        ("HEAD", {"accept": "*/*"}),
        ("POST", {}),
        ("PUT", {}),
        ("OPTIONS", {"origin": "https://evil.example", "access-control-request-method": "GET"}),
    ],
    ids=str,
)
async def test_f3_no_probe_preflight_or_other_method_gets_by(
    company: Company, method: str, headers: dict[str, str]
) -> None:
    async with company.browser() as browser:
        answer = await browser.request(method, "/", headers=headers)

    assert answer.status_code == httpx.codes.UNAUTHORIZED


async def test_f1_a_client_that_names_another_address_is_not_sent_there(company: Company) -> None:
    claims = {
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "http",
        "x-forwarded-uri": "//evil.example/",
        "x-forwarded-method": "GET",
        "forwarded": "host=evil.example",
    }
    async with company.browser() as browser:
        answer = await browser.get("/", headers=claims)
        asked = await browser.get(f"{API}/verify?redirect=true", headers=claims)

    assert answer.status_code == httpx.codes.FOUND
    assert "evil" not in answer.headers["location"]
    assert "evil" not in str(asked.headers)


async def test_f4_where_auth_api_is_away_nobody_gets_by(company: Company) -> None:
    async with company.browser() as browser:
        await company.sign_in(browser)
        company.api.signal_group(signal.SIGSTOP)
        try:
            answer = await browser.get("/", timeout=5)
            assert answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
        except httpx.TimeoutException:
            pass  # nor is anything answered
        finally:
            company.api.signal_group(signal.SIGCONT)

        assert (await browser.get("/")).status_code == httpx.codes.OK
