"""A developer's machine: a provider runs, and auth-api may be started, killed and started again."""

import secrets
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.support.auth_api_process import API, CALLBACK, MODULE, make_key, run_auth_api
from tests.support.dev_provider import CLIENT_ID, DevProviderProcess, run_dev_provider
from tests.support.loopback import loopback_client
from tests.support.ports import unused_port
from tests.support.program import Program
from tests.support.relay import Relay, relaying

AUTH_HOST = "auth.acme.localhost"
BACKCHANNEL_LOGOUT = f"{API}/backchannel-logout/oidc"


@dataclass(frozen=True)
class Desk:
    """What auth-api is to be started with.

    Attributes:
        url: What browsers call auth-api.
        port: Where it listens.
        folder: Where it runs.
        environment: All its variables but the port.
        provider: Where people sign in.
        relay: What auth-api and browsers said to the provider, and it to them.
    """

    url: str
    port: int
    folder: Path
    environment: Mapping[str, str] = field(repr=False)
    provider: DevProviderProcess
    relay: Relay

    @property
    def database(self) -> Path:
        """The file with the sessions."""
        return self.folder / "auth.db"

    def run(self, command: Sequence[str | Path] = MODULE) -> AbstractContextManager[Program]:
        """Run auth-api while the block lasts, from when it is ready."""
        return run_auth_api(self.environment, self.port, self.folder, command)

    def client(self) -> httpx.AsyncClient:
        """Return an HTTP client with cookies of its own; it resolves addresses below auth-api's."""
        return loopback_client(self.url)


@contextmanager
def run_desk(
    folder: Path,
    provider_options: Sequence[str] = (),
    kv_url: str = "",
    more: Mapping[str, str] | None = None,
) -> Generator[Desk]:
    """Run the provider while the block lasts.

    Args:
        folder: For files and output.
        provider_options: Of its command line.
        kv_url: Where sessions are kept; in a file of the folder by default.
        more: Variables of auth-api besides.
    """
    port, provider_port, client_secret = unused_port(), unused_port(), secrets.token_urlsafe(32)
    url = f"http://{AUTH_HOST}:{port}"
    with relaying() as relay:
        relay.target, issuer = provider_port, f"http://localhost:{relay.port}"
        environment = {
            "NETSCRIPT_PROFILE": "development",
            "NETSCRIPT_KV_URL": kv_url or f"sqlite:///{folder / 'auth.db'}",
            "NETSCRIPT_AUTH_KEYS": make_key(),
            "NETSCRIPT_AUTH_PUBLIC_URL": url,
            "NETSCRIPT_AUTH_ISSUER": issuer,
            "NETSCRIPT_AUTH_CLIENT_ID": CLIENT_ID,
            "NETSCRIPT_AUTH_CLIENT_SECRET": client_secret,
            "NETSCRIPT_AUTH_END_SESSION": "true",
            "NETSCRIPT_AUTH_SESSIONS_PER_USER": "500",  # whole crowds sign in as one person
            **(more or {}),
        }
        options = [
            *("--issuer", issuer, "--post-logout-redirect-uri", f"{url}/signed-out"),
            *("--backchannel-logout-uri", f"http://localhost:{port}{BACKCHANNEL_LOGOUT}"),
            *provider_options,
        ]
        with run_dev_provider(folder, provider_port, f"{url}{CALLBACK}", client_secret, options):
            yield Desk(url, port, folder, environment, DevProviderProcess(issuer), relay)
