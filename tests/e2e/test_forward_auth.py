"""An application behind a proxy that asks auth-api first: each of those of ``examples/forward-auth``."""

import signal
from collections.abc import Generator, Sequence

import httpx
import pytest

from tests.support.auth_api_process import API
from tests.support.company import REPORTS, Company, run_company
from tests.support.proxies import RunProxy, run_caddy, run_envoy, run_nginx, run_traefik

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
IDENTITY = ("x-auth-request-user", "x-auth-request-email", "x-auth-request-groups")


@pytest.fixture(scope="module", params=PROXIES)
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Company]:
    folder = tmp_path_factory.mktemp("forward-auth")
    with run_company(folder) as company, PROXIES[request.param](company.place()):
        yield company


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
