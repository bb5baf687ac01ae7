"""How soon the command answers: ``scripts/bench command_start [--json] [--starts N]``.

``netscript --help`` and ``netscript plugin list`` take turns with ``python -c pass``, which is 1.00. The
workspace has ten plugins of its own and auth. Each number is the median.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from netscript_kernel.plugins import define_plugin
from tests.support.workspaces import MadeWorkspace, listed_as

STARTS: Final = 20
OWN_PLUGINS: Final = 10

_BARE: Final = "python -c pass"
_HELP: Final = "netscript --help"
_LIST: Final = "netscript plugin list"


def _made(folder: Path) -> MadeWorkspace:
    """Make a workspace of the usual size."""
    made = MadeWorkspace(folder.resolve())
    names = [f"plugin-{number}" for number in range(OWN_PLUGINS)]
    for position, name in enumerate(names):
        plugin = define_plugin(name, "0.1.0").with_description("One of many.")
        made.add_unlisted(plugin.with_service(f"{name}-api", "plugins.one:main", port=8100 + position))
    made.lists("netscript-plugin-auth", *map(listed_as, names))
    return made


def _once(command: Sequence[str], folder: Path) -> float:
    """Return the seconds from the start of a command to its end."""
    begun = time.perf_counter()
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def _seconds(commands: Mapping[str, Sequence[str]], folder: Path, starts: int) -> dict[str, float]:
    """Run all commands in turns, once before it counts, and return the median by name."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(starts + 1):
        for name, command in commands.items():
            seconds = _once(command, folder)
            if turn:
                taken[name].append(seconds)
    return {name: statistics.median(each) for name, each in taken.items()}


def main() -> None:
    """Measure, and print a table; with ``--json`` the last line is for a program that keeps track."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench command_start", description="How soon the command answers."
    )
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--starts", type=int, default=STARTS, help="how often each is started")
    options = parser.parse_args()
    netscript = str(Path(sys.executable).with_name("netscript"))
    commands = {
        _BARE: (sys.executable, "-c", "pass"),
        _HELP: (netscript, "--help"),
        _LIST: (netscript, "plugin", "list"),
    }
    with tempfile.TemporaryDirectory() as name:
        seconds = _seconds(commands, _made(Path(name)).root, options.starts)
    print(f"{'':<24}{'time':>10}{'ratio':>8}")
    for each, taken in seconds.items():
        print(f"{each:<24}{taken * 1000:>7.0f} ms{taken / seconds[_BARE]:>8.1f}")
    if options.json:
        numbers = {"help": _HELP, "list": _LIST}
        milliseconds = {f"{key}_ms": round(seconds[each] * 1000, 1) for key, each in numbers.items()}
        ratios = {key: round(seconds[each] / seconds[_BARE], 2) for key, each in numbers.items()}
        print(json.dumps({**ratios, **milliseconds}))


if __name__ == "__main__":
    main()
