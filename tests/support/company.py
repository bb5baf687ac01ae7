"""What a company has behind its proxy: an application that echoes, auth-api, and a provider to sign in at."""

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from tests.support.auth_api import NAVIGATING
from tests.support.auth_api_process import CALLBACK, make_key, run_auth_api
from tests.support.certificates import Certificates, make_certificates
from tests.support.desk import AUTH_HOST
from tests.support.echo import run_echo
from tests.support.loopback import loopback_client
from tests.support.oidc_provider import OidcProvider, run_oidc_provider
from tests.support.ports import unused_port
from tests.support.program import Program
from tests.support.proxies import Change, Place, unchanged

REPORTS = "/reports?year=2026"


@dataclass(frozen=True)
class Company:
    """An application and auth-api; in front of them there is to be a proxy.

    Attributes:
        url: What browsers call both.
        api: auth-api, behind the proxy.
    """

    url: str
    certificates: Certificates
    provider: OidcProvider
    api: Program
    _place: Place

    @property
    def port(self) -> int:
        """Where the proxy listens, on 127.0.0.1."""
        return self._place.port

    def place(self, change: Change = unchanged) -> Place:
        """Where the proxy runs; one after the other."""
        return replace(self._place, change=change)

    def browser(self) -> httpx.AsyncClient:
        """A browser, with cookies of its own."""
        return loopback_client(self.url, self.certificates, NAVIGATING)

    async def sign_in(self, browser: httpx.AsyncClient, wanted: str = REPORTS) -> httpx.Response:
        """Open a page of the application, sign in where that leads, and return the answer of the callback."""
        sent = await browser.get(wanted)
        assert sent.status_code == httpx.codes.FOUND, sent.text
        begun = await browser.get(sent.headers["location"])
        return await browser.get(await self.provider.sign_in(begun.headers["location"], "alice"))


@contextmanager
def run_company(folder: Path, more: Mapping[str, str] | None = None) -> Generator[Company]:
    """Run all of it but the proxy while the block lasts.

    Args:
        folder: For files and output.
        more: Variables of auth-api besides.
    """
    certificates, port, api_port = make_certificates(folder), unused_port(), unused_port()
    url = f"https://{AUTH_HOST}:{port}"
    with ExitStack() as stack:
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
            **(more or {}),
        }
        api = stack.enter_context(run_auth_api(environment, api_port, folder))
        place = Place(folder, certificates, port, api_port, application)
        yield Company(url, certificates, provider, api, place)
