"""Runs auth-api as processes of its own, by environment only."""

from contextlib import nullcontext
from urllib.parse import urlsplit

from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.server import serve
from netscript_kernel.telemetry.shared import shared_metrics
from netscript_plugin_auth.configuration import read_configuration
from netscript_plugin_auth.environment import process_environment
from netscript_plugin_auth.settings import AuthServiceSettings

_TARGET = "netscript_plugin_auth.service:create_auth_app"
_ONE_PROCESS_ONLY = "memory"


def serve_auth(workers: int = 1) -> int:
    """Serve until told to stop, and return the exit code.

    Args:
        workers: Processes that share the port.

    Raises:
        ConfigurationError: with every fault there is; nothing was started.
    """
    settings = read_configuration(process_environment()).service
    scheme = urlsplit(settings.kv_url.get_secret_value()).scheme
    if workers > 1 and scheme == _ONE_PROCESS_ONLY:
        variable = AuthServiceSettings.variable("kv_url")
        problem = f"names a store within one process, and {workers} are asked for"
        raise ConfigurationError(
            [Fault(variable, problem, "a store that processes share, such as sqlite://")]
        )
    together = shared_metrics() if settings.metrics_token is not None and workers > 1 else nullcontext()
    with together:
        return serve(
            _TARGET, host=settings.host, port=settings.port, workers=workers, profile=settings.profile
        )
