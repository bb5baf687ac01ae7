"""Commands beside the service look into its store, so it has to be one that both can reach."""

from urllib.parse import urlsplit

from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.kv.urls import store_file
from netscript_plugin_auth.settings import AuthServiceSettings

_WITHIN_ONE_PROCESS = "memory"


def require_a_shared_store(settings: AuthServiceSettings) -> None:
    """Make sure that there is a store, and one that is shared.

    Raises:
        ConfigurationError: it is within one process, or not there.
    """
    url, variable = settings.kv_url.get_secret_value(), AuthServiceSettings.variable("kv_url")
    if urlsplit(url).scheme.lower() == _WITHIN_ONE_PROCESS:
        problem = "names a store within the process of the service, which no command can look into"
        raise ConfigurationError(
            [Fault(variable, problem, "a store that processes share, such as sqlite://")]
        )
    path = store_file(url, data_dir=settings.data_dir)
    # An empty store would be made there, and say that no key is needed any more.
    if path is not None and not path.exists():
        problem = f"names {path.absolute()}, where there is no store"
        raise ConfigurationError(
            [Fault(variable, problem, "the URL that the service is started with, in its folder")]
        )
