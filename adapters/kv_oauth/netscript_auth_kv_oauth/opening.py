"""Opens the backend: from the environment's settings, or from an application's own code."""

import logging
import os
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from netscript_auth_core.backends import BackendContext, BackendDefinition
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.events import EventSink, LogEventSink
from netscript_auth_kv_oauth.assembly import Surroundings, assemble
from netscript_auth_kv_oauth.backend import KvOAuthBackend
from netscript_auth_kv_oauth.configuration.provider_checks import find_problems
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.configuration.registrations import callback_of
from netscript_auth_kv_oauth.configuration.settings import KvOAuthSettings
from netscript_auth_kv_oauth.sessions.recent_answers import LONGEST
from netscript_auth_kv_oauth.sessions.session_room import MOST_PER_USER
from netscript_auth_kv_oauth.sessions.sessions import LONGEST_SESSION, SessionLimits
from netscript_kernel.clock import Clock, SystemClock
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.keyring import KEY_BYTES, KeyRing
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import KvStorePort

if TYPE_CHECKING:
    import httpx

    from netscript_auth_core.catalogue import KnownProvider
    from netscript_auth_core.checks import Check, CheckContext

_log = logging.getLogger("netscript.auth.kv_oauth")
_USUAL: Final = SessionLimits()


async def open_backend(settings: KvOAuthSettings, context: BackendContext) -> KvOAuthBackend:
    """Build the backend from its settings; the entry point ``kv-oauth`` leads here. Asks no provider yet.

    Raises:
        ConfigurationError: with every fault of the providers.
    """
    configs = settings.provider_configs(public_url=context.public_url, is_production=context.is_production)
    for config in configs:
        _warn_of_another_callback(config, context.public_url)
    surroundings = Surroundings(
        context.store,
        context.keys,
        context.users,
        context.clock,
        context.events,
        is_production=context.is_production,
    )
    return assemble(configs, surroundings, settings.limits)


def _warn_of_another_callback(config: ProviderConfig, public_url: str) -> None:
    callbacks = {callback_of(public_url, None), callback_of(public_url, config.id)}
    if config.redirect_uri not in callbacks:
        _log.warning(
            "people come back from %s to %s, which is not a callback of this service (%s)",
            config.id,
            config.redirect_uri,
            " or ".join(sorted(callbacks)),
        )


def _known_providers() -> Sequence["KnownProvider"]:
    # Only commands ask for them, so a service that starts does not import what makes them.
    from netscript_auth_kv_oauth.configuration.catalogue import known_providers

    return known_providers()


def _checks(settings: KvOAuthSettings, context: "CheckContext") -> Sequence["Check"]:
    # Likewise; and what speaks to providers takes long to import.
    from netscript_auth_kv_oauth.checks import provider_checks

    return provider_checks(settings, context)


definition = BackendDefinition(
    settings=KvOAuthSettings, open=open_backend, catalogue=_known_providers, checks=_checks
)


def create_kv_oauth_backend(
    provider: ProviderConfig | Sequence[ProviderConfig],
    *,
    store: KvStorePort | None = None,
    keys: SealingKeys | None = None,
    clock: Clock | None = None,
    http: "httpx.AsyncClient | None" = None,
    users: UserDirectory | None = None,
    events: EventSink | None = None,
    session_ttl: timedelta = _USUAL.ttl,
    session_idle_ttl: timedelta = _USUAL.idle_ttl,
    sessions_per_user: int = _USUAL.per_user,
    session_staleness: timedelta = _USUAL.staleness,
    is_production: bool = True,
) -> KvOAuthBackend:
    """Build the backend in code.

    Args:
        provider: One of :mod:`~netscript_auth_kv_oauth.providers`, or several of them.
        store: Where sessions are kept, and stays the caller's to close; in memory if left out.
        keys: Seals provider tokens and signs flow cookies; made up if left out.
        clock: The machine's if left out.
        http: Speaks to providers, and stays the caller's to close; for proxies, for example.
        users: Gives our user ids; kept in ``store`` if left out.
        events: Takes what the backend does on its own; the log if left out.
        session_ttl: How long a session lives, whatever happens; at most 400 days.
        session_idle_ttl: How long it lives without use; at least a second.
        sessions_per_user: How many one person has, until the next sign-in ends the oldest; at most 500.
        session_staleness: For so long an answer may be given again without a look at the store, so that what
            other processes ended is seen as late; at most 30 seconds.
        is_production: Whether providers must be spoken to by https, even on this machine.

    Raises:
        ConfigurationError: names what is wrong with a provider or a limit.
    """
    configs = (provider,) if isinstance(provider, ProviderConfig) else tuple(provider)
    limits = SessionLimits(session_ttl, session_idle_ttl, sessions_per_user, session_staleness)
    _check(configs, limits, is_production=is_production)
    time = SystemClock() if clock is None else clock
    kept = MemoryKvStore(time) if store is None else store
    surroundings = Surroundings(
        kept,
        _fresh_keys() if keys is None else keys,
        UserDirectory(kept, time) if users is None else users,
        time,
        LogEventSink() if events is None else events,
        http,
        is_production=is_production,
        owns_store=store is None,
    )
    return assemble(configs, surroundings, limits)


def _check(configs: Sequence[ProviderConfig], limits: SessionLimits, *, is_production: bool) -> None:
    faults = [
        Fault(f"{config.id}.{problem.field}", problem.problem, problem.fix)
        for config, found in zip(configs, find_problems(configs, is_production=is_production), strict=True)
        for problem in found
    ]
    if len({config.id for config in configs}) != len(configs) or not configs:
        faults.append(Fault("provider", "is not one provider, or several with different ids", "set id="))
    if not timedelta(seconds=1) <= limits.idle_ttl <= limits.ttl:
        fix = "at least a second, and at most session_ttl"
        faults.append(Fault("session_idle_ttl", "is not between a second and session_ttl", fix))
    if limits.ttl > LONGEST_SESSION:
        fix = f"at most {LONGEST_SESSION.days} days"
        faults.append(Fault("session_ttl", f"is more than {LONGEST_SESSION.days} days", fix))
    if not 1 <= limits.per_user <= MOST_PER_USER:
        fix = f"at least one, and at most {MOST_PER_USER}"
        faults.append(Fault("sessions_per_user", f"is not between 1 and {MOST_PER_USER}", fix))
    if not timedelta(0) <= limits.staleness <= LONGEST:
        fix = f"at most {LONGEST.seconds} seconds"
        faults.append(Fault("session_staleness", f"is not between 0 and {LONGEST.seconds} seconds", fix))
    if faults:
        raise ConfigurationError(faults)


def _fresh_keys() -> KeyRing:
    _log.warning("no keys were given: sign-ins under way and provider tokens end with this process")
    return KeyRing([os.urandom(KEY_BYTES)])
