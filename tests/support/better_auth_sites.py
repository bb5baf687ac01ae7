"""auth-api beside a better-auth server, in each way in which the two can stand, with TLS as in production."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.auth_api_process import API, make_key, run_auth_api
from tests.support.better_auth import BetterAuthServer, run_better_auth
from tests.support.certificates import Certificates, make_certificates
from tests.support.desk import AUTH_HOST
from tests.support.loopback import loopback_client
from tests.support.path_proxy import run_path_proxy
from tests.support.ports import unused_port
from tests.support.relay import relaying
from tests.support.sites import APPLICATION_HOST


@dataclass(frozen=True)
class BetterAuthSite:
    """Everything that runs.

    Attributes:
        url: What browsers call auth-api.
        sign_in_url: Where people sign in: a page of the better-auth server.
    """

    url: str
    sign_in_url: str
    server: BetterAuthServer
    certificates: Certificates

    @property
    def me(self) -> str:
        """Where auth-api tells who is signed in."""
        return f"{self.url}{API}/me"

    def program(self, **headers: str) -> httpx.AsyncClient:
        """Return a client that is no browser."""
        return loopback_client(self.url, self.certificates, headers)


@contextmanager
def one_host(folder: Path) -> Generator[BetterAuthSite]:
    """Both behind one proxy, on one host, told apart by their paths."""
    certificates = make_certificates(folder)
    with run_path_proxy(certificates) as proxy:
        url, port = f"https://{APPLICATION_HOST}:{proxy.port}", unused_port()
        with run_better_auth(base_url=url) as server:
            proxy.targets = {"/": port, "/api/auth/": _port(server), "/login": _port(server)}
            with run_auth_api(_environment(server, url, url), port, folder):
                yield BetterAuthSite(url, f"{url}/login", server, certificates)


@contextmanager
def siblings(folder: Path, **variables: str) -> Generator[BetterAuthSite]:
    """Each on a host of its own below one domain, to which the server's cookies belong."""
    certificates = make_certificates(folder)
    port, server_port = unused_port(), unused_port()
    with relaying(certificates, {APPLICATION_HOST: server_port}) as proxy:
        proxy.target = port
        url, server_url = f"https://{AUTH_HOST}:{proxy.port}", f"https://{APPLICATION_HOST}:{proxy.port}"
        with run_better_auth(base_url=server_url, port=server_port, cookie_domain="acme.localhost") as server:
            environment = {**_environment(server, url, server_url), **variables}
            with run_auth_api(environment, port, folder):
                yield BetterAuthSite(url, f"{server_url}/login", server, certificates)


def _environment(server: BetterAuthServer, url: str, server_url: str) -> dict[str, str]:
    return {
        "NETSCRIPT_KV_URL": "memory://",
        "NETSCRIPT_AUTH_KEYS": make_key(),
        "NETSCRIPT_AUTH_BACKEND": "better-auth",
        "NETSCRIPT_AUTH_PUBLIC_URL": url,
        "BETTER_AUTH_URL": server.address,
        "BETTER_AUTH_ISSUER": server_url,
        "BETTER_AUTH_SECRET": server.secret,
        "BETTER_AUTH_SIGN_IN_URL": f"{server_url}/login",
    }


def _port(server: BetterAuthServer) -> int:
    return int(server.address.rpartition(":")[2])
