"""Builds a service out of contracts, routes and checks.

The main chain, from the outside in, always in this order:

1. ``RequestIds``: everything below can name the request.
2. ``Tracing``: only where a hook is given.
3. ``AccessLog``: before anything may refuse, so that refusals are logged too.
4. ``SecurityHeaders``: before anything may refuse, so that refusals carry them too.
5. ``AllowedHosts``: a foreign host learns nothing of what follows.
6. ``Cors``: only where origins are configured.
7. ``PlainPaths``.
8. ``BodyLimit``.
9. ``HeadAsGet``, then FastAPI with ``ProblemAnswers`` around its routes.
10. ``Guard``: only where there is an ``authn``. Its ``Visits`` stand around ``ProblemAnswers``.

Hot routes are found in front of all that and pass the same rules in one function (``hot.py``).
"""

from collections.abc import Sequence
from typing import Any, NoReturn

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from netscript_kernel.clock import Clock, SystemClock
from netscript_kernel.service.access_log import AccessLog
from netscript_kernel.service.body_limit import BodyLimit
from netscript_kernel.service.cors import Cors, HotCors
from netscript_kernel.service.docs import docs_routes
from netscript_kernel.service.error_mapping import ErrorMapping
from netscript_kernel.service.guarded_paths import tell_of_paths_to_nothing
from netscript_kernel.service.guards import Authn, Authz, Guards
from netscript_kernel.service.health import HealthCheck, HealthMonitor
from netscript_kernel.service.health_routes import RootHandler, health_routes, root_route
from netscript_kernel.service.hosts import AllowedHosts, HostRule
from netscript_kernel.service.hot import HotFront, HotRoute, HotRules, HotTree, main_chain_route
from netscript_kernel.service.implementation import Implementation
from netscript_kernel.service.lifecycle import Lifecycle, Lifespan
from netscript_kernel.service.openapi import ApiDocument
from netscript_kernel.service.plain_paths import PlainPaths
from netscript_kernel.service.problem_answers import HeadAsGet, ProblemAnswers
from netscript_kernel.service.problems import ProblemMapper
from netscript_kernel.service.request_ids import RequestIds
from netscript_kernel.service.route_names import RouteNames
from netscript_kernel.service.routes import contract_routes
from netscript_kernel.service.security_headers import SecurityHeaderRule, SecurityHeaders
from netscript_kernel.service.service import Gate, Service
from netscript_kernel.service.settings import ServiceInfo, ServiceSettings
from netscript_kernel.service.tracing import TraceHook, Tracing
from netscript_kernel.service.watching import ReadableMetrics, RequestWatch, Watching
from netscript_kernel.service.wiring import check_wiring

# FastAPI would record whole URLs, and with them codes and states.
_NO_TELEMETRY: Any = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


