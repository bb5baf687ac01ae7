"""What plugins need of the environment. No value of a variable is ever told."""

from collections.abc import Sequence
from typing import Final

from netscript_cli.doctor.check import Context, Finding
from netscript_cli.workspace.variables import DEVELOPMENT, PROFILE
from netscript_kernel.plugins import PluginManifest, Severity

_STORE: Final = "NETSCRIPT_KV_URL"
_MOST: Final = 10_000


def look_at_environment(manifest: PluginManifest, context: Context) -> Sequence[Finding]:
    """Find a plugin that needs the key-value store where none is named, and ``netscript dev`` gives none."""
    is_named = {_STORE, f"{_STORE}_FILE"} & context.variables.keys()
    if not manifest.requires_kv or is_named or context.variables.get(PROFILE) == DEVELOPMENT:
        return ()
    problem = f"needs the key-value store, and {_STORE} is not set"
    fix = f"set {_STORE}, such as sqlite:///kv.db or redis://127.0.0.1:6379"
    return (Finding(Severity.WARNING, problem, fix),)


def look_at_concurrency(manifest: PluginManifest, context: Context) -> Sequence[Finding]:
    """Find variables that should say how much a processor does at a time, and say no number."""
    named = [each.concurrency_env for each in manifest.contributions.background_processors]
    return [
        Finding(
            Severity.ERROR,
            f"{name} is no number from 1 to {_MOST}",
            f"set it to such a number, or unset {name}",
        )
        for name in dict.fromkeys(named)
        if name is not None and name in context.variables and not _is_number(context.variables[name])
    ]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(_MOST)) and 1 <= int(text) <= _MOST
