"""How plugins may be called."""

from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator

from netscript_kernel.plain_names import is_plain_name
from netscript_kernel.plugins.contributions import invalid
from netscript_kernel.plugins.faults import FaultCode

RESERVED: Final = frozenset({"netscript", "kernel", "core", "plugin", "plugins", "cli"})
"""A plugin of such a name would be taken for something else."""

_LONGEST: Final = 64


def is_plugin_name(text: str) -> bool:
    """Whether a plugin may be called so, as far as its letters go."""
    return len(text) <= _LONGEST and is_plain_name(text) and "." not in text


def _plugin_name(text: str) -> str:
    if not is_plugin_name(text):
        raise invalid(FaultCode.NAME_INVALID, f"cannot be {text[: 2 * _LONGEST]!r}", _advice(text))
    if text in RESERVED:
        problem = f"cannot be {text!r}, which means something else here"
        raise invalid(FaultCode.NAME_RESERVED, problem, "take another name")
    return text


def _advice(text: str) -> str:
    """Say how a name looks; a scope, as other package indexes have it, is told from the name."""
    rule = f"use lower-case letters, digits and single hyphens, at most {_LONGEST} characters"
    if not text.startswith("@"):
        return rule
    scope, _, last = text.removeprefix("@").partition("/")
    own = scope if last in {"", "plugin"} else last.removeprefix("plugin-")
    return f"{rule}; there are no scopes: {own}" if is_plugin_name(own) else rule


PluginName: TypeAlias = Annotated[str, AfterValidator(_plugin_name)]
