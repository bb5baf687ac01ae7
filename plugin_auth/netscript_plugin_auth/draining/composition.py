"""Puts the active backend together with those that are drained."""

from collections.abc import Sequence

from netscript_auth_core.background import Background
from netscript_auth_core.capabilities import Capability
from netscript_auth_core.events import EventSink
from netscript_auth_core.ports import AuthBackendPort, AuthRequest
from netscript_kernel.clock import Clock
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import KvStorePort
from netscript_plugin_auth.cookie_header import RawHeaders
from netscript_plugin_auth.cookies import CookiePolicy
from netscript_plugin_auth.draining.backend import DrainingBackend
from netscript_plugin_auth.draining.exchanges import Exchanges
from netscript_plugin_auth.draining.leaving import Leaving
from netscript_plugin_auth.draining.marks import Marks


def drain(
    active: AuthBackendPort,
    earlier: Sequence[AuthBackendPort],
    *,
    store: KvStorePort,
    keys: SealingKeys,
    clock: Clock,
    cookies: CookiePolicy,
    events: EventSink,
) -> DrainingBackend:
    """Return one backend that is the active one and honours the sessions of the earlier ones."""
    marks, background = Marks(store, keys, clock, active.name), Background()
    leaving = Leaving(active, earlier, marks, lambda request: cookies.forget_session(_cookie_header(request)))
    exchanges = None
    if Capability.CREATE_SESSIONS in active.capabilities:
        exchanges = Exchanges(
            active,
            marks,
            clock,
            lambda token, lifetime, request: cookies.leave_session(token, lifetime, _cookie_header(request)),
            background,
            events,
        )
    return DrainingBackend(active, earlier, marks, exchanges, leaving, background)


def _cookie_header(request: AuthRequest) -> RawHeaders:
    return [(b"cookie", request.headers.get("cookie", "").encode("latin-1"))]
