"""Sessions as the store has them: where they are, and the writes that begin and end them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from netscript_auth_core.domain import AuthSession
from netscript_auth_core.ports import Identity
from netscript_auth_core.revocation_log import revoked_put
from netscript_auth_kv_oauth.grants.grants import grant_key
from netscript_auth_kv_oauth.grants.refresh_leases import lease_key
from netscript_auth_kv_oauth.sessions.origins import origin_key
from netscript_auth_kv_oauth.sessions.session_records import (
    NEVER,
    UNREAD,
    Head,
    encode_active,
    encode_revoked,
    is_active,
    read_head,
    read_identity,
    read_user_id,
)
from netscript_kernel.errors import StoreCorruptError
from netscript_kernel.kv.port import Check, Entry, IndexEntry, Put

_log = logging.getLogger("netscript.auth.kv_oauth")

# For so long after its last possible moment a session is still known to have expired, instead of unknown.
REMEMBERED: Final = timedelta(days=1)
_PLACE: Final = "auth/session/"


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
    def user_id(self) -> str:
        """Whose it is; of an active session only."""
        return read_user_id(self.entry.value, self.head)

    @property
    def expires_at(self) -> datetime:
        """Its last possible moment."""
        return datetime.fromtimestamp(self.head.expires_at, UTC)

    @property
    def check(self) -> Check:
        """Holds while the session is as it was read."""
        return Check(self.entry.key, self.entry.version)


@dataclass(frozen=True, slots=True)
class SessionRevocation:
    """The writes that end a session.

    Attributes:
        handle: Of the session.
        check: Holds while the session is as it was read.
        puts: What stays of it, and its place in the log of revocations.
        deletes: Keys of what does not stay.
    """

    handle: str
    check: Check
    puts: Sequence[Put]
    deletes: Sequence[str]


def session_key(handle: str) -> str:
    """Return where a session is kept."""
    return f"{_PLACE}{handle}"


def handle_at(key: str) -> str:
    """Return the handle of the session that is kept there."""
    return key.removeprefix(_PLACE)


def is_session_key(key: str) -> bool:
    """Whether a session is kept there."""
    return key.startswith(_PLACE)


def owner_of(user_id: str) -> str:
    """Return under which owner a person's active sessions are found."""
    return f"auth/user-sessions/{user_id}"


def may_be_active(entry: Entry, now: float) -> bool:
    """Whether there is something to end. A record that cannot be read counts: it may be an active session."""
    try:
        return is_active(read_head(entry.value), now)
    except StoreCorruptError:
        return True


def put_active(
    identity: Identity, idle_limit: timedelta, refresh_from: float = NEVER, user_version: int = UNREAD
) -> Put:
    """Return the write of an active session, with its place among its person's."""
    session = identity.session
    place = IndexEntry(owner_of(session.user_id), session.created_at.timestamp())
    record = encode_active(identity, idle_limit, refresh_from, user_version)
    return Put(session_key(session.handle), record, _kept_until(session), (place,))


def put_again(stored: Stored, record: bytes) -> Put:
    """Return the write of an active session whose limits and owner stay what they are."""
    place = IndexEntry(owner_of(stored.user_id), stored.head.created_at)
    return Put(stored.entry.key, record, stored.expires_at + REMEMBERED, (place,))


def provider_of(entry: Entry) -> str | None:
    """Return through which provider somebody signed in; ``None`` where the record cannot be read."""
    try:
        return read_identity(entry.value, read_head(entry.value)).session.provider_id
    except StoreCorruptError:
        return None


def user_of(entry: Entry) -> str | None:
    """Return whose session it is; likewise."""
    try:
        return read_user_id(entry.value, read_head(entry.value))
    except StoreCorruptError:
        return None


def revocation_of(entry: Entry, now: datetime) -> SessionRevocation:
    """Return the writes that end a session: its record is replaced, or deleted where it cannot be read.

    One of them logs the end, for whoever believes its tokens.
    """
    handle, check = handle_at(entry.key), Check(entry.key, entry.version)
    logged = revoked_put(handle, now)
    more = (grant_key(handle), lease_key(handle), origin_key(handle))
    try:
        put = _put_revoked(entry)
    except StoreCorruptError as error:
        # Otherwise one bad record, as after a rollback, would keep its browser from ever signing in again.
        _log.warning("a session that cannot be read is ended by deleting it: %s", error)
        return SessionRevocation(handle, check, puts=(logged,), deletes=(entry.key, *more))
    return SessionRevocation(handle, check, puts=(put, logged), deletes=more)


def _put_revoked(entry: Entry) -> Put:
    """Return the write of what stays of a session: no person, no answers, no place in the index."""
    head = read_head(entry.value)
    session = read_identity(entry.value, head).session
    return Put(entry.key, encode_revoked(session, head.idle_limit), _kept_until(session))


def _kept_until(session: AuthSession) -> datetime:
    return session.expires_at + REMEMBERED
