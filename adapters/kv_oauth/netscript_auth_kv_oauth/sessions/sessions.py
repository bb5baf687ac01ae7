"""Sessions as the port has them."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import AuthSession, AuthUser, Device, ExternalIdentity, SessionState
from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_core.ports import Identity, IssuedSession
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth.audit import Audit
from netscript_auth_kv_oauth.grants.grants import Grant, Grants
from netscript_auth_kv_oauth.grants.refresh import Refresher
from netscript_auth_kv_oauth.naming import BACKEND
from netscript_auth_kv_oauth.outages import store_outages
from netscript_auth_kv_oauth.sessions.origins import put_origin
from netscript_auth_kv_oauth.sessions.session_endings import Ended, SessionEndings
from netscript_auth_kv_oauth.sessions.session_records import NEVER
from netscript_auth_kv_oauth.sessions.session_room import SessionRoom
from netscript_auth_kv_oauth.sessions.session_store import SessionStore
from netscript_auth_kv_oauth.sessions.tokens import handle_of, is_handle
from netscript_auth_kv_oauth.signout.pending_revocations import SignoutScope
from netscript_auth_kv_oauth.signout.upstream_revocations import UpstreamRevocations
from netscript_kernel.clock import Clock
from netscript_kernel.ids import new_token

_log = logging.getLogger("netscript.auth.kv_oauth")

LONGEST_SESSION: Final = timedelta(days=400)  # browsers keep no cookie longer (RFC 6265bis section 5.5)


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long sessions live; what is said of that elsewhere is said here.

    Attributes:
        ttl: From the sign-in, whatever happens.
        idle_ttl: Without use; moves on with use. A whole number of seconds.
        per_user: How many one person has, until the next sign-in ends the oldest.
        staleness: For so long an answer may be given again without a look at the store.
    """

    ttl: timedelta = timedelta(days=7)
    idle_ttl: timedelta = timedelta(hours=24)
    per_user: int = 100
    staleness: timedelta = timedelta(0)


class Sessions:
    """Sessions of this backend. Every method raises ``BackendUnavailableError`` for a store that is away."""

    def __init__(
        self,
        sessions: SessionStore,
        grants: Grants,
        users: UserDirectory,
        refresher: Refresher,
        endings: SessionEndings,
        room: SessionRoom,
        upstream: UpstreamRevocations,
        audit: Audit,
        clock: Clock,
        limits: SessionLimits,
    ) -> None:
        self._sessions = sessions
        self._grants = grants
        self._users = users
        self._refresher = refresher
        self._endings = endings
        self._room = room
        self._upstream = upstream
        self._audit = audit
        self._clock = clock
        self._limits = limits

    async def get(self, handle: str) -> AuthSession | None:
        """Return the session in its present state, or ``None`` where no session has this handle."""
        if not is_handle(handle):
            return None
        with store_outages():
            stored = await self._sessions.read(handle)
            return self._sessions.decode(stored) if stored else None

    async def create(
        self, identity: ExternalIdentity, device: Device, *, authenticated_at: datetime | None = None
    ) -> IssuedSession:
        """Start a session for the person that this identity leads to."""
        return await self.begin(identity, device, None, (), authenticated_at=authenticated_at)

    async def begin(
        self,
        identity: ExternalIdentity,
        device: Device,
        grant: Grant | None,
        replaces: Sequence[str],
        scopes: tuple[str, ...] = (),
        *,
        sid: str | None = None,
        authenticated_at: datetime | None = None,
    ) -> IssuedSession:
        """Start a session with its grant, and end the ones that it replaces, all or nothing.

        Args:
            identity: Who signed in.
            device: From where.
            grant: What it takes to refresh what the provider granted; kept sealed, apart from the session.
            replaces: Handles of sessions that this one takes the place of.
            scopes: As granted.
            sid: Names the session at the provider by which this one began.
            authenticated_at: When the person showed the provider who they are; ``None`` if it does not say.
        """
        token = new_token()
        handle = handle_of(token)
        with store_outages():
            user = await self._users.resolve(identity)
            session = self._new(handle, user, identity.provider_id, scopes, device, authenticated_at)
            beside = [put_origin(session, identity, sid)]
            if grant is not None:
                await self._grants.prepare()
                beside.append(self._grants.put(handle, grant, session.expires_at))
            ended = await self._sessions.begin(
                Identity(session, user),
                self._limits.idle_ttl,
                grant.refresh_from if grant else NEVER,
                beside,
                replaces,
            )
        for each in ended:
            self._audit.revoked(identity.provider_id, "replaced", handle=each)
        await self._make_room(session)
        return IssuedSession(token, session, user)

    async def refresh(self, handle: str) -> AuthSession:
        """Refresh what the provider granted; see :meth:`SessionsPort.refresh`."""
        if not is_handle(handle):
            raise SessionEndedError(AnonymousReason.SESSION_UNKNOWN)
        with store_outages():
            return await self._refresher.refresh(handle)

    async def revoke(self, handle: str) -> bool:
        """End a session for good. Returns whether it was active until now."""
        if not is_handle(handle):
            return False
        with store_outages():
            ended = await self._endings.end(handle, SignoutScope.SESSION)
        self._tell([ended] if ended else [])
        return ended is not None

    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        """Return a person's active sessions, newest first."""
        with store_outages():
            oldest_first = await self._sessions.list_active(user_id)
        return tuple(reversed(oldest_first))

    async def revoke_all_for_user(self, user_id: str, *, keep: str | None = None) -> int:
        """End all of a person's sessions but ``keep``, and return how many were active.

        A session that cannot be read is ended, and counts, as it may have been active.
        """
        # Where one is kept, the person's consent at the provider is, too.
        scope = SignoutScope.PERSON if keep is None else SignoutScope.SESSION
        with store_outages():
            ended = await self._endings.end_all(user_id, keep, scope)
        self._tell(ended)
        return len(ended)

    async def _make_room(self, newest: AuthSession) -> None:
        """End what is beyond the bound. Where that fails, the next sign-in does it: this one has happened."""
        try:
            with store_outages():
                async for ended in self._room.make(newest.user_id):
                    provider_id = ended.provider_id or newest.provider_id
                    self._audit.revoked(
                        provider_id, "too_many_sessions", handle=ended.handle, user_id=newest.user_id
                    )
                    self._tell([ended])
        except BackendUnavailableError as error:
            _log.warning("somebody may have more sessions than they should: %s", error.problem)

    def _tell(self, ended: Iterable[Ended]) -> None:
        """Tell the providers, behind the answer."""
        self._upstream.tell(each.handle for each in ended if each.is_pending)

    def _new(
        self,
        handle: str,
        user: AuthUser,
        provider_id: str,
        scopes: tuple[str, ...],
        device: Device,
        authenticated_at: datetime | None,
    ) -> AuthSession:
        now = self._clock.now()
        expires_at = now + self._limits.ttl
        return AuthSession(
            handle=handle,
            user_id=user.id,
            backend=BACKEND,
            provider_id=provider_id,
            state=SessionState.ACTIVE,
            created_at=now,
            authenticated_at=authenticated_at,
            last_seen_at=now,
            idle_expires_at=min(now + self._limits.idle_ttl, expires_at),
            expires_at=expires_at,
            scopes=scopes,
            device=device,
        )
