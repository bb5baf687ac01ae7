"""Whoever asks for metrics or traces is told what is missing for them, before anything starts."""

from importlib.util import find_spec
from typing import Final

from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.telemetry.settings import TelemetrySettings
from netscript_plugin_auth.own_backends import how_to_install
from netscript_plugin_auth.settings import AuthServiceSettings

_EXTRA: Final = "telemetry"
_PROBLEM: Final = "asks for what is not installed"


def require_extra(service: AuthServiceSettings | None, telemetry: TelemetrySettings | None) -> None:
    """Make sure that what the settings ask for is installed; settings that could not be read ask for nothing.

    Raises:
        ConfigurationError: says how to install it.
    """
    asked: list[tuple[str, str]] = []
    if service is not None and service.metrics_token is not None:
        asked.append((AuthServiceSettings.variable("metrics_token"), "prometheus_client"))
    if telemetry is not None and telemetry.is_on:
        asked.append((_variable(telemetry), "opentelemetry"))
    faults = [
        Fault(variable, _PROBLEM, how_to_install(_EXTRA))
        for variable, package in asked
        if find_spec(package) is None
    ]
    if faults:
        raise ConfigurationError(faults)


def _variable(telemetry: TelemetrySettings) -> str:
    fields = ("exporter", "traces_endpoint", "endpoint")
    return TelemetrySettings.variable(next(each for each in fields if getattr(telemetry, each) is not None))
