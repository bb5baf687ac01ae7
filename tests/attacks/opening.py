"""Opens worlds."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from netscript_auth_core.testing import RecordedEvents
from netscript_auth_kv_oauth import ProviderConfig, providers
from netscript_dev_provider.config import Client
from netscript_dev_provider.config import ProviderConfig as DevProviderConfig
from netscript_dev_provider.personas import PERSONAS, Persona
from netscript_dev_provider.testing import DevProvider
from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.sqlite import open_sqlite_store
from tests.attacks.logbook import Logbook
from tests.attacks.sites import Sites
from tests.attacks.watched_store import WatchedKvStore
from tests.attacks.world import CALLBACK, CLIENT_SECRET, ISSUER, OTHER_ISSUER, SIGNED_OUT, World
from tests.kv_oauth.wire import Wire
from tests.support.auth_api import PUBLIC_URL

SCOPES = ("openid", "email", "profile")
OFFLINE = (*SCOPES, "offline_access")


@asynccontextmanager
async def open_world(
    *,
    sqlite: Path | None = None,
    several: bool = False,
    scopes: Sequence[str] = SCOPES,
    end_session: bool = False,
    personas: Sequence[Persona] = PERSONAS,
    **variables: str,
) -> AsyncGenerator[World]:
    """Run everything while the block lasts.

    Args:
        sqlite: The file of the store; in memory if left out.
        several: Whether there are two providers, ``first`` and ``second``.
        scopes: What is asked for.
        end_session: Whether browsers are signed out at the providers too.
        personas: Who can sign in.
        variables: More of the environment, by names without ``NETSCRIPT_AUTH_``.
    """
    clock = SettableClock()
    issuers = {"first": ISSUER, "second": OTHER_ISSUER} if several else {"oidc": ISSUER}
    configs = [
        replace(_config(name, issuer, scopes, several=several), end_session=end_session)
        for name, issuer in issuers.items()
    ]
    idps = {config.id: _idp(config, personas, clock) for config in configs}
    sites = Sites({httpx.URL(idp.issuer).host: idp.transport for idp in idps.values()})
    wire = Wire(sites)
    inner = MemoryKvStore(clock) if sqlite is None else await open_sqlite_store(sqlite, clock)
    store = WatchedKvStore(inner)
    with Logbook() as log:
        async with httpx.AsyncClient(transport=wire) as http:
            world = World(clock, store, RecordedEvents(), log, idps, sites, wire, http, configs, variables)
            await world.add_worker()
            try:
                yield world
            finally:
                await world.settle()
                for service in world.workers:
                    await service.stop()


def _config(name: str, issuer: str, scopes: Sequence[str], *, several: bool) -> ProviderConfig:
    redirect_uri = f"{PUBLIC_URL}{CALLBACK}/{name}" if several else f"{PUBLIC_URL}{CALLBACK}"
    return providers.oidc(
        id=name,
        issuer=issuer,
        client_id=f"auth-api-at-{name}",
        client_secret=CLIENT_SECRET,
        redirect_uri=redirect_uri,
        scopes=scopes,
    )


def _idp(config: ProviderConfig, personas: Sequence[Persona], clock: SettableClock) -> DevProvider:
    client = Client(config.client_id, CLIENT_SECRET, (config.redirect_uri,), (SIGNED_OUT,))
    told = DevProviderConfig(config.issuer, (client,), personas=tuple(personas))
    return DevProvider(config=told, clock=clock.now)
