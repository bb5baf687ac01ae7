"""A whole service in one call: contracts with their handlers, and an environment that says the rest.

::

    users = implement(UsersV1)
    ...


    def define() -> DefinedService:
        return define_service("users", "1.0.0", implementations=[users], port=8095)


    def main() -> None:
        sys.exit(run_service(define))

What is wired, and in which order, stands at the top of ``builder``. To serve it takes the extra ``server``.
"""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import cached_property, partial
from typing import Any, Final

from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from netscript_kernel.errors import ConfigurationError
from netscript_kernel.service.builder import create_service
from netscript_kernel.service.descriptions import bind_descriptions
from netscript_kernel.service.environment import DEFAULT_PORT, ServiceEnvironment
from netscript_kernel.service.guards import Authn, Authz
from netscript_kernel.service.health import HealthCheck
from netscript_kernel.service.implementation import Implementation
from netscript_kernel.service.lifecycle import Lifespan
from netscript_kernel.service.problems import ProblemMapper
from netscript_kernel.service.service import Service
from netscript_kernel.service.settings import ServiceInfo
from netscript_kernel.service.watched import check_extras, open_watched
from netscript_kernel.service.wiring import check_wiring
from netscript_kernel.settings import Environment
from netscript_kernel.telemetry.settings import TelemetrySettings

EXIT_CONFIGURATION: Final = 2


class DefinedService:
    """A service that can be run; :func:`define_service` makes it.

    Run it by :meth:`serve`, or by any ASGI server as ``service.app``, or within another application: mount
    ``app`` there, and call :meth:`start` and :meth:`stop` where that application starts and stops.

    Attributes:
        environment: How it runs.
    """

    def __init__(self, environment: ServiceEnvironment, make: Callable[[], Service]) -> None:
        self.environment = environment
        self._make = make

    @cached_property
    def service(self) -> Service:
        """The service of this process."""
        return self._make()

    @property
    def app(self) -> ASGIApp:
        """The ASGI application."""
        return self.service.app

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, whether it is served or not."""
        return self.service.openapi()

    async def start(self) -> None:
        """Open the parts of the service, in order.

        Raises:
            RuntimeError: the service was started before.
        """
        await self.service.start()

    async def stop(self) -> None:
        """Stop gracefully: not ready any more, requests in flight are answered, parts close in reverse."""
        await self.service.stop()

    def serve(self, *, workers: int = 1, target: str | None = None) -> int:
        """Listen until the process is told to stop (SIGTERM, SIGINT), then drain, and return the exit code.

        Args:
            workers: Processes that share the port. Each makes the service anew, and they share nothing but
                what was opened before: open stores and clients in ``lifespan``.
            target: ``module:function`` that returns :attr:`app`, for systems that cannot fork.

        Returns:
            0 after a stop, 2 for a faulty configuration, 1 for the rest; standard error says why.

        Raises:
            OSError: no ``target`` was given, and the system cannot fork.
        """
        from netscript_kernel.server import serve
        from netscript_kernel.telemetry.shared import shared_metrics

        environment = self.environment
        is_shared = workers > 1 and environment.metrics_token is not None
        with shared_metrics() if is_shared else nullcontext():
            return serve(
                target or self._make,
                host=environment.host,
                port=environment.port,
                workers=workers,
                profile=environment.profile,
                drain_limit=environment.drain_limit,
            )


def define_service(
    name: str,
    version: str,
    *,
    implementations: Sequence[Implementation],
    environment: Environment | None = None,
    port: int = DEFAULT_PORT,
    description: str = "",
    routes: Sequence[BaseRoute] = (),
    health_checks: Sequence[HealthCheck] = (),
    lifespan: Sequence[Lifespan] = (),
    problem_mapper: ProblemMapper | None = None,
    authn: Authn | None = None,
    authz: Authz | None = None,
    plugin: str | None = None,
    capabilities: Sequence[str] = (),
) -> DefinedService:
    """Wire everything that a service has: see ``builder`` for what, and in which order.

    Args:
        name: By which others find it, and logs and traces name it; that of the service in a manifest.
        version: Its own.
        implementations: Contracts with their handlers; several versions of a contract stand side by side.
        environment: ``PORT``, ``NETSCRIPT_SERVICE_*`` and ``OTEL_*``; that of the process by default.
        port: To listen on unless ``PORT`` says otherwise.
        description: For the documentation.
        routes: More routes, tried after the contracts'.
        health_checks: What ``/health`` tells and what readiness depends on.
        lifespan: Parts of the service, opened in order at the start and closed in reverse at the stop.
        problem_mapper: Which problem an error of the service's own is.
        authn: Finds out who calls; see ``guards.with_authn``. Without it everybody may call everything.
        authz: Decides whether they may, of those whom ``authn`` knows; see ``guards.with_authz``.
        plugin: By which name contracts of plugins describe themselves; that of the service by default.
        capabilities: What contracts of plugins answer at ``/describe``, where no handler does.

    Raises:
        ConfigurationError: with every fault of the environment, each naming its variable.
        TypeError: an operation has no handler, two contracts claim the same, or a part is in a wrong place.
    """
    variables = {"PORT": str(port), **(os.environ if environment is None else environment)}
    settings = ServiceEnvironment.from_environment(variables)
    telemetry = TelemetrySettings.from_environment(variables)
    check_extras(settings, telemetry)
    check_wiring(implementations, authn, authz)
    bind_descriptions(plugin or name, implementations, capabilities)
    for each in implementations:
        each.check_complete()
    info = ServiceInfo(name, version, description)
    make = partial(
        create_service,
        info,
        settings.settings(),
        implementations=implementations,
        routes=routes,
        health_checks=health_checks,
        problem_mapper=problem_mapper,
        authn=authn,
        authz=authz,
    )

    def make_watched() -> Service:
        watched = open_watched(settings, telemetry, info)
        return make(lifespan=[*watched.parts, *lifespan], trace_hook=watched.tracing, metrics=watched.metrics)

    return DefinedService(settings, make_watched)


def run_service(define: Callable[[], DefinedService], *, workers: int = 1) -> int:
    """Define a service, serve it, and return the exit code: what the entry point of a service does.

    Args:
        define: Calls :func:`define_service`.
        workers: Processes that share the port.

    Returns:
        As :meth:`DefinedService.serve`; 2 as well where the environment is faulty, with every fault told on
        standard error.
    """
    try:
        service = define()
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIGURATION
    return service.serve(workers=workers)
