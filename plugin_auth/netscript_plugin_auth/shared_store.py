"""Commands beside the service look into its store, so it has to be one that both can reach."""

from typing import Final
from urllib.parse import urlsplit

from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.kv.urls import store_file
from netscript_plugin_auth.development.key import FILE_NAME
from netscript_plugin_auth.settings import AuthServiceSettings

USUAL_STORE: Final = "the URL that the service is started with, in its folder"
_WITHIN_ONE_PROCESS = "memory"


def require_a_shared_store(
    settings: AuthServiceSettings, *, may_be_new: bool = False, if_none: str = USUAL_STORE
) -> None:
    """Make sure that there is a store, and one that is shared, with the key of its service.

    Args:
        settings: Name store and keys.
        may_be_new: For a command that fills a store: what is not there yet, is made.
        if_none: What to do where there is no store.

    Raises:
        ConfigurationError: the store is within one process, or it or the key is not there.
    """
    url, variable = settings.kv_url.get_secret_value(), AuthServiceSettings.variable("kv_url")
    if urlsplit(url).scheme.lower() == _WITHIN_ONE_PROCESS:
        problem = "names a store within the process of the service, which no command can look into"
        raise ConfigurationError(
            [Fault(variable, problem, "a store that processes share, such as sqlite://")]
        )
    if may_be_new:
        return
    path = store_file(url, data_dir=settings.data_dir)
    # Opening it would make an empty store, which then says of every key that nothing needs it.
    if path is not None and not path.exists():
        problem = f"names {path.absolute()}, where there is no store"
        raise ConfigurationError([Fault(variable, problem, if_none)])
    # Asking for the key would make a new one there, which is not the service's.
    if (
        settings.keys is None
        and settings.data_dir is not None
        and not (settings.data_dir / FILE_NAME).exists()
    ):
        problem = f"is {settings.data_dir.absolute()}, where the service has no key"
        data_dir = AuthServiceSettings.variable("data_dir")
        raise ConfigurationError([Fault(data_dir, problem, "run the command in the folder of the service")])
