"""What a commit asks for, checked and copied: every store starts from this."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from netscript_kernel.kv.port import Check, Commit, IndexEntry, Put

MOST_LISTED = 1000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Record:
    """A record to write.

    Attributes:
        key: Where to keep it.
        value: What was put.
        expires_at: Unix seconds from which it is no longer there; ``None`` keeps it for good.
        index: Pairs of owner and rank.
    """

    key: str
    value: bytes
    expires_at: float | None
    index: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """One commit, independent of the sequences that the caller still holds."""

    checks: tuple[Check, ...]
    records: tuple[Record, ...]
    deletes: tuple[str, ...]


def read_batch(checks: Sequence[Check], puts: Sequence[Put], deletes: Sequence[str]) -> Batch:
    """Copy what a commit was given.

    Raises:
        ValueError: a key appears twice among puts and deletes, an owner twice in one put, a key or an owner
            has a lone surrogate, a rank is not a number, or an ``expires_at`` has no time zone.
    """
    written = [*(put.key for put in puts), *deletes]
    _require_text("key", [*written, *(check.key for check in checks)])
    twice = _first_repeated(written)
    if twice is not None:
        raise ValueError(f"the key {twice!r} appears twice among puts and deletes of one commit")
    return Batch(tuple(checks), tuple(_read_put(put) for put in puts), tuple(deletes))


def read_batches(commits: Sequence[Commit]) -> list[Batch]:
    """Copy what several commits were given. Raises as :func:`read_batch` does."""
    return [read_batch(commit.checks, commit.puts, commit.deletes) for commit in commits]


def is_text(name: str) -> bool:
    """Tell whether a key or an owner can be stored: a lone surrogate has no bytes in UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def in_pieces(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the items in order, at most so many at a time."""
    return (items[begun : begun + size] for begun in range(0, len(items), size))


def check_list_limit(limit: int) -> None:
    """Refuse a page size that :meth:`KvStorePort.list_owned` does not know.

    Raises:
        ValueError: the limit is not in 1 to 1000.
    """
    if not 1 <= limit <= MOST_LISTED:
        raise ValueError(f"limit must be 1 to {MOST_LISTED}, not {limit}")


def check_sweep_limit(limit: int) -> None:
    """Refuse a sweep that could never come to its end.

    Raises:
        ValueError: the limit is under 1.
    """
    if limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")


def _read_put(put: Put) -> Record:
    index = tuple(_read_place(place, put.key) for place in put.index)
    owners = [owner for owner, _ in index]
    _require_text("owner", owners)
    twice = _first_repeated(owners)
    if twice is not None:
        raise ValueError(f"the owner {twice!r} appears twice in the index of {put.key!r}")
    return Record(put.key, put.value, _read_expiry(put.expires_at, put.key), index)


def _read_place(place: IndexEntry, key: str) -> tuple[str, float]:
    if math.isnan(place.rank):
        raise ValueError(f"the rank of {key!r} under {place.owner!r} is not a number")
    return place.owner, float(place.rank)


def _read_expiry(expires_at: datetime | None, key: str) -> float | None:
    if expires_at is None:
        return None
    if expires_at.tzinfo is None:
        raise ValueError(f"expires_at of {key!r} has no time zone; give an aware UTC datetime")
    return expires_at.timestamp()


def _require_text(what: str, names: Iterable[str]) -> None:
    broken = next((name for name in names if not is_text(name)), None)
    if broken is not None:
        raise ValueError(f"the {what} {broken!r} has a lone surrogate, which is no text")


def _first_repeated(names: Collection[str]) -> str | None:
    if len(set(names)) == len(names):
        return None
    return next(name for name, count in Counter(names).items() if count > 1)
