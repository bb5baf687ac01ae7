"""What the service itself reads. A backend reads its own variables with its own settings class.

Production is closed until it is told; development fills in what one machine needs and refuses to be
reached from another. Users see one flat class, :class:`AuthServiceSettings`; it is written in groups. A group
whose checks read a value of another group extends that group, because Pydantic checks a base's fields first.

A check that refuses says in words what is wrong, and never repeats the value: the words end up in a log.
"""

from netscript_plugin_auth.settings.backends import BackendSettings
from netscript_plugin_auth.settings.cookies import CookieSettings
from netscript_plugin_auth.settings.destinations import DestinationSettings
from netscript_plugin_auth.settings.network import NetworkSettings
from netscript_plugin_auth.settings.observation import AUDIT_LOG, AUDIT_STORE, ObservationSettings
from netscript_plugin_auth.settings.profile import PREFIX, Profile, ProfileSettings
from netscript_plugin_auth.settings.service import AuthServiceSettings
from netscript_plugin_auth.settings.storage import StorageSettings
from netscript_plugin_auth.settings.tokens import TokenSettings

__all__ = [
    "AUDIT_LOG",
    "AUDIT_STORE",
    "PREFIX",
    "AuthServiceSettings",
    "BackendSettings",
    "CookieSettings",
    "DestinationSettings",
    "NetworkSettings",
    "ObservationSettings",
    "Profile",
    "ProfileSettings",
    "StorageSettings",
    "TokenSettings",
]
