"""The parts of the backend, put together for a mode."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from netscript_auth_better_auth.backend import BetterAuthBackend, Parts
from netscript_auth_better_auth.configuration.server_config import ServerConfig
from netscript_auth_better_auth.configuration.settings import Mode
from netscript_auth_better_auth.naming import BACKEND
from netscript_auth_better_auth.offered import remote_capabilities, token_capabilities
from netscript_auth_better_auth.people import People
from netscript_auth_better_auth.remote.credentials import Credentials
from netscript_auth_better_auth.remote.reads import RemoteReads
from netscript_auth_better_auth.remote.sessions import RemoteSessions
from netscript_auth_better_auth.server.server_client import ServerClient
from netscript_auth_better_auth.server.server_http import ServerHttp
from netscript_auth_better_auth.tokens.reads import BearerTokens, TokenReads
from netscript_auth_better_auth.tokens.token_keys import TokenKeys
from netscript_auth_core.background import Background
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.hosted import HostedSessions
from netscript_auth_core.upstream_sessions import UpstreamSessions
from netscript_kernel.clock import Clock
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import KvStorePort

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the backend stands on; the service's, or an application's."""

    store: KvStorePort
    keys: SealingKeys
    users: UserDirectory
    clock: Clock
    http: "httpx.AsyncClient | None" = None


def assemble(config: ServerConfig, mode: Mode, around: Surroundings) -> BetterAuthBackend:
    """Return the backend, whole."""
    http = ServerHttp(config.base_url, around.http)
    client = ServerClient(http, config)
    known = UpstreamSessions(BACKEND, around.store, around.keys, around.users, around.clock)
    return (_remote if mode is Mode.REMOTE else _by_token)(config, around, http, client, known)


def _remote(
    config: ServerConfig,
    around: Surroundings,
    http: ServerHttp,
    client: ServerClient,
    known: UpstreamSessions,
) -> BetterAuthBackend:
    capabilities, credentials = remote_capabilities(config), Credentials(config)
    reads = RemoteReads(config, client, credentials, People(config), known, around.clock)
    return BetterAuthBackend(
        Parts(
            capabilities=capabilities,
            store=around.store,
            tokens=credentials,
            sessions=RemoteSessions(capabilities, client, reads, credentials, known, around.clock),
            authenticate=reads.authenticate,
            check_upstream=client.check,
            background=Background(),
            close=http.aclose,
        )
    )


def _by_token(
    config: ServerConfig,
    around: Surroundings,
    http: ServerHttp,
    client: ServerClient,
    known: UpstreamSessions,
) -> BetterAuthBackend:
    capabilities, background = token_capabilities(config), Background()
    keys = TokenKeys(client, around.clock, background)
    tokens = BearerTokens(keys)
    reads = TokenReads(config.tokens, tokens, keys, People(config), known, around.clock)
    return BetterAuthBackend(
        Parts(
            capabilities=capabilities,
            store=around.store,
            tokens=tokens,
            # A token lives to its end: nothing here or there ends it before.
            sessions=HostedSessions(BACKEND, capabilities, known),
            authenticate=reads.authenticate,
            check_upstream=keys.get,
            background=background,
            close=http.aclose,
        )
    )