def create_service(
    info: ServiceInfo,
    settings: ServiceSettings,
    *,
    implementations: Sequence[Implementation] = (),
    routes: Sequence[BaseRoute] = (),
    hot_routes: Sequence[HotRoute] = (),
    hot_trees: Sequence[HotTree] = (),
    health_checks: Sequence[HealthCheck] = (),
    problem_mapper: ProblemMapper | None = None,
    lifespan: Sequence[Lifespan] = (),
    trace_hook: TraceHook | None = None,
    metrics: ReadableMetrics | None = None,
    root: RootHandler | None = None,
    authn: Authn | None = None,
    authz: Authz | None = None,
    clock: Clock | None = None,
    hot_routes_in_front: bool = True,
) -> Service:
    """Build a service.

    Args:
        info: Its name, version and description.
        settings: What the operator decided.
        implementations: Contracts with their handlers; each must be complete.
        routes: More routes, tried after the contracts'. Those of a FastAPI router work, and are documented.
        hot_routes: Answered in front of the main chain.
        hot_trees: Likewise, whatever the method and the rest of the path.
        health_checks: What ``/health`` tells and what readiness depends on.
        problem_mapper: Which problem an error of the service's own is.
        lifespan: Parts of the service, opened in order at the start and closed in reverse at the stop.
        trace_hook: Begins a trace of each request; ``None`` where tracing is off.
        metrics: Counts each request, and has a route to be read at; ``None`` where nothing is counted.
        root: Answers ``/``; by default, name, version and contracts as JSON.
        authn: Finds out who calls, and lets nobody in whom it does not know; see ``guards.with_authn``.
        authz: Decides whether they may, of those whom ``authn`` knows; see ``guards.with_authz``.
        clock: Tells when kept health results are old.
        hot_routes_in_front: ``False`` sends hot routes through the main chain: for tests that compare.

    Raises:
        TypeError: an operation has no handler; two contracts, hot routes or health checks are the same; a
            hot route is behind the guard; or a part is in a wrong place.
    """
    check_wiring(implementations, authn, authz)
    all_hot = [*hot_routes, *(route for each in implementations for route in _hot_operations(each))]
    parts = lifespan if authn is None else (authn.running, *lifespan)
    lifecycle = Lifecycle(parts, settings.drain_limit)
    monitor = HealthMonitor(health_checks, clock or SystemClock())
    health, *probes = health_routes(monitor, lifecycle)
    probes += [] if metrics is None else [metrics.route]
    guards = Guards(authn, authz, probes)
    guards.check_hot(all_hot, hot_trees)
    contracts = [each.contract for each in implementations]
    api = [*(route for each in implementations for route in contract_routes(each, guards)), *routes]
    document = ApiDocument(info, api)
    all_routes: list[BaseRoute] = [
        *map(main_chain_route, hot_routes),
        root_route(info, contracts, root),
        health,
        *probes,
        *(docs_routes(document) if settings.docs else ()),
        *api,
    ]
    if settings.profile == "development":
        tell_of_paths_to_nothing(authn, authz, all_routes, hot_trees)
    rules = _rules(settings, ErrorMapping(problem_mapper), trace_hook, metrics)
    chain = _main_chain(all_routes, rules, settings, lifecycle, guards)
    hot = HotFront(all_hot if hot_routes_in_front else (), rules, hot_trees)
    return Service(chain, hot, lifecycle=lifecycle, monitor=monitor, document=document)


def _hot_operations(implementation: Implementation) -> list[HotRoute]:
    contract = implementation.contract
    return [
        HotRoute(contract.operations[name].method, contract.prefix + contract.operations[name].path, handler)
        for name, handler in implementation.hot_handlers.items()
    ]


def _rules(
    settings: ServiceSettings, mapping: ErrorMapping, trace_hook: TraceHook | None, watch: RequestWatch | None
) -> HotRules:
    origins = settings.allowed_origins
    return HotRules(
        hosts=HostRule(settings.allowed_hosts, settings.host_advice),
        headers=SecurityHeaderRule(settings),
        cors=HotCors(origins) if origins else None,
        mapping=mapping,
        trace_hook=trace_hook,
        is_logged=settings.access_log_hot,
        watch=watch,
    )


def _main_chain(
    routes: list[BaseRoute],
    rules: HotRules,
    settings: ServiceSettings,
    lifecycle: Lifecycle,
    guards: Guards,
) -> ASGIApp:
    names = RouteNames(routes)
    app: ASGIApp = HeadAsGet(_framework(routes, rules.mapping, lifecycle, guards))
    app = BodyLimit(app, settings.body_limit, settings.body_patience)
    app = PlainPaths(app)
    if settings.allowed_origins:
        app = Cors(app, settings.allowed_origins)
    app = AllowedHosts(app, rules.hosts)
    app = SecurityHeaders(app, rules.headers)
    app = AccessLog(app, names)
    if rules.watch is not None:
        app = Watching(app, rules.watch, names.template_of)
    if rules.trace_hook is not None:
        app = Tracing(app, rules.trace_hook, names.template_of)
    return RequestIds(app)


def _framework(
    routes: list[BaseRoute], mapping: ErrorMapping, lifecycle: Lifecycle, guards: Guards
) -> FastAPI:
    app = FastAPI(
        openapi_url=None,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
        middleware=[
            *guards.around_problems,
            Middleware(ProblemAnswers, mapping, routes),
            Middleware(Gate, lifecycle),
            *guards.before_routes(routes),
        ],
        exception_handlers={HTTPException: _hand_on, RequestValidationError: _hand_on},
    )
    app.router.routes.extend(routes)
    return app


async def _hand_on(_: Request, error: Exception) -> NoReturn:
    """Leave every error to :class:`ProblemAnswers`: one place says what is on the wire."""
    raise error
