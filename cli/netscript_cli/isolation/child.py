"""The process that runs code of plugins: ``python -P -m netscript_cli.isolation.child``.

It reads one JSON document, the folder to import from and the tasks, and answers with a line of JSON for
each task, in their order. Whatever a plugin prints goes nowhere: the pipe of the answers is moved before.
"""

import json
import os
import signal
import sys
import traceback
from importlib import import_module
from typing import Any, Final, NoReturn

_LONGEST: Final = 500


def main() -> NoReturn:
    """Do all tasks, and end at once, whatever threads plugins have left behind."""
    request = json.load(sys.stdin)
    answers = _take_over_standard_streams()
    sys.path.insert(0, request["root"])
    for task in request["tasks"]:
        # Where whoever waits for the answer is gone, nobody else ends a task that hangs.
        signal.alarm(request["alarm"])
        line = json.dumps(_done(task))
        _write(answers, f"{line}\n".encode())
    os._exit(0)


def _take_over_standard_streams() -> int:
    """Return the pipe of the answers, which no program inherits that a plugin starts."""
    answers = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    return answers


def _done(task: dict[str, Any]) -> dict[str, Any]:
    module, _, name = task["probe"].partition(":")
    probe = getattr(import_module(module), name)
    try:
        answer = {"answer": probe(**task["arguments"])}
        json.dumps(answer)
    except BaseException as error:  # noqa: BLE001 - a plugin may raise anything, SystemExit too
        return {"broken": _words(error)}
    return answer


def _words(error: BaseException) -> str:
    """Say what was raised, and where, in one line that may go to a terminal."""
    if isinstance(error, SystemExit):
        return f"ends the process by sys.exit{_place(error)}"
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001 - nor may its words break anything
        text = "without words"
    words = f"{type(error).__name__}: {text}" if text else type(error).__name__
    line = " ".join("".join(each if each.isprintable() else " " for each in words[:_LONGEST]).split())
    return f"raises {line}{_place(error)}"


def _place(error: BaseException) -> str:
    """Return the last place in a file that is neither ours nor Python's machinery of imports."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120 - text, as frames have it
    for frame in reversed(frames):
        if not frame.filename.startswith(("<", ours)):
            return f" ({frame.filename}:{frame.lineno})"
    return ""


def _write(descriptor: int, text: bytes) -> None:
    while text:
        text = text[os.write(descriptor, text) :]


if __name__ == "__main__":
    main()
