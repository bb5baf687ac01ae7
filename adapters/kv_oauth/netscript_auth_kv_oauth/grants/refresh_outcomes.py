"""What becomes of an attempt to refresh a grant, each in one commit against what was said when it began."""

import logging
from typing import TYPE_CHECKING, Final

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import AuthSession
from netscript_auth_core.errors import SessionEndedError
from netscript_auth_core.ports import Identity
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth.audit import Audit
from netscript_auth_kv_oauth.grants.grants import Grants, grant_key
from netscript_auth_kv_oauth.grants.refresh_leases import AttemptState, RefreshLeases, lease_key, put_attempt
from netscript_auth_kv_oauth.grants.refresh_turns import Turn
from netscript_auth_kv_oauth.outages import provider_away
from netscript_auth_kv_oauth.provider.refusals import AnotherPersonError, TokenRefusedError
from netscript_auth_kv_oauth.sessions.session_records import NEVER
from netscript_auth_kv_oauth.sessions.session_store import ATTEMPTS, SessionStore, too_busy
from netscript_auth_kv_oauth.signout.upstream_revocations import UpstreamRevocations
from netscript_kernel.kv.port import Check

if TYPE_CHECKING:
    from netscript_auth_kv_oauth.provider.provider_client import Refreshed

_log = logging.getLogger("netscript.auth.kv_oauth")

# The only answer that says that the grant is over; all others may be a passing trouble, or ours.
FINAL: Final = "invalid_grant"


class RefreshOutcomes:
    """Writes them. A revocation that came meanwhile wins; store outages pass through as they are."""

    def __init__(
        self,
        leases: RefreshLeases,
        sessions: SessionStore,
        grants: Grants,
        users: UserDirectory,
        upstream: UpstreamRevocations,
        audit: Audit,
    ) -> None:
        self._leases = leases
        self._sessions = sessions
        self._grants = grants
        self._users = users
        self._upstream = upstream
        self._audit = audit

    async def give_back(self, turn: Turn, *, is_in_doubt: bool = False) -> None:
        """Note that nothing came of the attempt; the next one is a minute after it."""
        before = turn.lease.attempt
        changes = {"state": AttemptState.FAILED, "is_in_doubt": before.is_in_doubt or is_in_doubt}
        await self._leases.close(turn.lease, before.model_copy(update=changes), turn.kept_until)

    async def keep(self, turn: Turn, refreshed: "Refreshed") -> AuthSession:
        """Write grant, session and attempt in one commit, if nothing came between.

        Raises:
            SessionEndedError: it ended meanwhile; what the provider sent is dropped, and revoked there where
                the session was signed out of.
        """
        until = turn.lease.attempt.until
        refresh_from = max(refreshed.grant.refresh_from, until.timestamp())
        attempt = turn.lease.attempt.model_copy(
            update={"state": AttemptState.REFRESHED, "serial": refreshed.grant.serial, "is_in_doubt": False}
        )
        for _ in range(ATTEMPTS):
            entry, is_last = await self._grants.read(turn.handle), await self._is_last(turn)
            try:
                # The session last: a sign-out takes the grant, too, and must not pass for another attempt.
                session = await self._sessions.read_active(turn.handle)
            except SessionEndedError:
                await self._upstream.adopt(turn.handle, refreshed.grant)
                raise
            if entry is None or not is_last:
                return self._sessions.decode(session)
            identity = await self._refreshed_identity(session.identity, refreshed)
            is_kept = await self._sessions.replace(
                session,
                identity,
                turn.lease.check,
                put_attempt(turn.handle, attempt, turn.kept_until),
                # Not as it was when it was opened: it may have been sealed anew since.
                Check(entry.key, entry.version),
                self._grants.put(turn.handle, refreshed.grant, turn.kept_until),
                refresh_from=refresh_from,
            )
            if is_kept is not None:
                self._audit.refreshed(identity.session)
                return identity.session
        raise too_busy()

    async def refused(self, turn: Turn, error: TokenRefusedError) -> AuthSession:
        """Do what a refusal asks for; return the session where it goes on without refresh.

        Raises:
            SessionEndedError: the grant has ended, and the session with it.
            BackendUnavailableError: something else is wrong; the session is as before.
        """
        provider_id = turn.grant.provider_id
        if error.error != FINAL:
            _log.error(
                "provider %s refuses to refresh: %s; check our registration there", provider_id, error.error
            )
            self._audit.refused(provider_id, error.error, handle=turn.handle)
            await self.give_back(turn)
            raise provider_away(provider_id, f"it refuses to refresh ({error.error})") from error
        if turn.lease.attempt.is_in_doubt:
            return await self._do_without(turn)
        return await self._end(turn, error.error)

    async def distrusted(self, turn: Turn, error: AnotherPersonError) -> AuthSession:
        """End the session: its grant is spent, and what came in its place vouches for somebody else.

        That is not revoked upstream: it may be what another person lives by. Raises as :meth:`refused` does.
        """
        _log.error("provider %s: a refresh brought the tokens of another person", turn.grant.provider_id)
        return await self._end(turn, error.code.value)

    async def _end(self, turn: Turn, why: str) -> AuthSession:
        for _ in range(ATTEMPTS):
            session = await self._sessions.read_active(turn.handle)
            if await self._sessions.revoke(session, turn.lease.check):
                self._audit.revoked(turn.grant.provider_id, why, handle=turn.handle, user_id=session.user_id)
                raise SessionEndedError(AnonymousReason.SESSION_REVOKED)
            if not await self._is_last(turn):
                # Another process came after all: what it found out counts.
                return self._sessions.decode(await self._sessions.read_active(turn.handle))
        raise too_busy()

    async def _do_without(self, turn: Turn) -> AuthSession:
        """Keep the session to its own limits, without what cannot be refreshed: its successor is lost."""
        rest = turn.grant.model_copy(update={"refresh_token": None, "expires_at": None})
        put = () if rest.is_empty else (self._grants.put(turn.handle, rest, turn.kept_until),)
        deletes = (lease_key(turn.handle), *(() if put else (grant_key(turn.handle),)))
        for _ in range(ATTEMPTS):
            session = await self._sessions.read_active(turn.handle)
            version = await self._sessions.replace(
                session,
                session.identity,
                turn.lease.check,
                *put,
                refresh_from=NEVER,
                deletes=deletes,
            )
            if version is not None:
                _log.warning(
                    "provider %s refuses a refresh token after an answer of its own was lost, which proves "
                    "nothing: the session goes on to its limits, without refresh",
                    turn.grant.provider_id,
                )
                self._audit.grant_lost(turn.grant.provider_id, handle=turn.handle, user_id=session.user_id)
            if version is not None or not await self._is_last(turn):
                return self._sessions.decode(await self._sessions.read_active(turn.handle))
        raise too_busy()

    async def _is_last(self, turn: Turn) -> bool:
        """Whether nobody else has begun an attempt since, as somebody may after a lease."""
        lease = await self._leases.read(turn.handle)
        return lease is not None and lease.check == turn.lease.check

    async def _refreshed_identity(self, before: Identity, refreshed: "Refreshed") -> Identity:
        user = before.user
        if refreshed.identity is not None:
            fresh = await self._users.resolve(refreshed.identity)
            # Linked to somebody else since: that is for the linking to carry into sessions, not for us.
            user = fresh if fresh.id == user.id else user
        return Identity(before.session.model_copy(update={"scopes": refreshed.grant.scopes}), user)
