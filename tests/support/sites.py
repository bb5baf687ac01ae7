"""Runs whole systems: as on a developer's machine, and as in production."""

import signal
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tests.support.application import run_application
from tests.support.auth_api_process import CALLBACK, SERVE, make_key, run_auth_api
from tests.support.certificates import make_certificates
from tests.support.desk import AUTH_HOST, run_desk
from tests.support.oidc_provider import run_oidc_provider
from tests.support.ports import unused_port
from tests.support.relay import relaying
from tests.support.site import Site

APPLICATION_HOST = "app.acme.localhost"
_COOKIE_DOMAIN: Final = "NETSCRIPT_AUTH_COOKIE_DOMAIN"
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@contextmanager
def run_development_site(folder: Path) -> Generator[Site]:
    """Run what ``netscript auth dev`` runs, on the host names of a real deployment."""
    with run_desk(folder) as desk, desk.run() as api, run_application() as application:
        yield Site(
            url=desk.url,
            port=desk.port,
            application_url=f"http://{APPLICATION_HOST}:{application.port}",
            api=api,
            application=application,
            provider=desk.provider,
            database=desk.database,
        )


@contextmanager
def run_production_site(
    folder: Path,
    command: Sequence[str | Path] = SERVE,
    more: Mapping[str, str] = _NOTHING,
    *,
    cookie_domain: str | None = None,
) -> Generator[Site]:
    """Run auth-api and the application behind one proxy, on one port, and the provider behind another.

    Args:
        folder: For files and output.
        command: How auth-api is started.
        more: Of its variables.
        cookie_domain: With one, the application's pages may call auth-api, and people may go there.
    """
    certificates = make_certificates(folder)
    database, key, salt, port = folder / "auth.db", make_key(), make_key(), unused_port()
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
                "NETSCRIPT_AUTH_AUDIT_SALT": salt,
                "NETSCRIPT_AUTH_PUBLIC_URL": url,
                "NETSCRIPT_AUTH_ISSUER": issuer,
                "NETSCRIPT_AUTH_CLIENT_ID": provider.client.client_id,
                "NETSCRIPT_AUTH_CLIENT_SECRET": provider.client.client_secret,
                "NETSCRIPT_AUTH_SCOPES": "openid email profile offline_access",
                **more,
            }
            application_url = f"https://{APPLICATION_HOST}:{proxy.port}"
            if cookie_domain is not None:
                environment |= {
                    _COOKIE_DOMAIN: cookie_domain,
                    "NETSCRIPT_AUTH_ALLOWED_ORIGINS": application_url,
                    "NETSCRIPT_AUTH_ALLOWED_RETURN_TO": application_url,
                }
            with run_auth_api(environment, port, folder, command) as api:
                yield Site(
                    url=url,
                    port=port,
                    application_url=application_url,
                    api=api,
                    application=application,
                    provider=provider,
                    secrets={"client secret": provider.client.client_secret, "key": key, "salt": salt},
                    database=database,
                    certificates=certificates,
                    relays=(proxy, provider_proxy),
                    cookie_domain=cookie_domain,
                    environment=environment,
                )


@contextmanager
def of_another_cookie_domain(site: Site, cookie_domain: str | None) -> Generator[Site]:
    """Stop auth-api, and run it anew, with another cookie domain or none, while the block lasts."""
    site.api.signal_main(signal.SIGTERM)
    site.api.wait()
    environment = {name: text for name, text in site.environment.items() if name != _COOKIE_DOMAIN}
    if cookie_domain is not None:
        environment[_COOKIE_DOMAIN] = cookie_domain
    with run_auth_api(environment, site.port, site.database.parent) as api:
        yield replace(site, api=api, cookie_domain=cookie_domain, environment=environment)
