"""All settings of auth-api, as one flat class."""

from netscript_plugin_auth.settings.backends import BackendSettings
from netscript_plugin_auth.settings.cookies import CookieSettings
from netscript_plugin_auth.settings.destinations import DestinationSettings
from netscript_plugin_auth.settings.observation import ObservationSettings
from netscript_plugin_auth.settings.storage import StorageSettings
from netscript_plugin_auth.settings.tokens import TokenSettings


class AuthServiceSettings(
    ObservationSettings, TokenSettings, CookieSettings, DestinationSettings, BackendSettings, StorageSettings
):
    """The settings of auth-api; each group says what its fields mean."""
