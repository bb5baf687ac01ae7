"""Opens metrics and traces as the settings say; most services have neither, and import nothing of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.types import Scope

from netscript_kernel.networks import is_within
from netscript_kernel.service.settings import ServiceInfo
from netscript_plugin_auth.configuration import Configuration
from netscript_plugin_auth.settings import AuthServiceSettings

if TYPE_CHECKING:
    from netscript_kernel.telemetry.metrics import Metrics
    from netscript_kernel.telemetry.tracing import OpenTelemetry
    from netscript_plugin_auth.telemetry.counts import AuthCounts


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What a service is watched with.

    Attributes:
        metrics: Counts requests; ``None`` where nothing is counted.
        counts: Counts what is auth's own, with them.
        tracing: ``None`` where nothing is traced.
    """

    metrics: "Metrics | None" = None
    counts: "AuthCounts | None" = None
    tracing: "OpenTelemetry | None" = None


UNWATCHED: Final = Telemetry()


def open_telemetry_of(configuration: Configuration, info: ServiceInfo) -> Telemetry:
    """Return what the configuration asks for."""
    metrics = counts = tracing = None
    settings = configuration.service
    if settings.metrics_token is not None:
        from netscript_kernel.telemetry.metrics import Metrics
        from netscript_plugin_auth.telemetry.counts import AuthCounts

        metrics = Metrics(settings.metrics_token.get_secret_value())
        counts = AuthCounts(metrics)
    if configuration.telemetry.is_on:
        from netscript_kernel.telemetry.tracing import open_telemetry

        tracing = open_telemetry(configuration.telemetry, info, _trusts(settings))
    return Telemetry(metrics, counts, tracing)


def _trusts(settings: AuthServiceSettings) -> Callable[[Scope], bool]:
    def is_trusted(scope: Scope) -> bool:
        client = scope.get("client")
        return is_within(client[0] if client else None, settings.trusted_proxies)

    return is_trusted
