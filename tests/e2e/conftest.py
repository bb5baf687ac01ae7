"""Two whole systems, one as on a developer's machine and one as in production, and a browser."""

import secrets
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.support.application import run_application
from tests.support.auth_api_process import CALLBACK, MODULE, SERVE, make_key, run_auth_api
from tests.support.certificates import make_certificates
from tests.support.dev_provider import CLIENT_ID, DevProviderProcess, run_dev_provider
from tests.support.oidc_provider import run_oidc_provider
from tests.support.ports import unused_port
from tests.support.relay import relaying
from tests.support.site import Site

AUTH_HOST, APPLICATION_HOST = "auth.acme.localhost", "app.acme.localhost"
BROWSER_ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)


@pytest.fixture(scope="session")
def development_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Plain HTTP, the development profile, the development provider."""
    with run_development_site(tmp_path_factory.mktemp("development")) as site:
        yield site


@pytest.fixture(scope="session")
def production_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The production profile, TLS, and a provider that shares no code with ours."""
    with run_production_site(tmp_path_factory.mktemp("production")) as site:
        yield site


@pytest.fixture(scope="session")
async def browser(chromium_path: str) -> AsyncGenerator[Browser]:
    """One browser for all tests; each makes contexts of its own in it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path, args=list(BROWSER_ARGUMENTS)
        )
        yield browser
        await browser.close()


@contextmanager
def run_development_site(folder: Path) -> Generator[Site]:
    """Run what ``netscript auth dev`` runs, on the host names of a real deployment."""
    port, provider_port = unused_port(), unused_port()
    url, issuer = f"http://{AUTH_HOST}:{port}", f"http://localhost:{provider_port}"
    database, client_secret, key = folder / "auth.db", secrets.token_urlsafe(32), make_key()
    environment = {
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_KV_URL": f"sqlite:///{database}",
        "NETSCRIPT_AUTH_KEYS": key,
        "NETSCRIPT_AUTH_PUBLIC_URL": url,
        "NETSCRIPT_AUTH_ISSUER": issuer,
        "NETSCRIPT_AUTH_CLIENT_ID": CLIENT_ID,
        "NETSCRIPT_AUTH_CLIENT_SECRET": client_secret,
    }
    with (
        run_dev_provider(folder, provider_port, f"{url}{CALLBACK}", client_secret),
        run_auth_api(environment, port, folder, MODULE) as api,
        run_application() as application,
    ):
        yield Site(
            url=url,
            application_url=f"http://{APPLICATION_HOST}:{application.port}",
            api=api,
            application=application,
            provider=DevProviderProcess(issuer),
            client_secret=client_secret,
            key=key,
            database=database,
        )


@contextmanager
def run_production_site(folder: Path) -> Generator[Site]:
    """Run auth-api and the application behind one proxy, on one port, and the provider behind another."""
    certificates = make_certificates(folder)
    database, key, port = folder / "auth.db", make_key(), unused_port()
    with (
        run_application() as application,
        relaying(certificates, {APPLICATION_HOST: application.port}) as proxy,
        relaying(certificates) as provider_proxy,
    ):
        url, issuer = f"https://{AUTH_HOST}:{proxy.port}", f"https://localhost:{provider_proxy.port}"
        with run_oidc_provider([f"{url}{CALLBACK}"], issuer=issuer, certificates=certificates) as provider:
            proxy.target, provider_proxy.target = port, int(provider.address.rpartition(":")[2])
            environment = {
                "SSL_CERT_FILE": str(certificates.authority),
                "NETSCRIPT_KV_URL": f"sqlite:///{database}",
                "NETSCRIPT_AUTH_KEYS": key,
                "NETSCRIPT_AUTH_PUBLIC_URL": url,
                "NETSCRIPT_AUTH_ISSUER": issuer,
                "NETSCRIPT_AUTH_CLIENT_ID": provider.client.client_id,
                "NETSCRIPT_AUTH_CLIENT_SECRET": provider.client.client_secret,
                "NETSCRIPT_AUTH_SCOPES": "openid email profile offline_access",
            }
            with run_auth_api(environment, port, folder, SERVE) as api:
                yield Site(
                    url=url,
                    application_url=f"https://{APPLICATION_HOST}:{proxy.port}",
                    api=api,
                    application=application,
                    provider=provider,
                    client_secret=provider.client.client_secret,
                    key=key,
                    database=database,
                    certificates=certificates,
                    relays=(proxy, provider_proxy),
                )
