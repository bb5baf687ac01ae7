"""workos: sessions of WorkOS AuthKit, sealed in the application's cookie or as access tokens.

The service finds it as the entry point ``workos`` and configures it by ``WORKOS_*``.
"""

from netscript_auth_workos.backend import WorkOSBackend
from netscript_auth_workos.configuration.settings import WorkOSSettings
from netscript_auth_workos.opening import create_workos_backend, definition, open_backend

__all__ = ["WorkOSBackend", "WorkOSSettings", "create_workos_backend", "definition", "open_backend"]
