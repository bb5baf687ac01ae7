"""Which sinks events go to, as the operator says."""

from collections.abc import Sequence

from netscript_auth_core.events import AuthEvent, EventSink, LogEventSink
from netscript_kernel.clock import Clock
from netscript_kernel.ids import decode_base64url
from netscript_kernel.kv.port import KvStorePort
from netscript_plugin_auth.audit.pseudonymous_sink import PseudonymousSink
from netscript_plugin_auth.audit.pseudonyms import Pseudonyms
from netscript_plugin_auth.audit.store_sink import StoreEventSink
from netscript_plugin_auth.settings import AUDIT_LOG, AUDIT_STORE, AuthServiceSettings


class EventSinks:
    """Hands each event to several sinks."""

    def __init__(self, sinks: Sequence[EventSink]) -> None:
        self._sinks = tuple(sinks)

    def emit(self, event: AuthEvent) -> None:
        """Let every sink take it."""
        for sink in self._sinks:
            sink.emit(event)

    async def aclose(self) -> None:
        """Write what is waiting in one of them."""
        for sink in self._sinks:
            await close_sink(sink)


def sink_of(
    settings: AuthServiceSettings,
    store: KvStorePort,
    clock: Clock,
    *,
    instead: EventSink | None = None,
    counts: EventSink | None = None,
) -> EventSink:
    """Return what takes the events of this service; :func:`close_sink` closes it before the store.

    Whichever sinks there are, they get pseudonyms.

    Args:
        settings: Say where events go, and have the salt.
        store: Keeps them.
        clock: Says how much time passed.
        instead: Takes them instead of what the settings say.
        counts: Takes them as well.
    """
    if isinstance(instead, PseudonymousSink) and counts is None:
        return instead
    sinks = [counts] if counts is not None else []
    sinks += [instead] if instead is not None else _chosen(settings, store, clock)
    return PseudonymousSink(EventSinks(sinks), pseudonyms_of(settings))


def pseudonyms_of(settings: AuthServiceSettings) -> Pseudonyms | None:
    """Return what makes the pseudonyms; ``None`` where there is no salt."""
    salt = settings.audit_salt
    return Pseudonyms(decode_base64url(salt.get_secret_value())) if salt is not None else None


def _chosen(settings: AuthServiceSettings, store: KvStorePort, clock: Clock) -> list[EventSink]:
    sinks: list[EventSink] = []
    if AUDIT_LOG in settings.audit:
        sinks.append(LogEventSink())
    if AUDIT_STORE in settings.audit:
        sinks.append(StoreEventSink(store, clock, settings.audit_keep))
    return sinks


async def close_sink(sink: EventSink) -> None:
    """Write what is waiting, where a sink of ours may have something."""
    if isinstance(sink, PseudonymousSink):
        await close_sink(sink.sink)
    if isinstance(sink, EventSinks | StoreEventSink):
        await sink.aclose()
