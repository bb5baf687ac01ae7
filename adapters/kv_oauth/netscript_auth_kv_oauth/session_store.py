"""Sessions in the key-value store: begun, touched, replaced and ended by compare-and-set.

Every write of a session that lives names the version that it was derived from, so that nothing brings a
revoked one back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from netscript_auth_core.domain import AuthSession
from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_core.ports import Identity
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth.grants import grant_key
from netscript_auth_kv_oauth.outages import BACKEND
from netscript_auth_kv_oauth.session_records import (
    Head,
    encode_active,
    encode_revoked,
    is_active,
    read_head,
    read_identity,
    read_session,
    why_over,
)
from netscript_kernel.clock import Clock
from netscript_kernel.kv.port import Check, Entry, IndexEntry, KvStorePort, Put

# For so long after its last possible moment a session is still known to have expired, instead of unknown.
REMEMBERED: Final = timedelta(days=1)
ATTEMPTS: Final = 8
_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Stored:
    """A session as it was read."""

    handle: str
    entry: Entry
    head: Head

    @property
    def identity(self) -> Identity:
        """Session and person; of an active session only."""
        return read_identity(self.entry.value, self.head)

    @property
    def check(self) -> Check:
        """Holds while the session is as it was read."""
        return Check(self.entry.key, self.entry.version)


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
        if not is_active(stored.head, self._clock.unix()):
            raise SessionEndedError(why_over(stored.head))
        return stored

    def decode(self, stored: Stored) -> AuthSession:
        """Return the session in its present state."""
        return read_session(stored.entry.value, stored.head, self._clock.unix())

    async def begin(
        self, identity: Identity, idle_limit: timedelta, grant: Put | None, replaces: Iterable[str]
    ) -> tuple[str, ...]:
        """Keep a new session and end those that it replaces, all in one commit.

        Returns:
            The handles of the sessions that were active and ended.
        """
        # Whatever happened to them meanwhile, they end: what is left of a session revives nothing.
        ended = await self._read_all_active(replaces)
        version = await self._store.commit(
            checks=[Check(session_key(identity.session.handle), None)],
            puts=[
                put_active(identity, idle_limit),
                *([grant] if grant else []),
                *(put_revoked(stored) for stored in ended),
            ],
            deletes=[grant_key(stored.handle) for stored in ended],
        )
        if version is None:
            raise BackendUnavailableError(BACKEND, "a new session has the handle of another one")
        return tuple(stored.handle for stored in ended)

    async def end(self, handle: str) -> bool:
        """Revoke a session and drop its grant. Returns whether it was active until now."""
        for _ in range(ATTEMPTS):
            stored = await self.read(handle)
            if stored is None or not is_active(stored.head, self._clock.unix()):
                return False
            if await self.revoke(stored):
                return True
        raise too_busy()

    async def revoke(self, stored: Stored, *more: Check) -> bool:
        """Revoke a session if it is still as it was read and ``more`` holds; says whether it was so."""
        version = await self._store.commit(
            checks=[stored.check, *more], puts=[put_revoked(stored)], deletes=[grant_key(stored.handle)]
        )
        return version is not None

    async def replace(self, stored: Stored, identity: Identity, *more: Check | Put) -> bool:
        """Write a session anew if it is still as it was read, together with ``more``; says whether it was."""
        version = await self._store.commit(
            checks=[stored.check, *(each for each in more if isinstance(each, Check))],
            puts=[
                put_active(identity, timedelta(seconds=stored.head.idle_limit)),
                *(each for each in more if isinstance(each, Put)),
            ],
        )
        return version is not None

    async def list_active(self, user_id: str) -> list[AuthSession]:
        """Return a person's active sessions, oldest first."""
        now = self._clock.unix()
        found: list[AuthSession] = []
        after: str | None = None
        while True:
            page = await self._store.list_owned(_owner(user_id), limit=_PAGE, after=after)
            for entry in page:
                head = read_head(entry.value)
                if is_active(head, now):
                    found.append(read_session(entry.value, head, now))
            if len(page) < _PAGE:
                return found
            after = page[-1].key

    async def _read_all_active(self, handles: Iterable[str]) -> list[Stored]:
        now = self._clock.unix()
        known = [await self.read(handle) for handle in dict.fromkeys(handles)]
        return [stored for stored in known if stored is not None and is_active(stored.head, now)]


def session_key(handle: str) -> str:
    """Return where a session is kept."""
    return f"auth/session/{handle}"


def put_active(identity: Identity, idle_limit: timedelta) -> Put:
    """Return the write of an active session, with its place among its person's."""
    session = identity.session
    place = IndexEntry(_owner(session.user_id), session.created_at.timestamp())
    return Put(
        session_key(session.handle), encode_active(identity, idle_limit), _kept_until(session), (place,)
    )


def put_revoked(stored: Stored) -> Put:
    """Return the write of what stays of a revoked session: no person, no answers, no place in the index."""
    session = stored.identity.session
    value = encode_revoked(session, stored.head.idle_limit)
    return Put(stored.entry.key, value, _kept_until(session))


def _kept_until(session: AuthSession) -> datetime:
    return session.expires_at + REMEMBERED


def _owner(user_id: str) -> str:
    return f"auth/user-sessions/{user_id}"


def too_busy() -> BackendUnavailableError:
    """Return the error for a session that others write again and again; nothing was changed."""
    return BackendUnavailableError(BACKEND, "a session changed under every attempt to write it")
