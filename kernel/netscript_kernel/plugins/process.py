"""One process of a plugin: calls its installers and its entrypoint, and ends with its exit code.

::

    python -P -m netscript_kernel.plugins.process plugins.notifier.service:main --plugin notifier --root .

What cannot be started is told in one line on standard error. The process ends with the one that started it.
"""

import inspect
import os
import sys
import traceback
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Final

from netscript_kernel.error_places import place_of
from netscript_kernel.errors import ConfigurationError, NetScriptError
from netscript_kernel.parent_watch import end_with_starter

DONE: Final = 0
FAILED: Final = 1
CONFIGURED_WRONGLY: Final = 2
"""Its configuration is faulty, so that it would be in vain to start it again."""

_STARTED: Final = b"\n"


class EntrypointError(Exception):
    """A function that the manifest names cannot be called. Says why, and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one process of a plugin, and return its exit code."""
    end_with_starter()
    told = _told(arguments)
    if told.root is not None:
        sys.path.insert(0, str(Path(told.root).resolve()))
    for variable, number in told.concurrency:
        os.environ.setdefault(variable, number)
    try:
        for installer in told.installer:
            _call(installer, "telemetry installer")
        entrypoint = resolve(told.entrypoint, "entrypoint")
        _say_started(told.started_fd)
        return _exit_code(_run(entrypoint, told.entrypoint, "entrypoint"), told.entrypoint)
    except EntrypointError as error:
        sys.stderr.write(f"netscript: {_whose(told.plugin)}{error}\n")
        return FAILED
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return CONFIGURED_WRONGLY
    except NetScriptError as error:
        sys.stderr.write(f"netscript: {_whose(told.plugin)}{error}\n")
        return FAILED


def resolve(value: str, kind: str) -> Callable[[], object]:
    """Import the function that ``module:function`` names.

    Args:
        value: As in a manifest.
        kind: How an error calls it.

    Raises:
        EntrypointError: it cannot be imported, or cannot be called without arguments.
        NetScriptError: the module raised it, which says itself what to do.
    """
    module_name, _, name = value.partition(":")
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        raise EntrypointError(_not_found(kind, value, module_name, error)) from None
    except NetScriptError:
        raise  # it says itself what to do
    except Exception as error:  # noqa: BLE001 - a plugin's import raises anything
        problem = f"cannot be imported: {type(error).__name__}: {error}{_where(error)}"
        raise EntrypointError(f"its {kind} {value} {problem}. Fix: mend that module") from None
    function: Callable[[], object] | None = getattr(module, name, None)
    if function is None:
        fix = f"define {name} there, or name another in the manifest"
        raise EntrypointError(f"its {kind} {value} is not there: {module_name} has no {name}. Fix: {fix}")
    _require_callable(function, value, kind)
    return function


def _told(arguments: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(
        prog="python -m netscript_kernel.plugins.process",
        description="Run one process of a plugin until it is told to stop.",
        allow_abbrev=False,
    )
    parser.add_argument("entrypoint", metavar="MODULE:FUNCTION", help="what its manifest names")
    parser.add_argument("--plugin", metavar="NAME", help="whose it is, for messages")
    parser.add_argument("--root", metavar="FOLDER", help="of the workspace: imports look here first")
    parser.add_argument(
        "--installer", metavar="MODULE:FUNCTION", action="append", default=[], help="called before"
    )
    parser.add_argument(
        "--concurrency",
        metavar="NAME=N",
        type=_concurrency,
        action="append",
        default=[],
        help="what this variable says, unless it is set",
    )
    parser.add_argument(
        "--started-fd",
        metavar="N",
        type=int,
        help="told when the entrypoint is called",
    )
    return parser.parse_args(arguments)


def _concurrency(text: str) -> tuple[str, str]:
    variable, _, number = text.partition("=")
    if not variable or not (number.isascii() and number.isdigit()):
        raise ArgumentTypeError("is no variable with a number, such as NOTIFIER_CONCURRENCY=4")
    return variable, number


def _whose(plugin: str | None) -> str:
    return f"plugin {plugin}: " if plugin else ""


def _not_found(kind: str, value: str, module_name: str, error: ModuleNotFoundError) -> str:
    """Tell a module that is not there from one that lacks something else."""
    is_itself = error.name is not None and f"{module_name}.".startswith(f"{error.name}.")
    if is_itself:
        fix = "see that this module is there: own plugins are imported from the folder of the workspace"
        return f"its {kind} {value} cannot be imported: there is no module {error.name}. Fix: {fix}"
    fix = f"install what brings {error.name}, or mend the import"
    return f"its {kind} {value} cannot be imported: {error}{_where(error)}. Fix: {fix}"


def _require_callable(function: object, value: str, kind: str) -> None:
    if not callable(function):
        fix = "name a function without arguments in the manifest"
        raise EntrypointError(
            f"its {kind} {value} is no function, but of type {type(function).__name__}. Fix: {fix}"
        )
    try:
        inspect.signature(function).bind()
    except TypeError:
        fix = "give each argument a default, or name a function without arguments"
        raise EntrypointError(f"its {kind} {value} wants arguments, and gets none. Fix: {fix}") from None
    except ValueError:
        return  # a built-in one without a signature
    if inspect.iscoroutinefunction(function):
        fix = f"name a plain function, which calls asyncio.run({value.rpartition(':')[2]}())"
        raise EntrypointError(f"its {kind} {value} is async, and nobody would await it. Fix: {fix}")


def _call(value: str, kind: str) -> None:
    _run(resolve(value, kind), value, kind)


def _run(function: Callable[[], object], value: str, kind: str) -> object:
    try:
        return function()
    except NetScriptError:
        raise
    except Exception as error:  # noqa: BLE001 - and so does what it runs
        traceback.print_exc()
        problem = f"raised {type(error).__name__}: {error}{_where(error)}"
        fix = "see the lines above, and mend it there"
        raise EntrypointError(f"its {kind} {value} {problem}. Fix: {fix}") from None


def _where(error: BaseException) -> str:
    return place_of(error, skipped=[__file__])


def _say_started(descriptor: int | None) -> None:
    if descriptor is None:
        return
    with suppress(OSError):  # whoever wanted to know is gone
        os.write(descriptor, _STARTED)
    with suppress(OSError):
        os.close(descriptor)


def _exit_code(returned: object, value: str) -> int:
    if returned is None:
        return DONE
    if isinstance(returned, int):
        return int(returned)
    fix = "return nothing, or an exit code"
    raise EntrypointError(
        f"its entrypoint {value} returned something of type {type(returned).__name__}. Fix: {fix}"
    )


if __name__ == "__main__":
    sys.exit(main())
