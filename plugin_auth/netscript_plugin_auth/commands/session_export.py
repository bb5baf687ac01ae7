"""``netscript auth sessions export``: everybody's sessions, sealed for another store."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, TextIO

from netscript_auth_core.events import EventName
from netscript_auth_core.ports import AuthBackendPort
from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.keys import SealingKeys
from netscript_plugin_auth.commands.beside import FAILED, run_beside
from netscript_plugin_auth.draining.sessions import is_kept_here
from netscript_plugin_auth.opening import Opened
from netscript_plugin_auth.transfer.cookie_reach import CookieReach
from netscript_plugin_auth.transfer.departures import all_backends, departures, portable_sessions
from netscript_plugin_auth.transfer.key_file import read_key_file
from netscript_plugin_auth.transfer.lines import last_line, session_line

_OF_THE_OWNER: Final = 0o600
_UPSTREAM: Final = (
    "are kept at its upstream, and go on by themselves: nothing to export; people keep their ids by "
    "netscript auth identities export"
)
_STAY: Final = "are kept here, and its adapter cannot let them go: who has one signs in anew elsewhere"


def export_sessions(key_file: Path, out: Path | None) -> int:
    """Write every active session as a sealed line, and return the exit code: 1 where some cannot go.

    Args:
        key_file: Holds the key that seals them.
        out: A new file for its owner alone; standard output by default.

    Raises:
        ConfigurationError: with every fault there is; nothing was written.
    """
    keys = read_key_file(key_file)
    return run_beside(partial(_export, keys=keys, out=out))


async def _export(parts: Opened, *, keys: SealingKeys, out: Path | None) -> int:
    is_whole = tell_which_cannot(parts)
    if not portable_sessions(parts):
        return FAILED
    try:
        with _output(out) as file:
            await _write_all(parts, keys, file)
    except OSError as error:
        sys.stderr.write(f"It cannot be written ({error.strerror}), and is of no use so.\n")
        return FAILED
    return 0 if is_whole else FAILED


async def _write_all(parts: Opened, keys: SealingKeys, file: TextIO) -> None:
    began, written, behind = parts.clock.now(), 0, 0
    try:
        async for session in departures(parts):
            if session is None:
                behind += 1
                continue
            file.write(session_line(session, began, keys))
            written += 1
        file.write(last_line(written, began, keys, CookieReach.of(parts.settings)))
        file.flush()
    finally:
        parts.journal.write(EventName.SESSIONS_EXPORTED, detail=f"{written} sessions")
    sys.stderr.write(f"exported: {written}, left behind: {behind}\n")


def tell_which_cannot(parts: Opened) -> bool:
    """Tell whose sessions cannot be carried, and say whether all that are kept here can."""
    portable = portable_sessions(parts)
    rest = [each for each in all_backends(parts) if each.name not in portable]
    sys.stderr.write("".join(f"Sessions of {each.name} {_why(each)}.\n" for each in rest))
    return not any(is_kept_here(each) for each in rest)


def _why(backend: AuthBackendPort) -> str:
    return _STAY if is_kept_here(backend) else _UPSTREAM


@contextmanager
def _output(out: Path | None) -> Generator[TextIO]:
    if out is None:
        yield sys.stdout
        return
    with _make(out) as file:
        try:
            yield file
        except BaseException:
            # Half an export is of no use to anybody.
            out.unlink(missing_ok=True)
            raise


def _make(out: Path) -> TextIO:
    try:
        made = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OF_THE_OWNER)
        return os.fdopen(made, "w", encoding="ascii")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no file can have such a name"
        fault = Fault(
            "--out", f"names a file that cannot be made ({why})", "a new file in a folder that can be written"
        )
        raise ConfigurationError([fault]) from None
