"""UpstreamSessions: whose an upstream's session is by our user ids, and what ended by our will.

The upstream says whether a session is good; an ending here counts whatever it says. One read of the store
answers for a session that was met before and looks as it did.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from netscript_auth_core.account_links import has_account
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import AuthSession, AuthUser, SessionState
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.outages import store_outages
from netscript_auth_core.ports import Identity, at_present, ended_at
from netscript_auth_core.revocation_log import revoked_put
from netscript_auth_core.upstream_sessions.records import Record, Stored, UpstreamRecords
from netscript_auth_core.upstream_sessions.session import ListAccounts, UpstreamSession
from netscript_kernel.clock import Clock
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import KvStorePort

_ATTEMPTS: Final = 8
SEEN_EVERY: Final = timedelta(minutes=5)
"""So often a session that is in use is written: until then a list, and a change of its person, may lag.

A backend that answers by what it knows of a session goes by this too: met sooner, nothing would be written.
"""

# An ending outlives its session by this, so that an instance whose clock lags still finds it.
_GRACE: Final = timedelta(minutes=5)
# Upstreams may name any instant; behind this one there is no other.
_LATEST: Final = datetime.max.replace(tzinfo=UTC) - _GRACE


class UpstreamSessions:
    """Sessions of one backend's upstream, by handle.

    Every method raises ``BackendUnavailableError`` when the store does not answer.

    Args:
        backend: The backend's name; backends on one store do not meet each other's sessions.
        store: Where each session is remembered until it would have ended anyway.
        keys: Seal credentials.
        users: Gives our user ids.
    """

    def __init__(
        self, backend: str, store: KvStorePort, keys: SealingKeys, users: UserDirectory, clock: Clock
    ) -> None:
        self._backend = backend
        self._records = UpstreamRecords(backend, store, keys)
        self._users = users
        self._clock = clock

    async def meet(self, seen: UpstreamSession, linked: ListAccounts | None = None) -> Identity | None:
        """Return the session with its person, as the upstream shows it now.

        Args:
            seen: What the upstream says.
            linked: Asked on first contact for the accounts that the upstream lists as the same person's.

        Returns:
            ``None`` where the session was ended here: it stays ended.
        """
        with store_outages(self._backend):
            for _ in range(_ATTEMPTS):
                stored = await self._records.read(seen.handle)
                if stored is not None and stored.record.is_ended:
                    return None
                if stored is not None and self._is_as_known(stored.record, seen):
                    return Identity(stored.record.session, stored.record.user)
                fresh = await self._fresh(stored, seen, linked)
                if await self._write(fresh, stored):
                    return Identity(fresh.session, fresh.user)
        raise self._too_busy()

    async def get(self, handle: str) -> AuthSession | None:
        """Return a session as it was last met, in its present state; ``None`` where it never was."""
        stored = await self._read(handle)
        return at_present(stored.record.session, self._clock.now()) if stored else None

    async def identity(self, handle: str) -> Identity | None:
        """Return a session that is active as far as is known here, with its person."""
        stored = await self._read(handle)
        if stored is None or not self._is_active(stored.record.session):
            return None
        return Identity(stored.record.session, stored.record.user)

    async def credential(self, handle: str) -> bytes | None:
        """Return what acts for a session upstream; ``None`` where nothing is kept, or its key is gone.

        In that case it is kept anew when the session is met next.
        """
        stored = await self._read(handle)
        return self._records.open(stored.record) if stored else None

    async def end(self, handle: str) -> bool:
        """Let a session have ended, until it would have anyway, and return whether it was active."""
        with store_outages(self._backend):
            for _ in range(_ATTEMPTS):
                stored = await self._records.read(handle)
                if stored is None or not self._is_active(stored.record.session):
                    return False
                ended = stored.record.session.model_copy(update={"state": SessionState.REVOKED})
                record = stored.record.model_copy(update={"session": ended, "credential": None})
                if await self._write(record, stored):
                    return True
        raise self._too_busy()

    async def of_user(self, user_id: str) -> Sequence[AuthSession]:
        """Return a person's active sessions that were met here, newest first."""
        with store_outages(self._backend):
            found = [record.session async for record in self._records.owned(user_id)]
        return [session for session in reversed(found) if self._is_active(session)]

    async def give(self, user_id: str, to: AuthUser) -> int:
        """Let the sessions of somebody be a person's, in use or not, and return how many are.

        For somebody who was joined to the person, or the person as they are after a change: a session by an
        account that is none of theirs is forgotten, so that at its next contact it is found whose it is.
        """
        with store_outages(self._backend):
            handles = [record.session.handle async for record in self._records.owned(user_id)]
            return sum([await self._give(handle, user_id, to) for handle in handles])

    async def _give(self, handle: str, user_id: str, to: AuthUser) -> bool:
        for _ in range(_ATTEMPTS):
            stored = await self._records.read(handle)
            if stored is None or stored.record.is_ended or stored.record.session.user_id != user_id:
                return False
            if not has_account(to, stored.record.identity):
                # Its tokens name somebody whom it is none of any more.
                if await self._records.drop(stored, revoked_put(handle, self._clock.now())):
                    return False
                continue
            session = stored.record.session.model_copy(update={"user_id": to.id})
            if await self._write(stored.record.model_copy(update={"session": session, "user": to}), stored):
                return True
        raise self._too_busy()

    async def _read(self, handle: str) -> Stored | None:
        with store_outages(self._backend):
            return await self._records.read(handle)

    async def _write(self, record: Record, before: Stored | None) -> bool:
        # One that was left alone ends by itself; one that we ended must not come back while the upstream may
        # still prolong it.
        end = record.session.expires_at if record.is_ended else ended_at(record.session)
        now = self._clock.now()
        keep_until = min(max(end, now), _LATEST) + _GRACE
        logs = (revoked_put(record.session.handle, now),) if record.is_ended else ()
        return await self._records.write(record, before, keep_until=keep_until, logs=logs)

    async def _fresh(
        self, stored: Stored | None, seen: UpstreamSession, linked: ListAccounts | None
    ) -> Record:
        accounts = await linked() if stored is None and linked is not None else ()
        user = await self._users.resolve(seen.identity, accounts)
        credential = stored.record.credential if stored else None
        if seen.credential is not None:
            credential = self._records.seal(seen.handle, seen.credential)
        session = self._session(seen, user)
        return Record(session=session, user=user, identity=seen.identity, credential=credential)

    def _session(self, seen: UpstreamSession, user: AuthUser) -> AuthSession:
        return AuthSession(
            handle=seen.handle,
            user_id=user.id,
            backend=self._backend,
            provider_id=seen.identity.provider_id,
            state=SessionState.ACTIVE,
            created_at=seen.created_at,
            last_seen_at=self._clock.now(),
            idle_expires_at=seen.idle_expires_at,
            expires_at=seen.expires_at,
            scopes=seen.scopes,
            device=seen.device,
        )

    def _is_as_known(self, record: Record, seen: UpstreamSession) -> bool:
        """Whether the upstream shows nothing that would be worth a write."""
        if self._clock.now() - record.session.last_seen_at >= SEEN_EVERY or record.identity != seen.identity:
            return False
        shown = self._session(seen, record.user).model_copy(
            update={"last_seen_at": record.session.last_seen_at}
        )
        if shown != record.session:
            return False
        return seen.credential is None or self._records.is_kept(record, seen.credential)

    def _is_active(self, session: AuthSession) -> bool:
        return at_present(session, self._clock.now()).state is SessionState.ACTIVE

    def _too_busy(self) -> BackendUnavailableError:
        return BackendUnavailableError(self._backend, "a session changed under every attempt to write it")
