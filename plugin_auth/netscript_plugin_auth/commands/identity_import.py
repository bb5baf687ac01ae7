"""``netscript auth identities import``: people of another store, under the same ids."""

import sys
from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Final

from pydantic import ValidationError

from netscript_auth_core.directory_changes import DirectoryChanges
from netscript_auth_core.domain import AuthUser
from netscript_auth_core.errors import InvalidInputError
from netscript_auth_core.events import EventName
from netscript_plugin_auth.commands.beside import FAILED, run_beside
from netscript_plugin_auth.opening import Opened

_NO_EXPORT: Final = "is not as netscript auth identities export writes it"


def import_identities(lines: Iterable[str], *, is_rehearsal: bool = False) -> int:
    """Keep the people of JSON Lines under their ids, print how many, and return the exit code.

    A line that cannot be taken is told, and the others are. Those who are here already are passed over. A
    store that is not there yet is made. A rehearsal looks at each line by itself; it keeps and makes nothing.

    Raises:
        ConfigurationError: with every fault there is.
    """
    try:
        # Read to its end first: of what is no text, not even the beginning comes in.
        every = list(lines)
    except UnicodeDecodeError:
        sys.stderr.write(f"FILE {_NO_EXPORT} (no UTF-8 text)\n")
        return FAILED
    work = partial(_import, lines=every, is_rehearsal=is_rehearsal)
    return run_beside(work, may_be_new=not is_rehearsal)


async def _import(parts: Opened, *, lines: Iterable[str], is_rehearsal: bool) -> int:
    changes, refused = DirectoryChanges(parts.store), 0
    counts = Counter[bool]()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            counts[await changes.restore(_read(line), is_rehearsal=is_rehearsal)] += 1
        except InvalidInputError as error:
            sys.stderr.write(f"line {number}: {error}\n")
            refused += 1
    if counts[True] and not is_rehearsal:
        parts.journal.write(EventName.IDENTITIES_IMPORTED, detail=f"{counts[True]} imported")
    done = "would be imported" if is_rehearsal else "imported"
    sys.stdout.write(f"{done}: {counts[True]}, already here: {counts[False]}, refused: {refused}\n")
    return FAILED if refused else 0


def _read(line: str) -> AuthUser:
    try:
        return AuthUser.model_validate_json(line)
    except ValidationError as error:
        where = ", ".join(".".join(map(str, each["loc"])) or "the line" for each in error.errors()[:3])
        raise InvalidInputError(where, _NO_EXPORT) from None
