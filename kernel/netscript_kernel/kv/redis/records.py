"""A record as the server keeps it: one value, so that reading it is one GET.

::

    1 byte   format
    8 bytes  version
    8 bytes  end in Unix seconds, a double; infinite for a record that stays
    4 bytes  size of the key
    4 bytes  size of the owners
    key
    owners, each after its size in 4 bytes
    value

Numbers are big-endian. The key is in it so that an answer proves whose it is, and the owners are so that a
script finds the places to clear. ``lua/shared.lua`` reads the same.
"""

import math
from struct import Struct, error
from typing import Final

from netscript_kernel.errors import StoreCorruptError
from netscript_kernel.kv.batch import Record
from netscript_kernel.kv.port import Entry

FORMAT: Final = 1

_HEAD: Final = Struct(">BQdII")
_KEY_AT: Final = _HEAD.size
_AFTER_VERSION: Final = Struct(">dII")
_SIZE: Final = Struct(">I")
_KIND: Final = "key-value"

_unpack = _HEAD.unpack_from


class OutOfStepError(Exception):
    """An answer is about another key than the one that was asked for: it belongs to somebody else."""


def encode_after_version(record: Record) -> bytes:
    """Return a record from its end on; what is before it, the script that gives the version puts there."""
    key = record.key.encode()
    names = [owner.encode() for owner, _ in record.index]
    owners = b"".join(_SIZE.pack(len(name)) + name for name in names)
    ends = math.inf if record.expires_at is None else record.expires_at
    return b"".join((_AFTER_VERSION.pack(ends, len(key), len(owners)), key, owners, record.value))


def read_live(stored: object, key: str, encoded: bytes, now: float) -> Entry | None:
    """Return the record that was asked for, or ``None`` where it has expired.

    Args:
        stored: What the server answered.
        key: What it was asked for.
        encoded: The same in UTF-8.
        now: Unix seconds by our clock.

    Raises:
        OutOfStepError: it is the record of another key, or no value at all.
        StoreCorruptError: it is no record that this version reads.
    """
    if not isinstance(stored, bytes):
        raise OutOfStepError
    version, ends, owners_at, value_at = _read_head(stored)
    if stored[_KEY_AT:owners_at] != encoded:
        raise OutOfStepError
    return None if ends <= now else Entry(key, stored[value_at:], version)


def read_listed(stored: bytes) -> Entry:
    """Return a record under the key that it says it has.

    Raises:
        StoreCorruptError: it is no record that this version reads.
    """
    version, _, owners_at, value_at = _read_head(stored)
    return Entry(stored[_KEY_AT:owners_at].decode(), stored[value_at:], version)


def unreadable() -> StoreCorruptError:
    """Say that a newer program has written here."""
    return StoreCorruptError(_KIND, f"its format is not {FORMAT}, which is all that this version reads")


def misplaced() -> StoreCorruptError:
    """Say that somebody has moved a record by hand."""
    return StoreCorruptError(_KIND, "it stands in the place of another")


def _read_head(stored: bytes) -> tuple[int, float, int, int]:
    try:
        form, version, ends, key_size, owners_size = _unpack(stored)
    except error as cause:
        raise StoreCorruptError(_KIND, "is too short") from cause
    if form != FORMAT:
        raise unreadable()
    owners_at = _KEY_AT + key_size
    value_at = owners_at + owners_size
    if value_at > len(stored):
        raise StoreCorruptError(_KIND, "is not as long as it says")
    return version, ends, owners_at, value_at
