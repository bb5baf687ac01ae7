"""Opens the backend: from the environment's settings, or from an application's own code."""

import logging
import os
from typing import TYPE_CHECKING

from netscript_auth_better_auth.assembly import Surroundings, assemble
from netscript_auth_better_auth.backend import BetterAuthBackend
from netscript_auth_better_auth.checks import server_checks
from netscript_auth_better_auth.configuration.settings import BetterAuthSettings
from netscript_auth_core.backends import BackendContext, BackendDefinition
from netscript_auth_core.directory import UserDirectory
from netscript_kernel.clock import Clock, SystemClock
from netscript_kernel.keyring import KEY_BYTES, KeyRing
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import KvStorePort

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger("netscript.auth.better_auth")


async def open_backend(settings: BetterAuthSettings, context: BackendContext) -> BetterAuthBackend:
    """Build the backend from its settings; the entry point ``better-auth`` leads here. Asks nobody yet.

    Raises:
        ConfigurationError: with every fault of the settings.
    """
    config = settings.server_config(is_production=context.is_production)
    return assemble(
        config, settings.mode, Surroundings(context.store, context.keys, context.users, context.clock)
    )


definition = BackendDefinition(settings=BetterAuthSettings, open=open_backend, checks=server_checks)


def create_better_auth_backend(
    settings: BetterAuthSettings,
    *,
    store: KvStorePort | None = None,
    keys: SealingKeys | None = None,
    clock: Clock | None = None,
    http: "httpx.AsyncClient | None" = None,
    users: UserDirectory | None = None,
    is_production: bool = True,
) -> BetterAuthBackend:
    """Build the backend in code.

    Args:
        settings: Such as ``BetterAuthSettings(url="https://acme.example")``.
        store: Where it is kept whose a session is; stays the caller's to close; in memory if left out.
        keys: Seals what acts for sessions at the server; made up if left out.
        clock: The machine's if left out.
        http: Speaks to the server, and stays the caller's to close; for proxies, for example.
        users: Gives our user ids; kept in ``store`` if left out.
        is_production: Whether browsers reach the server by https only, so that its cookies are ``__Secure-``.

    Raises:
        ConfigurationError: with every fault of the settings.
    """
    time = SystemClock() if clock is None else clock
    kept = MemoryKvStore(time) if store is None else store
    surroundings = Surroundings(
        kept,
        _fresh_keys() if keys is None else keys,
        UserDirectory(kept, time) if users is None else users,
        time,
        http,
    )
    return assemble(settings.server_config(is_production=is_production), settings.mode, surroundings)


def _fresh_keys() -> KeyRing:
    _log.warning("no keys were given: after this process, sessions can be ended at the server only")
    return KeyRing([os.urandom(KEY_BYTES)])
