"""Records that sessions are in use, so that their idle limits slide: off the response path, in batches."""

import asyncio
import logging
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from netscript_auth_core.background import Background
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.errors import SessionEndedError
from netscript_auth_core.ports import Identity
from netscript_auth_kv_oauth.sessions.session_records import (
    encode_active,
    encode_used,
    is_active,
    read_head,
    read_identity,
)
from netscript_auth_kv_oauth.sessions.session_store import ATTEMPTS, SessionStore
from netscript_auth_kv_oauth.sessions.stored_sessions import Stored
from netscript_kernel.clock import Clock
from netscript_kernel.errors import NetScriptError, StoreCorruptError

_log = logging.getLogger("netscript.auth.kv_oauth")

# So long the next uses are gathered after some were written: five writes a second, however many uses. Each
# write has the readers of a SQLite file begin with an empty cache.
GATHERED_FOR: Final = timedelta(milliseconds=200)
# So many are prepared before requests that wait are answered.
AT_ONCE: Final = 10
# A store that hangs makes no more than these wait for it.
MOST: Final = 2000


class _Use(NamedTuple):
    stored: Stored
    used_at: datetime


class SessionTouches:
    """Writes the times of uses behind the responses. What comes between, such as a revocation, wins.

    A use is written at once, unless others were a moment ago: then those that come meanwhile share one trip
    to the store. A process that is killed loses uses of the last moment, and nothing else.

    Args:
        sessions: Where sessions are kept.
        users: Asked whether the person has changed, so that a new name shows in every session.
        clock: Tells the time of the use.
        background: Holds the writes.
    """

    def __init__(
        self, sessions: SessionStore, users: UserDirectory, clock: Clock, background: Background
    ) -> None:
        self._sessions = sessions
        self._users = users
        self._clock = clock
        self._background = background
        self._noted: dict[str, _Use] = {}
        self._being_written: dict[str, _Use] = {}
        self._writer: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    def note(self, stored: Stored) -> None:
        """Record that an active session was used just now.

        Left out if that is being done already, or too much else is: a later use is recorded instead.
        """
        handle = stored.handle
        if handle in self._noted or handle in self._being_written or len(self._noted) >= MOST:
            return
        self._noted[handle] = _Use(stored, self._clock.now())
        if self._writer is None or self._writer.done():
            self._writer = self._background.start(self._write_all())

    @contextmanager
    def hurried(self) -> Generator[None]:
        """Within the block, uses are written without waiting for others."""
        self._hurry.set()
        try:
            yield
        finally:
            self._hurry.clear()

    async def _write_all(self) -> None:
        while self._noted:
            self._being_written, self._noted = self._noted, {}
            try:
                await self._write(tuple(self._being_written.values()))
            except NetScriptError as error:
                _log.warning("the use of sessions could not be recorded: %s", error)
            finally:
                self._being_written = {}
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHERED_FOR.total_seconds()):
                    await self._hurry.wait()

    async def _write(self, uses: Sequence[_Use]) -> None:
        found: list[tuple[_Use, bytes]] = []
        for number, use in enumerate(uses, 1):
            record = await self._record(use)
            if record is not None:
                found.append((use, record))
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        are_written = await self._sessions.write_used([(use.stored, record) for use, record in found])
        for (use, _), is_written in zip(found, are_written, strict=True):
            if not is_written:
                await self._write_again(use)

    async def _write_again(self, use: _Use) -> None:
        """Write a use of a session that was written meanwhile: by another process, or by a refresh."""
        for _ in range(ATTEMPTS):
            try:
                stored = await self._sessions.read_active(use.stored.handle)
            except SessionEndedError:
                _log.debug("a session ended before its use was recorded")
                return
            if stored.head.touch_from > use.used_at.timestamp():
                return
            record = await self._record(_Use(stored, use.used_at))
            if record is None or all(await self._sessions.write_used([(stored, record)])):
                return

    async def _record(self, use: _Use) -> bytes | None:
        """Return the session's new record, or ``None`` where there is nothing to be written."""
        stored, head = use.stored, use.stored.head
        # A write that comes too late records nothing: somebody may have been told that it ended.
        if not is_active(head, self._clock.unix()):
            return None
        try:
            record = encode_used(stored.entry.value, head, use.used_at)
            known = await self._users.get_newer(stored.user_id, head.user_version)
            if known is None:
                return record
            identity = Identity(read_identity(record, read_head(record)).session, known.user)
            return encode_active(
                identity, timedelta(seconds=head.idle_limit), head.refresh_from, known.version
            )
        except StoreCorruptError as error:
            _log.warning("the use of a session could not be recorded: %s", error)
            return None
