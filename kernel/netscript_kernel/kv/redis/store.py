"""RedisKvStore: the port over one connection for reads, and scripts for everything else."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from netscript_kernel.clock import Clock
from netscript_kernel.kv.batch import (
    Batch,
    check_list_limit,
    check_sweep_limit,
    in_pieces,
    is_text,
    read_batch,
    read_batches,
)
from netscript_kernel.kv.port import Check, Commit, Entry, IndexEntry, Put
from netscript_kernel.kv.redis.commands import Commands
from netscript_kernel.kv.redis.failures import STORE, out_of_step
from netscript_kernel.kv.redis.names import Names
from netscript_kernel.kv.redis.reads import Reads
from netscript_kernel.kv.redis.records import OutOfStepError, read_listed, read_live
from netscript_kernel.kv.redis.scripts import (
    COMMIT,
    LIST_OWNED,
    SWEEP,
    TAKE,
    Argument,
    Script,
    commit_arguments,
)

_COMMITTED_AT_ONCE: Final = 50
_SWEPT_AT_ONCE: Final = 200  # the server does nothing else meanwhile
_PROBE: Final = "probe"
_PROBE_LIFE: Final = timedelta(minutes=1)


class RedisKvStore:
    """Records on a server, for all processes that reach it; made by :func:`open_redis_store`.

    Args:
        reads: For single records.
        commands: For everything else.
        names: Of the records.
        probe: Of what :meth:`check_health` writes.
        clock: Says what has expired.
    """

    name = STORE
    durable = True

    def __init__(self, reads: Reads, commands: Commands, names: Names, probe: Names, clock: Clock) -> None:
        self._reads = reads
        self._commands = commands
        self._names = names
        self._probe = probe
        self._clock = clock
        self._unix = clock.unix
        self._record = names.record

    async def get(self, key: str) -> Entry | None:
        """Return the record, or ``None`` where there is none or it has expired."""
        try:
            encoded = key.encode()
        except UnicodeEncodeError:
            return None  # no text, so never put
        answer = await self._reads.get(self._record + encoded)
        if answer is None:
            return None
        try:
            return read_live(answer, key, encoded, self._unix())
        except OutOfStepError:
            failure = out_of_step()
        self._reads.drop()
        raise failure

    async def commit(
        self,
        *,
        checks: Sequence[Check] = (),
        puts: Sequence[Put] = (),
        deletes: Sequence[str] = (),
    ) -> int | None:
        """Write all or nothing, if every check holds; see :meth:`KvStorePort.commit`."""
        return await self._commit(self._names, read_batch(checks, puts, deletes))

    async def commit_each(self, commits: Sequence[Commit]) -> Sequence[int | None]:
        """Do many commits, each all or nothing, some in each step so that other commands come in between."""
        versions: list[int | None] = []
        for some in in_pieces(read_batches(commits), _COMMITTED_AT_ONCE):
            versions += await self._run(COMMIT, self._names, *commit_arguments(some))
        return versions

    async def take(self, key: str) -> Entry | None:
        """Read and delete in one step, whichever process asks."""
        return await self._take(self._names, key) if is_text(key) else None

    async def list_owned(self, owner: str, *, limit: int = 100, after: str | None = None) -> Sequence[Entry]:
        """Return records indexed under an owner, by rank then key."""
        check_list_limit(limit)
        if not is_text(owner) or not is_text(after or ""):
            return []
        return await self._list(self._names, owner, limit, after)

    async def sweep(self, *, limit: int = 1000) -> int:
        """Delete at most ``limit`` expired records, a few at a time: other commands come in between."""
        check_sweep_limit(limit)
        removed = 0
        while removed < limit:
            most = min(_SWEPT_AT_ONCE, limit - removed)
            seen, swept = await self._run(SWEEP, self._names, most)
            removed += swept
            if seen < most:
                break
        return removed

    async def check_health(self) -> None:
        """Return when the server answers a read, and does all that writing needs for a record of its own."""
        await self.get("")
        place = [IndexEntry(_PROBE, 0)]
        put = Put(_PROBE, b"", self._clock.now() + _PROBE_LIFE, place)
        await self._commit(self._probe, read_batch((), [put], ()))
        await self._list(self._probe, _PROBE, 1, _PROBE)
        await self._take(self._probe, _PROBE)

    async def aclose(self) -> None:
        """Finish writes under way and close all connections. Closing twice is no fault."""
        await self._commands.aclose()
        await self._reads.aclose()

    async def _commit(self, names: Names, batch: Batch) -> int | None:
        versions: list[int | None] = await self._run(COMMIT, names, *commit_arguments([batch]))
        return versions[0]

    async def _take(self, names: Names, key: str) -> Entry | None:
        taken: bytes | None = await self._run(TAKE, names, key)
        return None if taken is None else read_listed(taken)

    async def _list(self, names: Names, owner: str, limit: int, after: str | None) -> Sequence[Entry]:
        position = () if after is None else (after,)
        listed: list[bytes] = await self._run(LIST_OWNED, names, owner, limit, *position)
        return [read_listed(stored) for stored in listed]

    async def _run(self, script: Script, names: Names, *arguments: Argument) -> Any:
        return await self._commands.run(script, names.prefix, self._unix(), *arguments)
