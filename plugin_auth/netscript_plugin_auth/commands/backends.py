"""``netscript auth backend``: which backends are installed, and what one of them reads.

What a backend can do depends on how it is configured, so a running service says that (``/describe``), and the
table of the conformance kit; nothing is guessed here.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from difflib import get_close_matches
from importlib.metadata import EntryPoint
from textwrap import wrap
from typing import Any, Final, cast

from netscript_auth_core.backends import find_backend, installed_backends
from netscript_kernel.settings import fix_of, is_secret
from netscript_plugin_auth.extras import how_to_install
from netscript_plugin_auth.own_backends import EXTRAS
from netscript_plugin_auth.variables import KnowsVariables

USED_WRONGLY: Final = 2
_WIDTH: Final = 100
_UNITS: Final = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))


@dataclass(frozen=True, slots=True)
class InstalledBackend:
    """A backend, as far as its distribution tells."""

    name: str
    distribution: str
    version: str
    summary: str

    @classmethod
    def of(cls, name: str, point: EntryPoint) -> "InstalledBackend":
        """Return what is known without importing it."""
        if point.dist is None:
            return cls(name, "an unknown distribution", "", "")
        return cls(name, point.dist.name, point.dist.version, point.dist.metadata["Summary"] or "")


@dataclass(frozen=True, slots=True)
class ReadVariable:
    """A variable that a backend reads.

    Attributes:
        default: What holds unless it is set, as text.
        is_secret: Whether a file may hold it instead, named by the variable with ``_FILE``.
    """

    name: str
    meaning: str
    is_required: bool
    is_secret: bool
    default: str | None


def print_backends(*, as_json: bool) -> int:
    """Print the backends that are installed, and return the exit code."""
    found = [InstalledBackend.of(name, point) for name, point in sorted(installed_backends().items())]
    sys.stdout.write(_json([asdict(each) for each in found]) if as_json else _listing(found))
    return 0


def print_backend(name: str, *, as_json: bool) -> int:
    """Print what a backend reads, and return the exit code: 2 where there is none."""
    installed = installed_backends()
    if name not in installed:
        sys.stderr.write(_unknown(name, sorted(installed)))
        return USED_WRONGLY
    try:
        settings: Any = find_backend(name).settings
    except Exception as error:  # noqa: BLE001 - a stranger's import may raise anything
        sys.stderr.write(
            f"The backend {name} cannot be imported ({type(error).__name__}: {error}). Reinstall it.\n"
        )
        return USED_WRONGLY
    one = InstalledBackend.of(name, installed[name])
    # A field that gathers variables of many names is no variable.
    fields = (field for field in settings.model_fields if "*" not in settings.variable(field))
    variables = [_variable(settings, field) for field in fields]
    reads_more = isinstance(settings, KnowsVariables)
    document = {**asdict(one), "variables": [asdict(each) for each in variables], "reads_more": reads_more}
    sys.stdout.write(_json(document) if as_json else _sheet(one, variables, reads_more=reads_more))
    return 0


def _unknown(name: str, installed: Sequence[str]) -> str:
    if name in EXTRAS:
        return f"No backend {name!r} is installed. Fix: {how_to_install(name)}\n"
    close = get_close_matches(name.strip().lower(), installed, n=1)
    meant = f"Did you mean {close[0]}? " if close else ""
    return f"No backend {name!r} is installed. {meant}Installed: {', '.join(installed) or 'none'}\n"


def _variable(settings: Any, field: str) -> ReadVariable:
    info = settings.model_fields[field]
    secret, required = is_secret(info), info.is_required()
    default = None if required or secret else info.get_default(call_default_factory=True)
    told_default = None if default is None else _text(default)
    return ReadVariable(settings.variable(field), fix_of(info), required, secret, told_default)


def _text(value: object) -> str:
    """Return a default as an operator would write it."""
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return next(f"{seconds // size}{unit}" for unit, size in _UNITS if seconds % size == 0)
    return ", ".join(map(str, cast("tuple[object, ...]", value))) if isinstance(value, tuple) else str(value)


def _listing(found: Sequence[InstalledBackend]) -> str:
    rows = [("NAME", "FROM"), *((each.name, f"{each.distribution} {each.version}") for each in found)]
    width = max(len(name) for name, _ in rows)
    lines = (f"{name:{width}}  {origin}".rstrip() for name, origin in rows)
    return "\n".join((*lines, "", "What one of them reads: netscript auth backend show NAME", ""))


def _sheet(one: InstalledBackend, variables: Sequence[ReadVariable], *, reads_more: bool) -> str:
    lines = [
        f"{one.name}, from {one.distribution} {one.version}".rstrip(),
        *wrap(one.summary, _WIDTH),
        "",
        "Set",
    ]
    for variable in variables:
        lines += _lines(variable)
    if reads_more:
        lines.append("  and names that are built from others, which its README explains")
    lines += ["", *wrap(_WHAT_IT_CAN_DO, _WIDTH)]
    return "".join(f"{line}\n" for line in lines)


def _lines(variable: ReadVariable) -> Iterator[str]:
    need = " (must be set)" if variable.is_required else ""
    if variable.default:
        need = f" ({variable.default} unless set)"
    first = f"{variable.name}{need}: {variable.meaning}"
    yield from wrap(
        first,
        _WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    if variable.is_secret:
        yield f"    or in a file named by {variable.name}_FILE"


def _json(document: object) -> str:
    return json.dumps(document, indent=2) + "\n"


_WHAT_IT_CAN_DO: Final = (
    "What it can do depends on what is set: a running service says so at /api/v1/auth/describe, with the "
    "reason for everything that it does not offer."
)
