"""Sessions in the key-value store: begun, touched, replaced and ended by compare-and-set.

Every write of a session that lives names the version that it was derived from, so that nothing brings a
revoked one back.
"""

import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import timedelta
from typing import Final

from netscript_auth_core.domain import AuthSession, SessionState
from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_core.ports import Identity, ended_reason
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth.naming import BACKEND
from netscript_auth_kv_oauth.sessions.session_records import is_active, read_head, read_session, state_of
from netscript_auth_kv_oauth.sessions.stored_sessions import (
    SessionRevocation,
    Stored,
    handle_at,
    may_be_active,
    owner_of,
    put_active,
    put_again,
    revocation_of,
    session_key,
)
from netscript_kernel.clock import Clock
from netscript_kernel.errors import StoreCorruptError
from netscript_kernel.kv.port import Check, Commit, Entry, KvStorePort, Put

_log = logging.getLogger("netscript.auth.kv_oauth")

ATTEMPTS: Final = 8
_PAGE: Final = 1000


class SessionStore:
    """Reads and writes of sessions. Store outages pass through as they are."""

    def __init__(self, store: KvStorePort, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def read(self, handle: str) -> Stored | None:
        """Return a session in whatever state, or ``None`` where no session has this handle."""
        entry = await self._store.get(session_key(handle))
        return Stored(handle, entry, read_head(entry.value)) if entry else None

    async def read_active(self, handle: str) -> Stored:
        """Return a session that lives.

        Raises:
            SessionEndedError: it does not, or there never was one.
        """
        stored = await self.read(handle)
        if stored is None:
            raise SessionEndedError(AnonymousReason.SESSION_UNKNOWN)
        state = state_of(stored.head, self._clock.unix())
        if state is not SessionState.ACTIVE:
            raise SessionEndedError(ended_reason(state))
        return stored

    def is_active(self, stored: Stored) -> bool:
        """Whether a session lives at this time."""
        return is_active(stored.head, self._clock.unix())

    async def owner(self, handle: str) -> str | None:
        """Return whose active session this is; ``None`` where it is not active or cannot be read."""
        try:
            stored = await self.read(handle)
            return stored.user_id if stored is not None and self.is_active(stored) else None
        except StoreCorruptError:
            return None

    def decode(self, stored: Stored) -> AuthSession:
        """Return the session in its present state."""
        return read_session(stored.entry.value, stored.head, self._clock.unix())

    async def begin(
        self,
        identity: Identity,
        idle_limit: timedelta,
        refresh_from: float,
        beside: Sequence[Put],
        replaces: Iterable[str],
    ) -> tuple[str, ...]:
        """Keep a new session and end those that it replaces, all in one commit.

        Args:
            identity: The session and its person.
            idle_limit: How long it lives without use.
            refresh_from: A use from then on refreshes what the provider granted.
            beside: What else is kept of it.
            replaces: Handles of the sessions that it replaces.

        Returns:
            The handles of the sessions that were active, or could not be read, and ended.
        """
        # Whatever happened to them meanwhile, they end: what is left of a session revives nothing.
        revocations = await self._revocations(replaces)
        version = await self._store.commit(
            checks=[Check(session_key(identity.session.handle), None)],
            puts=[
                put_active(identity, idle_limit, refresh_from),
                *beside,
                *(put for revocation in revocations for put in revocation.puts),
            ],
            deletes=[key for revocation in revocations for key in revocation.deletes],
        )
        if version is None:
            raise BackendUnavailableError(BACKEND, "a new session has the handle of another one")
        return tuple(revocation.handle for revocation in revocations)

    async def read_to_end(self, handle: str) -> Entry | None:
        """Return the record of a session that is active, or cannot be read; else ``None``."""
        entry = await self._store.get(session_key(handle))
        return entry if entry is not None and may_be_active(entry, self._clock.unix()) else None

    def revocation(self, entry: Entry) -> SessionRevocation:
        """Return the writes that end, now, the session that is in a record."""
        return revocation_of(entry, self._clock.now())

    async def revoke(self, stored: Stored, *more: Check) -> bool:
        """Revoke a session if it is still as it was read and ``more`` holds; says whether it was so."""
        return await self._write(self.revocation(stored.entry), *more)

    async def replace(
        self,
        stored: Stored,
        identity: Identity,
        *more: Check | Put,
        refresh_from: float | None = None,
        deletes: Sequence[str] = (),
    ) -> int | None:
        """Write a session anew if it is still as it was read, together with ``more``.

        Args:
            stored: As it was read.
            identity: As it is to be.
            more: What else must hold, and what else is written.
            refresh_from: Instead of the one that it has.
            deletes: Keys of what goes.

        Returns:
            The version of all that was written, or ``None`` where something was not as it had to be.
        """
        head = stored.head
        return await self._store.commit(
            checks=[stored.check, *(each for each in more if isinstance(each, Check))],
            puts=[
                put_active(
                    identity,
                    timedelta(seconds=head.idle_limit),
                    head.refresh_from if refresh_from is None else refresh_from,
                ),
                *(each for each in more if isinstance(each, Put)),
            ],
            deletes=deletes,
        )

    async def write_used(self, uses: Sequence[tuple[Stored, bytes]]) -> Sequence[bool]:
        """Write many sessions anew after a use, each if it is still as it was read; says which were so.

        Args:
            uses: Each as it was read, with its new record.
        """
        commits = [Commit([stored.check], [put_again(stored, record)]) for stored, record in uses]
        return [version is not None for version in await self._store.commit_each(commits)]

    async def list_active(self, user_id: str) -> list[AuthSession]:
        """Return a person's active sessions, oldest first, without any that cannot be read."""
        now = self._clock.unix()
        found: list[AuthSession] = []
        async for entry in self.owned(user_id):
            try:
                head = read_head(entry.value)
                if is_active(head, now):
                    found.append(read_session(entry.value, head, now))
            except StoreCorruptError as error:
                _log.warning("a session that cannot be read is left out of a list: %s", error)
        return found

    async def list_to_end(self, user_id: str) -> list[str]:
        """Return the handles of a person's sessions that are active, or cannot be read."""
        now = self._clock.unix()
        return [handle_at(entry.key) async for entry in self.owned(user_id) if may_be_active(entry, now)]

    async def owned(self, user_id: str) -> AsyncIterator[Entry]:
        """Yield the records of a person's sessions, oldest first; also of those that have expired."""
        after: str | None = None
        while True:
            page = await self._store.list_owned(owner_of(user_id), limit=_PAGE, after=after)
            for entry in page:
                yield entry
            if len(page) < _PAGE:
                return
            after = page[-1].key

    async def _revocations(self, handles: Iterable[str]) -> list[SessionRevocation]:
        now = self._clock.unix()
        entries = [await self._store.get(session_key(handle)) for handle in dict.fromkeys(handles)]
        return [
            self.revocation(entry) for entry in entries if entry is not None and may_be_active(entry, now)
        ]

    async def _write(self, revocation: SessionRevocation, *more: Check) -> bool:
        version = await self._store.commit(
            checks=[revocation.check, *more], puts=revocation.puts, deletes=revocation.deletes
        )
        return version is not None


def too_busy() -> BackendUnavailableError:
    """Return the error for a session that others write again and again; nothing was changed."""
    return BackendUnavailableError(BACKEND, "a session changed under every attempt to write it")
