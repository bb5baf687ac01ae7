"""The routes of health, and the service's answer at ``/``."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from netscript_kernel.contracts import Contract
from netscript_kernel.service.health import HealthMonitor
from netscript_kernel.service.lifecycle import Lifecycle
from netscript_kernel.service.settings import ServiceInfo

_UNAVAILABLE = 503

RootHandler: TypeAlias = Callable[[Request], Awaitable[Response]]


def health_routes(monitor: HealthMonitor, lifecycle: Lifecycle) -> list[BaseRoute]:
    """Return ``/health``, then the probes ``/health/live`` and ``/health/ready``."""

    async def health(_: Request) -> Response:
        report = await monitor.report()
        status = _UNAVAILABLE if report.status == "failing" else 200
        return Response(report.to_wire(), status_code=status, media_type="application/json")

    async def live(_: Request) -> Response:
        return _json({"status": "live"})

    async def ready(_: Request) -> Response:
        if lifecycle.state != "open":
            return _json({"status": "starting" if lifecycle.state == "new" else "draining"}, _UNAVAILABLE)
        report = await monitor.report()
        if report.status == "failing":
            return _json({"status": "failing"}, _UNAVAILABLE)
        return _json({"status": "ready"})

    handlers = {"/health": health, "/health/live": live, "/health/ready": ready}
    return [Route(path, handler, include_in_schema=False) for path, handler in handlers.items()]


def root_route(info: ServiceInfo, contracts: Sequence[type[Contract]], root: RootHandler | None) -> Route:
    """Return ``/``: the service's own handler, or who it is as JSON."""

    async def who(_: Request) -> Response:
        return service_info(info, contracts)

    return Route("/", root or who, include_in_schema=False)


def service_info(info: ServiceInfo, contracts: Sequence[type[Contract]]) -> Response:
    """Return name, version and contracts as JSON."""
    listed = [
        {"name": each.contract_name, "version": each.version, "prefix": each.prefix} for each in contracts
    ]
    return _json({"name": info.name, "version": info.version, "contracts": listed})


def _json(fields: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(fields), status_code=status, media_type="application/json")
