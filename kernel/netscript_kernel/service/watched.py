"""What a service is watched with, as its environment says; most services have nothing, and import nothing."""

from asyncio import to_thread
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from starlette.types import Scope

from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.networks import is_within
from netscript_kernel.service.environment import ServiceEnvironment
from netscript_kernel.service.lifecycle import Lifespan
from netscript_kernel.service.settings import ServiceInfo
from netscript_kernel.telemetry.settings import TelemetrySettings

if TYPE_CHECKING:
    from netscript_kernel.telemetry.metrics import Metrics
    from netscript_kernel.telemetry.tracing import OpenTelemetry


@dataclass(frozen=True, slots=True)
class Watched:
    """What watches.

    Attributes:
        metrics: Counts requests; ``None`` where nothing is counted.
        tracing: ``None`` where nothing is traced.
        parts: What is closed with the service.
    """

    metrics: "Metrics | None" = None
    tracing: "OpenTelemetry | None" = None
    parts: tuple[Lifespan, ...] = ()


def check_extras(settings: ServiceEnvironment, telemetry: TelemetrySettings) -> None:
    """Make sure that what the environment asks for is installed.

    Raises:
        ConfigurationError: names each variable that asks for what is not.
    """
    faults = [
        Fault(variable, f"needs {library}, which is not installed", f"install 'netscript-kernel[{extra}]'")
        for variable, library, extra in _needs(settings, telemetry)
        if find_spec(library) is None
    ]
    if faults:
        raise ConfigurationError(faults)


def open_watched(settings: ServiceEnvironment, telemetry: TelemetrySettings, info: ServiceInfo) -> Watched:
    """Return what the environment asks for."""
    metrics = None
    if settings.metrics_token is not None:
        from netscript_kernel.telemetry.metrics import Metrics

        metrics = Metrics(settings.metrics_token.get_secret_value())
    if not telemetry.is_on:
        return Watched(metrics)
    from netscript_kernel.telemetry.tracing import open_telemetry

    def is_trusted(scope: Scope) -> bool:
        client = scope.get("client")
        return is_within(client[0] if client else None, settings.trusted_peers)

    tracing = open_telemetry(telemetry, info, is_trusted)

    @asynccontextmanager
    async def closed_at_the_end() -> AsyncGenerator[None]:
        try:
            yield
        finally:
            await to_thread(tracing.aclose)

    return Watched(metrics, tracing, (closed_at_the_end,))


def _needs(settings: ServiceEnvironment, telemetry: TelemetrySettings) -> Iterator[tuple[str, str, str]]:
    if settings.metrics_token is not None:
        yield settings.variable("metrics_token"), "prometheus_client", "metrics"
    if telemetry.is_on:
        asking = ("exporter", "traces_endpoint", "endpoint")
        field = next(each for each in asking if getattr(telemetry, each) is not None)
        yield telemetry.variable(field), "opentelemetry", "tracing"
