"""``netscript auth identities list`` and ``export``: who is known, and by which accounts."""

import sys
from collections.abc import Callable
from functools import partial

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import AuthUser
from netscript_plugin_auth.commands import identity_texts
from netscript_plugin_auth.commands.beside import run_beside
from netscript_plugin_auth.commands.identity_texts import in_words
from netscript_plugin_auth.opening import Opened


def list_identities(*, as_json: bool) -> int:
    """Print everybody with their accounts, and return the exit code.

    Raises:
        ConfigurationError: with every fault there is.
    """
    told, nobody = (identity_texts.as_json, "") if as_json else (in_words, "Nobody is known yet.\n")
    return run_beside(partial(_print_all, told=told, nobody=nobody))


def export_identities() -> int:
    """Print everybody as JSON Lines, which ``import`` reads; likewise."""
    return list_identities(as_json=True)


async def _print_all(parts: Opened, *, told: Callable[[AuthUser], str], nobody: str) -> int:
    is_anybody_known = False
    async for user in UserDirectory(parts.store, parts.clock).everybody():
        is_anybody_known = True
        sys.stdout.write(told(user))
    if not is_anybody_known:
        sys.stdout.write(nobody)
    return 0
