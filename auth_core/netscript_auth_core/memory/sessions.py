"""Sessions in a dictionary. Between two ``await`` nobody else runs, so what stands between them is atomic."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import AuthSession, AuthUser, Device, ExternalIdentity, SessionState
from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_core.events import AuthEvent, EventName, EventSink
from netscript_auth_core.memory.provider import PretendProvider
from netscript_auth_core.memory.settings import MemoryBackendSettings
from netscript_auth_core.memory.storage import Storage, StoredSession
from netscript_auth_core.memory.tokens import handle_of
from netscript_auth_core.outages import store_outages
from netscript_auth_core.ports import IssuedSession, at_present, ended_reason
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.revocation_log import revoked_put
from netscript_kernel.clock import Clock
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.ids import new_token
from netscript_kernel.kv.port import KvStorePort

BACKEND = "memory"
_SEEN_EVERY = timedelta(minutes=1)


class MemorySessions:
    """The sessions part of the port."""

    def __init__(
        self,
        settings: MemoryBackendSettings,
        storage: Storage,
        provider: PretendProvider,
        users: UserDirectory,
        clock: Clock,
        events: EventSink,
        store: KvStorePort | None,
    ) -> None:
        self._settings = settings
        self._storage = storage
        self._provider = provider
        self._users = users
        self._clock = clock
        self._events = events
        self._store = store

    async def get(self, handle: str) -> AuthSession | None:
        """Return the session in its present state; one that has ended is remembered for good."""
        stored = self._storage.sessions.get(handle)
        return self.at_present(stored.session) if stored else None

    async def create(
        self, identity: ExternalIdentity, device: Device, *, authenticated_at: datetime | None = None
    ) -> IssuedSession:
        """Start a session for the person that this identity leads to."""
        return self.issue(await self.person(identity), identity, device, authenticated_at=authenticated_at)

    async def refresh(self, handle: str) -> AuthSession:
        """Trade the grant for its successor, one refresh after the other: a grant is good once."""
        async with self._active(handle).refreshing:
            return await self._refresh(handle)

    async def revoke(self, handle: str) -> bool:
        """End a session, if it is active."""
        stored = self._storage.sessions.get(handle)
        return stored is not None and await self._end(stored)

    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        """Return a person's active sessions, newest first."""
        active = [stored.session for stored in self._active_of(user_id)]
        return sorted(active, key=lambda session: session.created_at, reverse=True)

    async def revoke_all_for_user(self, user_id: str, *, keep: str | None = None) -> int:
        """End all of a person's sessions but one."""
        others = [stored for stored in self._active_of(user_id) if stored.session.handle != keep]
        return sum([await self._end(stored) for stored in others])

    async def end_upstream(self, subject: str, sid: str | None) -> int:
        """End what the provider ended: a person's sessions, or the one of a session there."""
        meant = [
            stored
            for stored in self._storage.sessions.values()
            if stored.subject == subject and sid in (None, stored.sid)
        ]
        ended = [stored for stored in meant if await self._end(stored, is_owed=False)]
        for stored in ended:
            self._tell(EventName.SESSION_REVOKED, stored, "upstream_logout")
        return len(ended)

    async def person(self, identity: ExternalIdentity) -> AuthUser:
        """Return whom an identity leads to, made on first contact.

        Raises:
            BackendUnavailableError: the user directory could not be asked.
        """
        try:
            return await self._users.resolve(identity)
        except StoreUnavailableError as error:
            raise BackendUnavailableError(BACKEND, "the user directory is away") from error

    def issue(
        self,
        user: AuthUser,
        identity: ExternalIdentity,
        device: Device,
        scopes: tuple[str, ...] = (),
        grant: str | None = None,
        sid: str | None = None,
        authenticated_at: datetime | None = None,
    ) -> IssuedSession:
        """Start a session under a token never used before; what is kept leads not back to the token."""
        token, now = new_token(), self._clock.now()
        session = AuthSession(
            handle=handle_of(token),
            user_id=user.id,
            backend=BACKEND,
            provider_id=identity.provider_id,
            state=SessionState.ACTIVE,
            created_at=now,
            authenticated_at=authenticated_at,
            last_seen_at=now,
            idle_expires_at=now + self._settings.session_idle_ttl,
            expires_at=now + self._settings.session_ttl,
            scopes=scopes,
            device=device,
        )
        self._storage.sessions[session.handle] = StoredSession(session, user, identity.subject, sid, grant)
        return IssuedSession(token, session, user)

    def at_present(self, session: AuthSession) -> AuthSession:
        """Return a session with its state of this moment."""
        return at_present(session, self._clock.now())

    def touch(self, stored: StoredSession) -> None:
        """Note that an active session is in use, at most once a minute: its idle limit moves on."""
        now = self._clock.now()
        if now - stored.session.last_seen_at < _SEEN_EVERY:
            return
        seen = {"last_seen_at": now, "idle_expires_at": now + self._settings.session_idle_ttl}
        stored.session = stored.session.model_copy(update=seen)

    async def _refresh(self, handle: str) -> AuthSession:
        stored = self._active(handle)
        if stored.grant is None:
            return stored.session
        successor = await self._provider.refresh(stored.grant)
        # Others ran while the provider was asked: a session that has ended since stays ended.
        if successor is not None and stored.session.state is SessionState.REVOKED:
            self._storage.owed.add(successor)
        stored = self._active(handle)
        if successor is None:
            await self._end(stored, is_owed=False)
            self._tell(EventName.SESSION_REVOKED, stored, "grant_ended")
            raise SessionEndedError(AnonymousReason.SESSION_REVOKED)
        stored.grant = successor
        self._tell(EventName.TOKEN_REFRESHED, stored)
        return stored.session

    def _active(self, handle: str) -> StoredSession:
        stored = self._storage.sessions.get(handle)
        if stored is None:
            raise SessionEndedError(AnonymousReason.SESSION_UNKNOWN)
        state = self.at_present(stored.session).state
        if state is not SessionState.ACTIVE:
            raise SessionEndedError(ended_reason(state))
        return stored

    def _active_of(self, user_id: str) -> Sequence[StoredSession]:
        own = [stored for stored in self._storage.sessions.values() if stored.session.user_id == user_id]
        return [each for each in own if self._is_active(each)]

    async def _end(self, stored: StoredSession, *, is_owed: bool = True) -> bool:
        if not self._is_active(stored):
            return False
        await self._log(stored.session.handle)
        if not self._is_active(stored):  # others ran while it was logged
            return False
        stored.session = stored.session.model_copy(update={"state": SessionState.REVOKED})
        if stored.grant is not None and is_owed:
            self._storage.owed.add(stored.grant)
        stored.grant = None
        return True

    async def _log(self, handle: str) -> None:
        if self._store is None:
            return
        with store_outages(BACKEND):
            await self._store.commit(puts=[revoked_put(handle, self._clock.now())])

    def _is_active(self, stored: StoredSession) -> bool:
        return self.at_present(stored.session).state is SessionState.ACTIVE

    def _tell(self, name: EventName, stored: StoredSession, reason: str | None = None) -> None:
        session = stored.session
        event = AuthEvent(
            name,
            self._clock.now(),
            BACKEND,
            session.provider_id,
            reason,
            user_id=session.user_id,
            handle=session.handle,
        )
        self._events.emit(event)
