"""What soaks: a store that survives its end, the development provider, and auth-api with its workers."""

import secrets
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.serving.processes import children_of
from tests.support.auth_api_process import CALLBACK, SERVE, make_key, run_auth_api
from tests.support.dev_provider import CLIENT_ID, run_dev_provider
from tests.support.ports import unused_port
from tests.support.program import Program
from tests.support.valkey import Valkey, running_valkey

WORKERS = 2
AUTH_HOST = "auth.acme.localhost"
_DURABLE = ("--appendonly", "yes", "--appendfsync", "always")
_REFRESHED = " auth.token.refreshed "


class Store:
    """A Valkey server that can be killed, and started again with what it had acknowledged.

    Args:
        folder: For its files.
        stack: Ends what runs.
    """

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._server: Valkey = stack.enter_context(running_valkey(folder, *_DURABLE))

    @property
    def url(self) -> str:
        """As in ``NETSCRIPT_KV_URL``."""
        return self._server.url

    def kill(self) -> None:
        """End it as a power failure would."""
        self._server.kill()

    def start(self) -> None:
        """Start it again, at the same port; return when it answers."""
        server = running_valkey(self._folder, *_DURABLE, port=self._server.port)
        self._server = self._stack.enter_context(server)


@dataclass(frozen=True, slots=True)
class Place:
    """Where clients go.

    Attributes:
        port: Of auth-api.
        provider_port: Of the provider.
    """

    port: int
    provider_port: int

    @property
    def host(self) -> str:
        """What browsers call auth-api."""
        return f"{AUTH_HOST}:{self.port}"


@dataclass(frozen=True, slots=True)
class Site:
    """All that runs."""

    place: Place
    store: Store
    api: Program

    def workers(self) -> list[int]:
        """Return the processes that answer."""
        ours = self.api.process_ids()
        main = next(each for each in ours if set(children_of(each)) & set(ours))
        return [each for each in children_of(main) if each in ours]

    def refreshes(self) -> int:
        """Return how many provider tokens were refreshed, by the events of the log."""
        return (self.api.stdout + self.api.stderr).count(_REFRESHED)


@contextmanager
def running_site(folder: Path) -> Generator[Site]:
    """Run everything while the block lasts; the provider signs anybody in without a page."""
    port, provider_port, secret = unused_port(), unused_port(), secrets.token_urlsafe(32)
    url = f"http://{AUTH_HOST}:{port}"
    with ExitStack() as stack:
        store = Store(folder, stack)
        environment = {
            "NETSCRIPT_PROFILE": "development",
            "NETSCRIPT_KV_URL": store.url,
            "NETSCRIPT_AUTH_KEYS": make_key(),
            "NETSCRIPT_AUTH_PUBLIC_URL": url,
            "NETSCRIPT_AUTH_ISSUER": f"http://localhost:{provider_port}",
            "NETSCRIPT_AUTH_CLIENT_ID": CLIENT_ID,
            "NETSCRIPT_AUTH_CLIENT_SECRET": secret,
            "NETSCRIPT_AUTH_SCOPES": "openid email profile offline_access",
            "NETSCRIPT_AUTH_SESSIONS_PER_USER": "500",
            "NETSCRIPT_AUTH_RATE_LIMIT": "off",  # all of it comes from one address
            "NETSCRIPT_AUTH_AUDIT": "log",
        }
        provider = run_dev_provider(folder, provider_port, f"{url}{CALLBACK}", secret, ["--auto-sign-in"])
        stack.enter_context(provider)
        command = (*SERVE, "--workers", str(WORKERS))
        api = stack.enter_context(run_auth_api(environment, port, folder, command))
        yield Site(Place(port, provider_port), store, api)
