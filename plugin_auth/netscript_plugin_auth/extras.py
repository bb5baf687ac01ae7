"""What is not in every installation: who asks for it is told how to get it, before anything starts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.telemetry.settings import TelemetrySettings
from netscript_plugin_auth.settings import AuthServiceSettings


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a setting asks for.

    Attributes:
        variable: Asks for it.
        library: Has to be there, by its import name.
        extra: Of ``netscript-plugin-auth``: brings the library.
    """

    variable: str
    library: str
    extra: str


def token_needs(settings: AuthServiceSettings) -> Iterator[Need]:
    """Yield what signing tokens takes, where there are to be any."""
    if settings.token_audiences:
        yield Need(AuthServiceSettings.variable("token_audiences"), "jose", "tokens")


def metrics_needs(settings: AuthServiceSettings) -> Iterator[Need]:
    """Yield what counting takes, where somebody may read the counts."""
    if settings.metrics_token is not None:
        yield Need(AuthServiceSettings.variable("metrics_token"), "prometheus_client", "telemetry")


def trace_needs(settings: TelemetrySettings) -> Iterator[Need]:
    """Yield what tracing takes, where it is on."""
    if settings.is_on:
        asking = ("exporter", "traces_endpoint", "endpoint")
        field = next(each for each in asking if getattr(settings, each) is not None)
        yield Need(TelemetrySettings.variable(field), "opentelemetry", "telemetry")


def require_extras(needs: Iterable[Need]) -> None:
    """Make sure that everything that is asked for is installed.

    Raises:
        ConfigurationError: with each variable that asks for what is not, and how to install it.
    """
    faults = [_fault(each) for each in needs if find_spec(each.library) is None]
    if faults:
        raise ConfigurationError(faults)


def how_to_install(extra: str) -> str:
    """Return in a line what brings one of the extras: nothing of ours is on a public index."""
    return (
        f"in a clone, scripts/lib/production.sh FOLDER {extra} makes a new environment that has it; with an "
        f"index of your own, pip install 'netscript-plugin-auth[{extra}]'"
    )


def _fault(need: Need) -> Fault:
    problem = f"needs the extra {need.extra}, which is not installed"
    return Fault(need.variable, problem, how_to_install(need.extra))
