"""better-auth: people who are signed in at a better-auth server, by its sessions or by its tokens.

::

    backend = create_better_auth_backend(BetterAuthSettings(url="https://acme.example"))

The service finds it as the entry point ``better-auth`` and configures it by ``BETTER_AUTH_*``.
"""

from netscript_auth_better_auth.backend import BetterAuthBackend
from netscript_auth_better_auth.configuration.settings import BetterAuthSettings, Mode
from netscript_auth_better_auth.opening import create_better_auth_backend, definition, open_backend

__all__ = [
    "BetterAuthBackend",
    "BetterAuthSettings",
    "Mode",
    "create_better_auth_backend",
    "definition",
    "open_backend",
]
