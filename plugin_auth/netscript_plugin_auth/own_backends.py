"""Names of NetScript's own backends, whether they are installed or not, and of their vendors."""

from typing import Final

EXTRAS: Final = ("workos", "better-auth")
"""Those that are not in every installation; each is an extra of ``netscript-plugin-auth``."""

OWN_BACKENDS: Final = ("kv-oauth", *EXTRAS, "memory")
"""All of them; ``memory`` is installed under no name, and is nobody else's."""

OF_VENDORS: Final = frozenset(
    {
        "BETTER_AUTH_SECRETS",
        "BETTER_AUTH_TELEMETRY",
        "BETTER_AUTH_TELEMETRY_DEBUG",
        "BETTER_AUTH_TELEMETRY_ENDPOINT",
        "BETTER_AUTH_TELEMETRY_ID",
        "BETTER_AUTH_TRUSTED_ORIGINS",
        "WORKOS_API_HOSTNAME",
        "WORKOS_API_HTTPS",
        "WORKOS_API_PORT",
        "WORKOS_COOKIE_MAX_AGE",
        "WORKOS_COOKIE_SAMESITE",
        "WORKOS_REDIRECT_URI",
    }
)
"""Variables that the libraries of vendors read and we do not, so that none passes for a misspelt one of ours.

Source: better-auth 1.7.25, the optional variables of ``@workos-inc/authkit-nextjs``.
"""
