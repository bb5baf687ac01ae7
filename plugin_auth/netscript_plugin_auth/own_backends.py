"""The names of NetScript's own backends, whether they are installed or not."""

from typing import Final

EXTRAS: Final = ("workos", "better-auth")
"""Those that ``pip install 'netscript-plugin-auth[NAME]'`` brings."""

OWN_BACKENDS: Final = ("kv-oauth", *EXTRAS, "memory")
"""All of them; ``memory`` is installed under no name, and is nobody else's."""
