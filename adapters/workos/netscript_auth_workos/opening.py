"""Opens the backend: from the environment's settings, or from an application's own code."""

import logging
import os
from typing import TYPE_CHECKING, TypeAlias

from netscript_auth_core.backends import BackendContext, BackendDefinition
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.events import EventSink, LogEventSink
from netscript_auth_workos.assembly import assemble, assemble_interactive
from netscript_auth_workos.backend import WorkOSBackend
from netscript_auth_workos.checks import workos_checks
from netscript_auth_workos.configuration.settings import WorkOSSettings
from netscript_auth_workos.foundation import Foundation, prepare
from netscript_auth_workos.interactive.interactive_backend import InteractiveWorkOSBackend
from netscript_kernel.clock import Clock, SystemClock
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.keyring import KEY_BYTES, KeyRing
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import KvStorePort

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger("netscript.auth.workos")

EitherBackend: TypeAlias = WorkOSBackend | InteractiveWorkOSBackend


async def open_backend(settings: WorkOSSettings, context: BackendContext) -> EitherBackend:
    """Build the backend from its settings; the entry point ``workos`` leads here. Asks nobody yet.

    Raises:
        ConfigurationError: with every fault of the settings.
    """
    return _assembled(prepare(settings, context))


definition = BackendDefinition(settings=WorkOSSettings, open=open_backend, checks=workos_checks)


def create_workos_backend(
    settings: WorkOSSettings,
    *,
    public_url: str | None = None,
    store: KvStorePort | None = None,
    keys: SealingKeys | None = None,
    clock: Clock | None = None,
    http: "httpx.AsyncClient | None" = None,
    users: UserDirectory | None = None,
    events: EventSink | None = None,
    is_production: bool = True,
) -> EitherBackend:
    """Build the backend in code.

    Args:
        settings: Such as ``WorkOSSettings(api_key=..., client_id=..., cookie_password=...)``.
        public_url: What the outside calls the service; needed where people sign in through us.
        store: Where sessions are kept, and stays the caller's to close; in memory if left out.
        keys: Seals refresh tokens and signs flow cookies; made up if left out.
        clock: The machine's if left out.
        http: Speaks to WorkOS, and stays the caller's to close; for proxies, for example.
        users: Gives our user ids; kept in ``store`` if left out.
        events: Takes what the backend does on its own; the log if left out.
        is_production: Whether WorkOS must be spoken to by https, even on this machine.

    Raises:
        ConfigurationError: with every fault of the settings.
    """
    if settings.interactive and public_url is None:
        fix = "what the outside calls the service, such as https://auth.acme.example"
        raise ConfigurationError([Fault("public_url", "is not set", fix)])
    time = SystemClock() if clock is None else clock
    kept = MemoryKvStore(time) if store is None else store
    context = BackendContext(
        public_url=(public_url or "").rstrip("/"),
        is_production=is_production,
        store=kept,
        keys=_fresh_keys() if keys is None else keys,
        users=UserDirectory(kept, time) if users is None else users,
        clock=time,
        events=LogEventSink() if events is None else events,
    )
    return _assembled(prepare(settings, context, http=http))


def _assembled(on: Foundation) -> EitherBackend:
    return assemble_interactive(on) if on.settings.interactive else assemble(on)


def _fresh_keys() -> KeyRing:
    _log.warning("no keys were given: sign-ins under way and refresh tokens end with this process")
    return KeyRing([os.urandom(KEY_BYTES)])
