"""Whose turn it is to refresh a grant: what there is to refresh, and the lease that keeps others waiting."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from netscript_auth_core.domain import AuthSession
from netscript_auth_kv_oauth.grants.grants import Grant, Grants
from netscript_auth_kv_oauth.grants.refresh_leases import Lease, RefreshLeases, put_attempt
from netscript_auth_kv_oauth.provider.provider_clients import ProviderClients
from netscript_auth_kv_oauth.sessions.session_records import NEVER
from netscript_auth_kv_oauth.sessions.session_store import ATTEMPTS, SessionStore, too_busy
from netscript_auth_kv_oauth.sessions.stored_sessions import Stored
from netscript_kernel.clock import Clock
from netscript_kernel.kv.port import Check, Put

if TYPE_CHECKING:
    from netscript_auth_kv_oauth.provider.provider_client import ProviderClient

_log = logging.getLogger("netscript.auth.kv_oauth")

# What cannot be refreshed for want of a key or a provider can be once the operator has seen to it.
LATER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to redeem a refresh token, once.

    Attributes:
        lease: As long as it is the last one, nobody else has redeemed the grant.
        kept_until: The last possible moment of the session.
    """

    handle: str
    lease: Lease
    kept_until: datetime
    grant: Grant = field(repr=False)
    client: "ProviderClient"


@dataclass(frozen=True, slots=True)
class _Refreshable:
    grant: Grant
    check: Check
    client: "ProviderClient"
    resealed: tuple[Put, ...]


@dataclass(frozen=True, slots=True)
class _NotRefreshable:
    """Nothing to refresh until ``look_from``, in seconds."""

    look_from: float
    why: str | None = None


class RefreshTurns:
    """Gives turns. Store outages pass through as they are."""

    def __init__(
        self,
        sessions: SessionStore,
        grants: Grants,
        leases: RefreshLeases,
        clients: ProviderClients,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._grants = grants
        self._leases = leases
        self._clients = clients
        self._clock = clock

    async def take(self, handle: str, *, lazily: bool) -> Turn | Lease | AuthSession:
        """Take the turn to refresh the grant of a session.

        A grant that an earlier key sealed is sealed anew in the same commit, whatever the provider will say.

        Args:
            handle: Of the session.
            lazily: Whether only a grant that is due is to be refreshed.

        Returns:
            The turn; the lease of another attempt, for which it is too early to follow; or the session, where
            there is nothing to refresh.

        Raises:
            SessionEndedError: it has ended.
        """
        await self._grants.prepare()
        for _ in range(ATTEMPTS):
            session = await self._sessions.read_active(handle)
            if lazily and self._clock.unix() < session.head.refresh_from:
                return self._sessions.decode(session)
            last = await self._leases.read(handle)
            if last is not None and self._leases.is_held(last):
                return last
            found = await self._find(session)
            result: Turn | AuthSession | None
            if isinstance(found, _NotRefreshable):
                result = await self._put_off(session, found)
            elif lazily and self._clock.unix() < found.grant.refresh_from:
                not_due = _NotRefreshable(found.grant.refresh_from)
                result = await self._put_off(session, not_due, found.check, *found.resealed)
            else:
                result = await self._lease(session, last, found)
            if result is not None:
                return result
        raise too_busy()

    async def _find(self, session: Stored) -> _Refreshable | _NotRefreshable:
        handle, later = session.handle, self._clock.unix() + LATER.total_seconds()
        entry = await self._grants.read(handle)
        if entry is None:
            return _NotRefreshable(NEVER)
        grant = self._grants.open(handle, entry.value)
        if grant is None:
            return _NotRefreshable(later, "its grant does not open with the configured keys")
        if grant.refresh_token is None:
            return _NotRefreshable(NEVER)
        client = await self._clients.get_for(grant.provider_id, grant.issuer)
        if client is None:
            return _NotRefreshable(later, f"the provider {grant.provider_id} is not configured any more")
        is_current = self._grants.is_current(entry)
        resealed = () if is_current else (self._grants.put(handle, grant, session.expires_at),)
        return _Refreshable(grant, Check(entry.key, entry.version), client, resealed)

    async def _put_off(
        self, session: Stored, found: _NotRefreshable, *more: Check | Put
    ) -> AuthSession | None:
        """Have the session look again when it is worth it; ``None`` where somebody wrote meanwhile."""
        if session.head.refresh_from != found.look_from:
            version = await self._sessions.replace(
                session, session.identity, *more, refresh_from=found.look_from
            )
            if version is None:
                return None
            if found.why is not None:
                _log.warning("a session goes on without refresh: %s", found.why)
            return self._sessions.decode(session)
        # Nothing was written that would have told of a revocation since it was read.
        return self._sessions.decode(await self._sessions.read_active(session.handle))

    async def _lease(self, session: Stored, last: Lease | None, found: _Refreshable) -> Turn | None:
        """Say that this refresh token is being redeemed; ``None`` where somebody wrote meanwhile."""
        attempt = self._leases.next(last, found.grant.serial)
        put = put_attempt(session.handle, attempt, session.expires_at)
        # The session too, so that whoever reads it knows that it need not be refreshed now.
        version = await self._sessions.replace(
            session,
            session.identity,
            found.check,
            last.check if last is not None else Check(put.key, None),
            put,
            *found.resealed,
            refresh_from=attempt.until.timestamp(),
        )
        if version is None:
            return None
        lease = Lease(attempt, Check(put.key, version))
        return Turn(session.handle, lease, session.expires_at, found.grant, found.client)
