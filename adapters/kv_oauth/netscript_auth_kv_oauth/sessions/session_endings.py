"""Ends sessions by somebody's wish: in one commit, what was granted becomes something to end upstream."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from netscript_auth_kv_oauth.grants.grants import Grant, Grants
from netscript_auth_kv_oauth.grants.refresh_leases import RefreshLeases
from netscript_auth_kv_oauth.sessions.session_store import ATTEMPTS, SessionStore, too_busy
from netscript_auth_kv_oauth.sessions.stored_sessions import provider_of, user_of
from netscript_auth_kv_oauth.signout.pending_revocations import PendingRevocations, SignoutScope
from netscript_kernel.kv.port import Check, Entry, KvStorePort, Put


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that was active until now.

    Attributes:
        user_id: Whose it was; ``None`` where the record cannot be read.
        provider_id: Where the person had signed in; ``None`` where neither record nor grant say so.
        grant: What was granted to it; ``None`` where that is nothing, or does not open.
        is_pending: Whether its provider is to be told.
    """

    handle: str
    user_id: str | None
    provider_id: str | None
    grant: Grant | None = field(repr=False)
    is_pending: bool


class SessionEndings:
    """Ends one session, or all of a person's. Store outages pass through as they are.

    Args:
        store: Where sessions are kept.
        sessions: Reads them.
        grants: What was granted to them.
        leases: Attempts to refresh that.
        pending: What is to be revoked upstream.
        is_to_be_told: Whether a provider is told of a sign-out.
    """

    def __init__(
        self,
        store: KvStorePort,
        sessions: SessionStore,
        grants: Grants,
        leases: RefreshLeases,
        pending: PendingRevocations,
        is_to_be_told: Callable[[str, SignoutScope], bool],
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._grants = grants
        self._leases = leases
        self._pending = pending
        self._is_to_be_told = is_to_be_told

    async def end(self, handle: str, scope: SignoutScope) -> Ended | None:
        """Revoke a session; ``None`` where it was not active.

        A record that cannot be read may have been, so it is deleted, and counts.
        """
        for _ in range(ATTEMPTS):
            entry = await self._sessions.read_to_end(handle)
            if entry is None:
                return None
            ended = await self._try(handle, entry, scope)
            if ended is not None:
                return ended
        raise too_busy()

    async def end_all(self, user_id: str, keep: str | None, scope: SignoutScope) -> list[Ended]:
        """Revoke all of a person's sessions but one.

        Looks again until nothing is left, so that a sign-in going on at the same time does not slip through.
        """
        ended: list[Ended] = []
        while True:
            found = await self._sessions.list_to_end(user_id)
            handles = [handle for handle in found if handle != keep]
            if not handles:
                return ended
            for handle in handles:
                one = await self.end(handle, scope)
                ended += [one] if one is not None else []

    async def _try(self, handle: str, entry: Entry, scope: SignoutScope) -> Ended | None:
        revocation, sealed = self._sessions.revocation(entry), await self._grants.read(handle)
        grant = self._grants.open(handle, sealed.value) if sealed is not None else None
        checks, puts, deletes = [revocation.check], [*revocation.puts], [*revocation.deletes]
        # Of a record that cannot be read, what was granted to it still knows.
        provider_id = provider_of(entry) or (grant.provider_id if grant is not None else None)
        is_pending = self._is_pending(provider_id, sealed, grant, scope)
        if is_pending and provider_id is not None and sealed is not None:
            checks.append(Check(sealed.key, sealed.version))
            puts.append(self._pending.new(handle, provider_id, scope, sealed.value))
            kept = await self._keep_attempt_under_way(handle, scope)
            puts += kept
            deletes = [key for key in deletes if key not in {put.key for put in kept}]
        if await self._store.commit(checks=checks, puts=puts, deletes=deletes) is None:
            return None
        return Ended(handle, user_of(entry), provider_id, grant, is_pending)

    def _is_pending(
        self, provider_id: str | None, sealed: Entry | None, grant: Grant | None, scope: SignoutScope
    ) -> bool:
        if sealed is None or provider_id is None or not self._is_to_be_told(provider_id, scope):
            return False
        # What does not open may once the operator has put its key back.
        return grant is None or grant.refresh_token is not None

    async def _keep_attempt_under_way(self, handle: str, scope: SignoutScope) -> Sequence[Put]:
        """Leave word for a refresh that waits for its answer: what it gets is to be ended upstream too."""
        lease = await self._leases.read(handle)
        if lease is None or not self._leases.is_under_way(lease):
            return ()
        return (self._leases.put_signed_out(handle, lease, scope),)
