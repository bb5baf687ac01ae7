"""A credential that auth-api renews while a proxy asks: whether the browser gets it, by each of the examples.

That ``/verify`` answers with it is shown in ``tests/plugin_auth/test_verify.py``. Here something else answers
in its place, since no adapter renews under all of these names.
"""

from collections.abc import Generator
from dataclasses import dataclass

import httpx
import pytest

from tests.support.auth_api import NAVIGATING
from tests.support.certificates import Certificates, make_certificates
from tests.support.desk import AUTH_HOST
from tests.support.echo import run_echo
from tests.support.loopback import loopback_client
from tests.support.ports import unused_port
from tests.support.proxies import Place, RunProxy, run_caddy, run_envoy, run_nginx, run_traefik
from tests.support.verdict import Verdict, run_verdict

pytestmark = [
    *(pytest.mark.proxy, pytest.mark.slow, pytest.mark.full),
    pytest.mark.xdist_group("forward_auth_renewal"),
]

PROXIES: dict[str, RunProxy] = {
    "nginx": run_nginx,
    "caddy": run_caddy,
    "traefik": run_traefik,
    "envoy": run_envoy,
}
SIGNED_IN = {"X-Auth-Request-User": "usr_1", "X-Auth-Request-Email": "", "X-Auth-Request-Groups": ""}
ATTRIBUTES = {"max-age=60", "path=/", "secure", "httponly", "samesite=lax"}
LINE = "=renewed; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Lax"


@dataclass(frozen=True)
class Gateway:
    """A proxy, and what it is told."""

    name: str
    url: str
    certificates: Certificates
    verdict: Verdict

    async def get(self) -> httpx.Response:
        """Open a page of the application."""
        async with loopback_client(self.url, self.certificates, NAVIGATING) as browser:
            return await browser.get("/reports")


@pytest.fixture(scope="module", params=PROXIES)
def gateway(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Gateway]:
    folder, port = tmp_path_factory.mktemp("renewal"), unused_port()
    certificates = make_certificates(folder)
    with run_verdict() as verdict, run_echo() as application:
        place = Place(folder, certificates, port, verdict.port, application)
        with PROXIES[request.param](place):
            yield Gateway(request.param, f"https://{AUTH_HOST}:{port}", certificates, verdict)


def attributes(line: str) -> set[str]:
    return {part.strip().lower() for part in line.split(";")[1:]}


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("__Host-netscript-session", ""),
        ("__Secure-netscript-session", "acme.localhost"),
        ("wos-session", "acme.localhost"),
    ],
)
async def test_f5_a_renewed_credential_reaches_the_browser_beside_the_page(
    gateway: Gateway, name: str, domain: str
) -> None:
    place = {f"domain={domain}"} if domain else set[str]()
    gateway.verdict.status, gateway.verdict.headers = 200, SIGNED_IN
    gateway.verdict.cookies = [f"{name}{LINE}{'; Domain=' if domain else ''}{domain}"]

    answer = await gateway.get()

    assert ["x-auth-request-user", "usr_1"] in answer.json()
    [line] = answer.headers.get_list("set-cookie")
    assert line.startswith(f"{name}=renewed;")
    assert attributes(line) == ATTRIBUTES | place


async def test_f5_where_nothing_was_renewed_no_cookie_is_set(gateway: Gateway) -> None:
    gateway.verdict.status, gateway.verdict.headers, gateway.verdict.cookies = 200, SIGNED_IN, ()

    answer = await gateway.get()

    assert answer.status_code == httpx.codes.OK
    assert "set-cookie" not in answer.headers


async def test_f5_a_credential_that_is_taken_away_is_so_on_the_way_to_the_sign_in(
    gateway: Gateway,
) -> None:
    there = f"{gateway.url}/api/v1/auth/signin"
    gateway.verdict.cookies = ["__Host-netscript-session=; Max-Age=0; Path=/; Secure; HttpOnly"]
    if gateway.name == "nginx":  # which asks without a wish for redirects
        gateway.verdict.status, gateway.verdict.headers = 401, {"X-Auth-Request-Redirect": there}
    else:
        gateway.verdict.status, gateway.verdict.headers = 302, {"Location": there}

    answer = await gateway.get()

    assert (answer.status_code, answer.headers["location"]) == (httpx.codes.FOUND, there)
    [line] = answer.headers.get_list("set-cookie")
    assert line.startswith("__Host-netscript-session=;")
