"""Opens store and backend as the configuration says: for the service, and for commands beside it."""

import logging
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from netscript_auth_core.backends import BackendContext, check_capabilities
from netscript_auth_core.checks import Finding, Severity
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.events import EventSink
from netscript_auth_core.ports import AuthBackendPort
from netscript_kernel.clock import Clock, SystemClock
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.keyring import KeyRing, parse_keys
from netscript_kernel.kv.port import KvStorePort
from netscript_kernel.kv.urls import open_store
from netscript_plugin_auth.audit.sinks import close_sink, sink_of
from netscript_plugin_auth.configuration import Configuration
from netscript_plugin_auth.development.key import development_keys
from netscript_plugin_auth.feed_findings import feed_findings
from netscript_plugin_auth.journal import Journal
from netscript_plugin_auth.settings import AuthServiceSettings
from netscript_plugin_auth.store_findings import store_findings

_log = logging.getLogger("netscript.auth")

_SHARED_COOKIE: Final = (
    "NETSCRIPT_AUTH_COOKIE_DOMAIN gives the session cookie to every host of that domain: each can read it "
    "and act as whoever comes by, or set it and sign people in as somebody else; leave it out unless all are "
    "yours"
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What was opened; the backend is not started yet.

    Attributes:
        settings: Of the service itself.
        backend: The active one, together with those that are drained.
        active: That one alone.
        earlier: Those that are drained.
    """

    settings: AuthServiceSettings
    store: KvStorePort
    backend: AuthBackendPort
    keys: KeyRing
    clock: Clock
    events: EventSink
    active: AuthBackendPort
    earlier: tuple[AuthBackendPort, ...]

    @property
    def journal(self) -> Journal:
        """Writes down what a command does."""
        return Journal(self.events, self.backend.name, self.clock)

    async def aclose(self) -> None:
        """Close the backend, then the store, whatever the backend says."""
        try:
            await self.backend.aclose()
        finally:
            await close_store(self.store, self.events)


async def close_store(store: KvStorePort, events: EventSink) -> None:
    """Close a store, with the events that are still to be written into it."""
    try:
        await close_sink(events)
    finally:
        await store.aclose()


async def open_parts(
    configuration: Configuration,
    *,
    clock: Clock | None = None,
    events: EventSink | None = None,
    counts: EventSink | None = None,
) -> Opened:
    """Open everything; the caller closes it.

    Args:
        configuration: What there is to open.
        clock: The machine's by default.
        events: Takes them instead of what the settings say.
        counts: Takes them as well.

    Raises:
        ConfigurationError: what only shows when it is used.
        StoreUnavailableError: the store cannot be opened.
    """
    settings = configuration.service
    time = SystemClock() if clock is None else clock
    keys = _keys(settings)
    async with AsyncExitStack() as opened:
        store = await open_store(settings.kv_url.get_secret_value(), time, data_dir=settings.data_dir)
        opened.push_async_callback(store.aclose)
        sink = sink_of(settings, store, time, instead=events, counts=counts)
        if settings.is_production:
            _warn(store_findings(settings))
        _warn(feed_findings(settings))
        if settings.cookie_domain:
            _log.warning(_SHARED_COOKIE)
        context = BackendContext(
            public_url=settings.public_url,
            is_production=settings.is_production,
            store=store,
            keys=keys,
            users=UserDirectory(store, time, link_by=settings.link_rules),
            clock=time,
            events=sink,
        )
        backends: list[AuthBackendPort] = []
        for chosen in (configuration.backend, *configuration.earlier):
            backend = await chosen.open(context)
            opened.push_async_callback(backend.aclose)
            check_capabilities(backend)
            _require_lag(backend, settings)
            backends.append(backend)
        backend = _composed(backends, settings, store, keys, time, sink)
        opened.pop_all()  # the caller closes them from here on
        return Opened(settings, store, backend, keys, time, sink, backends[0], tuple(backends[1:]))


def _warn(findings: Iterable[Finding]) -> None:
    for finding in findings:
        if finding.severity is not Severity.NOTICE:
            _log.warning("%s; %s", finding.problem, finding.fix)


@asynccontextmanager
async def opened_parts(configuration: Configuration) -> AsyncGenerator[Opened]:
    """Open everything as :func:`open_parts` does, and close it when the block ends."""
    parts = await open_parts(configuration)
    try:
        yield parts
    finally:
        await parts.aclose()


def _composed(
    backends: Sequence[AuthBackendPort],
    settings: AuthServiceSettings,
    store: KvStorePort,
    keys: KeyRing,
    clock: Clock,
    events: EventSink,
) -> AuthBackendPort:
    """Return the first backend, together with the others where there are any."""
    active, *earlier = backends
    if not earlier:
        return active
    # Why here: most services drain nothing.
    from netscript_plugin_auth.draining.composition import drain

    cookies = settings.cookie_policy()
    return drain(active, earlier, store=store, keys=keys, clock=clock, cookies=cookies, events=events)


def _require_lag(backend: AuthBackendPort, settings: AuthServiceSettings) -> None:
    """Refuse a backend that may answer a revoked session for longer than the operator accepts."""
    most, lag = settings.max_revocation_lag, backend.capabilities.revocation_lag
    if most is None or lag <= most:
        return
    variable = AuthServiceSettings.variable("max_revocation_lag")
    problem = (
        f"is less than the {lag.total_seconds():g} s for which {backend.name}, as it is set up, may answer a "
        "session that was revoked"
    )
    fix = f"allow that much, or set {backend.name} up to look more often: its README says how"
    raise ConfigurationError([Fault(variable, problem, fix)])


def _keys(settings: AuthServiceSettings) -> KeyRing:
    if settings.keys is not None:
        return KeyRing(parse_keys(settings.keys.get_secret_value()))
    if settings.data_dir is None:
        variable = AuthServiceSettings.variable("keys")
        raise ConfigurationError([Fault(variable, "is not set", "netscript auth secret generate")])
    return KeyRing(parse_keys(development_keys(settings.data_dir)))
