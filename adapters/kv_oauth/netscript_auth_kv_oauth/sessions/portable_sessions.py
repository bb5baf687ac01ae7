"""Sessions on their way to another store, with what was granted to them and where they come from.

The session's token stays with its browser: the handle is a digest of it, under no key, so it is the same in
every store. What was granted is sealed under the keys of the service that keeps it, and so is opened for the
way, and sealed again where it arrives.
"""

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from netscript_auth_core.domain import Account, AuthSession, AuthUser, SessionState
from netscript_auth_core.errors import InvalidInputError
from netscript_auth_core.ports import Acceptance, Identity, PortableSession
from netscript_auth_core.records import decode_record, encode_record
from netscript_auth_kv_oauth.grants.grants import Grant, Grants
from netscript_auth_kv_oauth.naming import BACKEND
from netscript_auth_kv_oauth.outages import store_outages
from netscript_auth_kv_oauth.sessions.origins import OriginRecord, Origins, put_origin_record
from netscript_auth_kv_oauth.sessions.session_records import NEVER, is_active, read_head, read_session
from netscript_auth_kv_oauth.sessions.session_store import SessionStore
from netscript_auth_kv_oauth.sessions.sessions import LONGEST_SESSION
from netscript_auth_kv_oauth.sessions.stored_sessions import handle_at, put_active, session_key
from netscript_auth_kv_oauth.sessions.tokens import is_handle
from netscript_kernel.clock import Clock
from netscript_kernel.errors import StoreCorruptError
from netscript_kernel.kv.port import Check, Entry, KvStorePort, Put

_log = logging.getLogger("netscript.auth.kv_oauth")

_LONGEST_IDLE: Final = int(LONGEST_SESSION.total_seconds())


class _Kept(BaseModel):
    """What goes along with a session.

    Attributes:
        idle_limit: Seconds without use after which it ends.
        origin: Where it comes from; ``None`` for sessions from before that was kept.
        grant: What was granted to it; ``None`` where that is nothing, or does not open.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    idle_limit: int = Field(ge=1, le=_LONGEST_IDLE)
    origin: OriginRecord | None = None
    grant: Grant | None = Field(default=None, repr=False)


class PortableSessions:
    """Lets sessions go, and takes them; see :class:`PortableSessionsPort`."""

    def __init__(
        self, store: KvStorePort, sessions: SessionStore, grants: Grants, origins: Origins, clock: Clock
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._grants = grants
        self._origins = origins
        self._clock = clock

    async def of_user(self, user: AuthUser) -> AsyncIterator[PortableSession | None]:
        """Yield a person's active sessions, oldest first; ``None`` for each that cannot go along."""
        with store_outages():
            async for entry in self._sessions.owned(user.id):
                try:
                    head = read_head(entry.value)
                    if is_active(head, self._clock.unix()):
                        yield await self._portable(entry, user, head.idle_limit)
                except StoreCorruptError as error:
                    _log.warning("a session that cannot be read stays behind: %s", error)
                    yield None

    async def accept(
        self, portable: PortableSession, user: AuthUser, *, is_rehearsal: bool = False
    ) -> Acceptance:
        """Keep a session under its handle, unless that is known here, in whatever state."""
        kept = _read_kept(portable)
        session = portable.session.model_copy(update={"user_id": user.id})
        with store_outages():
            if await self._store.get(session_key(session.handle)) is not None:
                return Acceptance.KNOWN
            if self._clock.now() >= min(session.idle_expires_at, session.expires_at):
                return Acceptance.EXPIRED
            if is_rehearsal:
                return Acceptance.ACCEPTED
            await self._grants.prepare()
            version = await self._store.commit(
                checks=[Check(session_key(session.handle), None)],
                puts=self._puts(Identity(session, user), kept),
            )
        return Acceptance.ACCEPTED if version is not None else Acceptance.KNOWN

    async def _portable(self, entry: Entry, user: AuthUser, idle_limit: int) -> PortableSession | None:
        handle = handle_at(entry.key)
        session = read_session(entry.value, read_head(entry.value), self._clock.unix())
        origin, sealed = await self._origins.read(handle), await self._grants.read(handle)
        account = _account(user, session, origin)
        if account is None:
            _log.warning("a session stays behind: by which account of its person it began is not known")
            return None
        grant = self._grants.open(handle, sealed.value) if sealed is not None else None
        kept = _Kept(idle_limit=idle_limit, origin=origin, grant=grant)
        return PortableSession(
            session=session,
            user=user,
            issuer=account.issuer,
            subject=account.subject,
            kept=encode_record(kept).decode(),
        )

    def _puts(self, identity: Identity, kept: _Kept) -> list[Put]:
        session, grant = identity.session, kept.grant
        refresh_from = grant.refresh_from if grant is not None else NEVER
        puts = [put_active(identity, timedelta(seconds=kept.idle_limit), refresh_from)]
        if kept.origin is not None:
            puts.append(put_origin_record(session, kept.origin))
        if grant is not None:
            puts.append(self._grants.put(session.handle, grant, session.expires_at))
        return puts


def _account(user: AuthUser, session: AuthSession, origin: OriginRecord | None) -> Account | None:
    """Return the account by which a session began; ``None`` where that could be several, or none."""
    if origin is not None:
        fitting = [each for each in user.accounts if origin.is_of(each.issuer, each.subject)]
    else:
        fitting = [each for each in user.accounts if each.provider_id == session.provider_id]
    return fitting[0] if len(fitting) == 1 else None


def _read_kept(portable: PortableSession) -> _Kept:
    """Return what came along with a session that is as this backend lets one go.

    Raises:
        InvalidInputError: it is not.
    """
    if not _is_sound(portable.session):
        raise InvalidInputError("session", f"is not as {BACKEND} lets one go")
    try:
        kept = decode_record(_Kept, portable.kept.encode())
    except StoreCorruptError as error:
        raise InvalidInputError("kept", error.problem) from None
    if kept.origin is not None and not kept.origin.is_of(portable.issuer, portable.subject):
        raise InvalidInputError("kept", "is of another account")
    return kept


def _is_sound(session: AuthSession) -> bool:
    times = (session.created_at, session.last_seen_at, session.idle_expires_at, session.expires_at)
    if not is_handle(session.handle) or any(each.utcoffset() is None for each in times):
        return False
    is_ours = session.backend == BACKEND and session.state is SessionState.ACTIVE
    return is_ours and session.created_at <= session.expires_at <= session.created_at + LONGEST_SESSION
