"""``netscript auth sessions import``: sessions of another store, which are here what they were there."""

import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from netscript_auth_core.errors import InvalidInputError
from netscript_auth_core.events import EventName
from netscript_kernel.keys import SealingKeys
from netscript_plugin_auth.commands.beside import FAILED, run_beside
from netscript_plugin_auth.commands.session_export import tell_which_cannot
from netscript_plugin_auth.commands.telling import tell
from netscript_plugin_auth.opening import Opened
from netscript_plugin_auth.transfer.arrivals import Arrival, Arrivals
from netscript_plugin_auth.transfer.cookie_reach import CookieReach
from netscript_plugin_auth.transfer.departures import portable_sessions
from netscript_plugin_auth.transfer.key_file import read_key_file
from netscript_plugin_auth.transfer.lines import Line, LineRefusedError, numbered_lines, open_line

_REFUSED: Final = "refused"
_MADE_BY_THE_IMPORT: Final = "nothing, if it is new: a store that is not there is made without --dry-run"
_CUT_SHORT: Final = "The export was cut short, or lines of it are missing."
_TOO_OLD: Final = (
    "What was exported longer ago than --max-age, or is from a clock that is ahead, was left out: who signed "
    "out since would be signed in again.\n"
)

_UNREACHED: Final = (
    "Browsers send a cookie by its name, to where it was set: these people have to sign in anew here."
)

_WORDS: Final = {
    "wouldImport": "would be imported",
    Arrival.IMPORTED: "imported",
    Arrival.ALREADY_HERE: "already here",
    Arrival.EXPIRED: "expired",
    Arrival.ENDED_HERE: "ended here",
    Arrival.TOO_OLD: "too old",
    _REFUSED: _REFUSED,
}


@dataclass(slots=True)
class _Tally:
    """What became of the lines, and by which variables, if any, their cookies do not reach us."""

    here: CookieReach
    counts: Counter[str] = field(default_factory=Counter[str])
    differing: dict[str, str] = field(default_factory=dict[str, str])

    def compare(self, last: Line) -> None:
        if last.cookies is not None:
            self.differing |= dict(last.cookies.differences(self.here))


def import_sessions(
    key_file: Path, file: BinaryIO, *, max_age: timedelta, is_rehearsal: bool, as_json: bool
) -> int:
    """Take sessions in, print how many, and return the exit code: 1 where a line was refused, or is missing.

    A line that cannot be taken is told by its number, and the others are. A store that is not there yet is
    made, unless this is a rehearsal.

    Raises:
        ConfigurationError: with every fault there is; nothing was taken.
    """
    work = partial(
        _import,
        keys=read_key_file(key_file),
        file=file,
        max_age=max_age,
        is_rehearsal=is_rehearsal,
        as_json=as_json,
    )
    return run_beside(work, may_be_new=not is_rehearsal, if_none=_MADE_BY_THE_IMPORT)


async def _import(
    parts: Opened,
    *,
    keys: SealingKeys,
    file: BinaryIO,
    max_age: timedelta,
    is_rehearsal: bool,
    as_json: bool,
) -> int:
    if not portable_sessions(parts):
        tell_which_cannot(parts)
        return FAILED
    arrivals = Arrivals(parts, max_age, is_rehearsal=is_rehearsal)
    tally = _Tally(CookieReach.of(parts.settings))
    counts = tally.counts
    try:
        is_whole = await _take_all(arrivals, keys, file, tally)
    finally:
        if not is_rehearsal:
            parts.journal.write(EventName.SESSIONS_IMPORTED, detail=f"{counts[Arrival.IMPORTED]} sessions")
    _tell(tally, is_whole=is_whole, is_rehearsal=is_rehearsal, as_json=as_json)
    return 0 if is_whole and not counts[_REFUSED] and not counts[Arrival.TOO_OLD] else FAILED


async def _take_all(arrivals: Arrivals, keys: SealingKeys, file: BinaryIO, tally: _Tally) -> bool:
    """Take line by line, and say whether no line is missing, as far as the counts of the export tell."""
    before, is_whole, is_ended = 0, True, False
    for number, text in numbered_lines(file):
        line = _open(number, text, keys)
        is_ended = line is not None and line.session is None
        if line is not None and is_ended:
            is_whole, before = is_whole and line.sessions == before, 0
            tally.compare(line)
            continue
        before += 1
        tally.counts[await _take(arrivals, number, line)] += 1
    return is_whole and is_ended


def _open(number: int, text: bytes, keys: SealingKeys) -> Line | None:
    try:
        return open_line(text, keys)
    except LineRefusedError as error:
        sys.stderr.write(f"line {number} {error}\n")
        return None


async def _take(arrivals: Arrivals, number: int, line: Line | None) -> str:
    if line is None or line.session is None:
        return _REFUSED
    try:
        return await arrivals.take(line.session, line.exported_at)
    except InvalidInputError as error:
        sys.stderr.write(f"line {number}: its session {error.problem}\n")
        return _REFUSED


def _tell(tally: _Tally, *, is_whole: bool, is_rehearsal: bool, as_json: bool) -> None:
    counts = tally.counts
    told = {name: counts[name] for name in (*(each.value for each in Arrival), _REFUSED)}
    if is_rehearsal:
        told = {"wouldImport" if name == Arrival.IMPORTED else name: count for name, count in told.items()}
    words = ", ".join(f"{_WORDS[name]}: {count}" for name, count in told.items())
    document = {**told, "isWhole": is_whole, "differing": list(tally.differing)}
    tell(document, f"{words}\n", as_json=as_json)
    for variable, how in tally.differing.items():
        sys.stderr.write(f"{variable} differs: {how}. {_UNREACHED}\n")
    if counts[Arrival.TOO_OLD]:
        sys.stderr.write(_TOO_OLD)
    if not is_whole:
        sys.stderr.write(f"{_CUT_SHORT}\n")
