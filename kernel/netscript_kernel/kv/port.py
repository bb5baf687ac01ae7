"""KvStorePort: versioned records, several keys written at once, and an ordered index per owner.

Keys are text such as ``"auth/session/3vX..."``; the caller keeps them under 512 characters. Values are
bytes; whoever writes them puts a schema version inside. A record whose ``expires_at`` has come is not there,
for every method, by OUR clock: whether the store has purged it yet never shows.

A lone surrogate is no character and has no bytes: a key or an owner with one is refused by a commit, and
nothing is there for whoever asks for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable


class Entry(NamedTuple):
    """A record as it was read. A tuple, because every read makes one.

    Attributes:
        key: Where it is kept.
        value: What was put.
        version: Grows with every commit of the store, so a record that was deleted and made again never
            has its old version back.
    """

    key: str
    value: bytes
    version: int


@dataclass(frozen=True, slots=True)
class Check:
    """A condition of a commit: the record still has this version, or, with ``None``, is not there."""

    key: str
    version: int | None


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A place in the ordered index of one owner, such as a person's sessions by creation time.

    Attributes:
        owner: Whose index, for example ``"auth/user-sessions/usr_1"``.
        rank: Position, ascending; equal ranks stand in order of their keys.
    """

    owner: str
    rank: float


@dataclass(frozen=True, slots=True)
class Put:
    """A record to write, with its whole place in indexes: what is not named here is taken out.

    Attributes:
        key: Where to keep it.
        value: The record.
        expires_at: Aware UTC time from which it is no longer there; ``None`` keeps it for good.
        index: Owners under which :meth:`KvStorePort.list_owned` finds it.
    """

    key: str
    value: bytes
    expires_at: datetime | None = None
    index: Sequence[IndexEntry] = field(default=())


@dataclass(frozen=True, slots=True)
class Commit:
    """One of several commits; see :meth:`KvStorePort.commit`."""

    checks: Sequence[Check] = ()
    puts: Sequence[Put] = ()
    deletes: Sequence[str] = ()


@runtime_checkable
class KvStorePort(Protocol):
    """Records by key, for one or many processes.

    Every method raises ``StoreUnavailableError`` when the store does not answer; none turns that into
    "not there".
    """

    @property
    def name(self) -> str:
        """Which store this is, for messages: ``memory``, ``sqlite``, ``redis``."""
        ...

    @property
    def durable(self) -> bool:
        """Whether a commit that returned survives the end of this process."""
        ...

    async def get(self, key: str) -> Entry | None:
        """Return the record, or ``None`` where there is none or it has expired."""
        ...

    async def commit(
        self,
        *,
        checks: Sequence[Check] = (),
        puts: Sequence[Put] = (),
        deletes: Sequence[str] = (),
    ) -> int | None:
        """Write all or nothing, if every check holds.

        Deleting what is not there is no fault. A key appears at most once among puts and deletes.

        Returns:
            The version that all written records now have, or ``None`` if a check failed and nothing was
            written. Once it returns a version, a durable store has the records on disk.

        Raises:
            ValueError: a key appears twice among puts and deletes, an owner twice in one put, a key or an
                owner has a lone surrogate, a rank is not a number, or an ``expires_at`` has no time zone.
        """
        ...

    async def commit_each(self, commits: Sequence[Commit]) -> Sequence[int | None]:
        """Do many commits, in order, on few trips to the store: each all or nothing, none for the others.

        A commit sees what those before it wrote. Somebody else's may come in between.

        Returns:
            For each what :meth:`commit` would return.

        Raises:
            ValueError: one of them is what :meth:`commit` refuses; nothing was written.
        """
        ...

    async def take(self, key: str) -> Entry | None:
        """Read and delete in one step: of any number of concurrent takers exactly one gets the record."""
        ...

    async def list_owned(self, owner: str, *, limit: int = 100, after: str | None = None) -> Sequence[Entry]:
        """Return records indexed under an owner, by rank then key, without looking at other records.

        Args:
            owner: As given in :class:`IndexEntry`.
            limit: At most this many, 1 to 1000.
            after: The key of the last record of the previous page; an unknown one yields an empty page.

        Raises:
            ValueError: the limit is not in 1 to 1000.
        """
        ...

    async def sweep(self, *, limit: int = 1000) -> int:
        """Delete up to ``limit`` (1 or more) expired records for good; return how many went, 0 when done."""
        ...

    async def check_health(self) -> None:
        """Return when the store answers a read and, where that is cheap, could write."""
        ...

    async def aclose(self) -> None:
        """Finish writes under way and let go of the store. Closing twice is no fault.

        A store that is used afterwards does not answer: ``StoreUnavailableError``.
        """
        ...
