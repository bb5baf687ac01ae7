"""The process that runs code of plugins: ``python -P -m netscript_cli.isolation.child_program DESCRIPTOR``.

It reads lines of JSON there: first the folder to import from and the probes that there will be, then lists
of tasks. The line "ready" says that it begins; then it answers with a line for each task, in their order:
the task's mark, and JSON. Whatever a plugin prints goes nowhere: the pipe of the answers is moved before.
No program inherits that pipe that a plugin starts; a fork of this process does, and ends without an answer.
"""

import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, NoReturn

from netscript_cli.terminal import in_one_line
from netscript_kernel.error_places import place_of

_LONGEST: Final = 500
_OURS: Final = os.getpid()


def main() -> NoReturn:
    """Do tasks until there will be no more, and end at once, whatever threads plugins have left behind."""
    descriptor = int(sys.argv[1])
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - it takes nothing else
    requests = open(descriptor, encoding="utf-8")  # noqa: SIM115 - it is a descriptor, to the end
    opening = json.loads(requests.readline())
    answers = _take_over_standard_streams()
    # Before anything of plugins can stand in the way. From here on the time of the tasks counts.
    probes = {name: _probe(name) for name in opening["probes"]}
    _write(answers, b"ready\n")
    root = opening["root"]
    sys.path.insert(0, root)
    for line in requests:
        for task in json.loads(line):
            outcome = _done(probes[task["probe"]], task["arguments"], root)
            if os.getpid() != _OURS:
                sys.exit()
            answer = f"{task['mark']} {json.dumps(outcome, ensure_ascii=False)}\n"
            _write(answers, answer.encode(errors="replace"))  # of a path that is no UTF-8, say
    os._exit(0)


def _take_over_standard_streams() -> int:
    """Return the pipe of the answers."""
    answers = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    return answers


def _probe(value: str) -> Callable[..., object]:
    module, _, name = value.partition(":")
    probe: Callable[..., object] = getattr(import_module(module), name)
    return probe


def _done(probe: Callable[..., object], arguments: dict[str, Any], root: str) -> dict[str, Any]:
    try:
        answer = {"answer": probe(**arguments)}
        json.dumps(answer)
    except BaseException as error:
        if os.getpid() != _OURS:
            raise  # a fork of a plugin ends as any Python does
        return {"broken": _words(error, root), "missing": _missing(error)}
    return answer


def _words(error: BaseException, root: str) -> str:
    """Say what was raised, and where, in one line that may go to a terminal."""
    if isinstance(error, SystemExit):
        return f"ends the process by sys.exit{_place(error, root)}"
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
    except BaseException:  # noqa: BLE001 - nor may its words break anything
        text = "without words"
    words = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return f"raises {in_one_line(words[:_LONGEST])}{_place(error, root)}"


def _missing(error: BaseException) -> str | None:
    return str(error.name) if isinstance(error, ModuleNotFoundError) and error.name else None


def _place(error: BaseException, root: str) -> str:
    """Return the last place in the workspace, or else the last that is not ours."""
    ours = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120 - text, as frames have it
    return place_of(error, root=root, skipped=[ours])


def _write(descriptor: int, text: bytes) -> None:
    while text:
        text = text[os.write(descriptor, text) :]


if __name__ == "__main__":
    main()
