"""Puts auth-api together out of parts that are there: settings, a backend, a store, keys."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from starlette.routing import Route

from netscript_auth_core.events import EventSink
from netscript_auth_core.ports import AuthBackendPort
from netscript_kernel.clock import Clock, SystemClock
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import KvStorePort
from netscript_kernel.service.builder import create_service
from netscript_kernel.service.health import HealthCheck
from netscript_kernel.service.hot import HotRoute, HotTree
from netscript_kernel.service.service import Service
from netscript_kernel.service.settings import ServiceInfo, ServiceSettings
from netscript_plugin_auth.api import implementations
from netscript_plugin_auth.audit.sinks import sink_of
from netscript_plugin_auth.flash import Flash
from netscript_plugin_auth.flow_cookies import FlowCookies
from netscript_plugin_auth.gateway.forwarded import Forwarded
from netscript_plugin_auth.gateway.verify import PATH as VERIFY_PATH
from netscript_plugin_auth.gateway.verify import Verify
from netscript_plugin_auth.http_errors import map_problem
from netscript_plugin_auth.journal import Journal
from netscript_plugin_auth.lifespans import lifespans
from netscript_plugin_auth.limits.clients import Clients
from netscript_plugin_auth.limits.limiter import RateLimits
from netscript_plugin_auth.origin_rule import OriginRule
from netscript_plugin_auth.own_manifest import own_manifest
from netscript_plugin_auth.pages.refusals import Refusals
from netscript_plugin_auth.pages.rendering import Pages
from netscript_plugin_auth.pages.routes import page_routes, root_page, signed_out_routes
from netscript_plugin_auth.pages.way_in import find_way_in
from netscript_plugin_auth.parts import Parts
from netscript_plugin_auth.revocations.composition import revocation_feed
from netscript_plugin_auth.settings import AuthServiceSettings
from netscript_plugin_auth.signout_handover import SignoutHandover
from netscript_plugin_auth.signout_return import SignoutReturn
from netscript_plugin_auth.telemetry.opening import UNWATCHED, Telemetry
from netscript_plugin_auth.tokens.composition import token_issuer
from netscript_plugin_auth.tokens.key_set import key_set_routes
from netscript_plugin_auth.visitor import Visitors

if TYPE_CHECKING:
    from netscript_plugin_auth.telemetry.counts import AuthCounts

_HOST_ADVICE = (
    "Its operator names its hosts by NETSCRIPT_AUTH_PUBLIC_URL and NETSCRIPT_AUTH_ALLOWED_HOSTS, "
    "and a proxy in front passes the Host header on"
)
# A few addresses of a provider tell of everybody, in many requests at once.
_TIMES_FOR_PROVIDERS = 20
_DESCRIPTION = "Who is signed in, whatever identity backend stands behind."


def create_auth_service(
    settings: AuthServiceSettings,
    backend: AuthBackendPort,
    store: KvStorePort,
    *,
    keys: SealingKeys,
    clock: Clock | None = None,
    events: EventSink | None = None,
    telemetry: Telemetry = UNWATCHED,
    drains: bool = False,
    hot_routes_in_front: bool = True,
) -> Service:
    """Build the service around parts that are there.

    Args:
        settings: How it behaves.
        backend: Started and closed by the service.
        store: Swept and closed by the service.
        keys: Sign the cookies of sign-ins.
        clock: The machine's by default.
        events: As the settings say by default: the log, and the store.
        telemetry: What the service is watched with.
        drains: Whether the backend answers for earlier ones, too.
        hot_routes_in_front: See ``create_service``.
    """
    time = SystemClock() if clock is None else clock
    sink = sink_of(settings, store, time, instead=events)
    counts = telemetry.counts
    parts = _assemble(
        settings, backend, store, keys=keys, clock=time, events=sink, counts=counts, drains=drains
    )
    pages = Pages(find_way_in(backend, settings.public_url)) if settings.pages else None
    refusals = Refusals(pages)
    verify = Verify(parts)
    info = service_info()
    service: Service

    async def draining() -> None:
        await service.draining()

    service = create_service(
        info,
        _service_settings(settings),
        implementations=implementations(parts, verify, refusals),
        routes=[*_page_routes(parts, pages, refusals), *key_set_routes(parts.tokens)],
        hot_routes=[HotRoute("OPTIONS", VERIFY_PATH, verify.refuse_preflight)],
        hot_trees=[HotTree(f"{VERIFY_PATH}/", verify.ask_by_repeating)],
        health_checks=_health_checks(backend, store),
        problem_mapper=map_problem,
        lifespan=lifespans(parts, store, sink, telemetry, draining),
        trace_hook=telemetry.tracing,
        metrics=telemetry.metrics,
        root=root_page(info) if pages else None,
        clock=time,
        hot_routes_in_front=hot_routes_in_front,
    )
    return service


def service_info() -> ServiceInfo:
    """Return who the service says that it is."""
    return ServiceInfo(own_manifest().service, version("netscript-plugin-auth"), _DESCRIPTION)


def _assemble(
    settings: AuthServiceSettings,
    backend: AuthBackendPort,
    store: KvStorePort,
    *,
    keys: SealingKeys,
    clock: Clock,
    events: EventSink,
    counts: "AuthCounts | None",
    drains: bool,
) -> Parts:
    cookies = settings.cookie_policy()
    visitors = Visitors(cookies.session_reader())
    journal = Journal(events, backend.name, clock)
    clients = Clients(settings.trusted_proxies)
    rate = settings.rate_limit
    limits = RateLimits(rate, clients, backend, visitors, clock, journal)
    of_logouts = rate.times(_TIMES_FOR_PROVIDERS) if rate is not None else None
    count = counts.listeners if counts else None
    return Parts(
        backend=backend,
        drains=drains,
        authenticate=counts.of_checks(backend.authenticate) if counts else backend.authenticate,
        clock=clock,
        public_url=settings.public_url,
        has_pages=settings.pages,
        cookies=cookies,
        flows=FlowCookies(cookies, keys, clock),
        flash=Flash(cookies, keys, clock),
        signout_return=SignoutReturn(cookies, keys, clock, settings.public_url),
        signout_handover=SignoutHandover(store, keys, clock, settings.public_url),
        visitors=visitors,
        forwarded=Forwarded(settings.trusted_proxies),
        origins=OriginRule(settings.public_url, settings.allowed_origins),
        return_to=settings.return_to_policy(),
        journal=journal,
        limits=limits,
        logout_limits=RateLimits(of_logouts, clients, backend, visitors, clock, journal),
        tokens=token_issuer(settings, store, keys, clock),
        revocations=revocation_feed(settings, backend.name, store, clock, limits, count),
    )


def _page_routes(parts: Parts, pages: Pages | None, refusals: Refusals) -> Sequence[Route]:
    return page_routes(parts, pages, refusals) if pages else signed_out_routes(parts, None, refusals)


def _service_settings(settings: AuthServiceSettings) -> ServiceSettings:
    return ServiceSettings(
        profile=settings.profile,
        allowed_hosts=frozenset(settings.allowed_hosts),
        host_advice=_HOST_ADVICE,
        allowed_origins=frozenset(settings.allowed_origins),
        is_behind_https=settings.is_https,
    )


def _health_checks(backend: AuthBackendPort, store: KvStorePort) -> Sequence[HealthCheck]:
    return (HealthCheck("store", store.check_health), HealthCheck("backend", backend.check_health))
