"""The secrets of this backend as the port has them: counted by key, and sealed anew a few at a time."""

import logging
from collections.abc import Sequence

from netscript_auth_core.ports import SealedSecrets, SealingRound
from netscript_auth_core.sealed_index import SealedIndex
from netscript_auth_kv_oauth.grants.grants import Grants, handle_of_grant
from netscript_auth_kv_oauth.outages import store_outages
from netscript_auth_kv_oauth.sessions.session_store import SessionStore
from netscript_auth_kv_oauth.signout.pending_revocations import (
    PendingRevocations,
    is_pending_revocation,
    read_pending_revocation,
)
from netscript_kernel.errors import StoreCorruptError
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import Check, Entry, KvStorePort

_log = logging.getLogger("netscript.auth.kv_oauth")


class Secrets:
    """Grants, of sessions that live or are still to be ended upstream.

    What a sign-in under way keeps is sealed too, but of no use after ten minutes.
    """

    def __init__(
        self,
        index: SealedIndex,
        keys: SealingKeys,
        store: KvStorePort,
        sessions: SessionStore,
        grants: Grants,
        pending: PendingRevocations,
    ) -> None:
        self._index = index
        self._keys = keys
        self._store = store
        self._sessions = sessions
        self._grants = grants
        self._pending = pending

    async def count(self) -> Sequence[SealedSecrets]:
        """Return what each key seals; see :meth:`SealedSecretsPort.count`."""
        with store_outages():
            return await self._index.secrets()

    async def seal_anew(self) -> SealingRound:
        """Seal a few grants anew; see :meth:`SealedSecretsPort.seal_anew`."""
        with store_outages():
            return await self._index.seal_anew(self._seal_anew)

    async def _seal_anew(self, entry: Entry) -> bool | None:
        """Seal one grant anew, and say whether that was done; ``None`` where it cannot be read."""
        try:
            return await (
                self._of_pending(entry) if is_pending_revocation(entry.key) else self._of_session(entry)
            )
        except StoreCorruptError as error:
            _log.warning("a secret is not sealed anew: %s", error)
            return None

    async def _of_session(self, entry: Entry) -> bool | None:
        handle = handle_of_grant(entry.key)
        grant, session = self._grants.open(handle, entry.value), await self._sessions.read(handle)
        if grant is None:
            return None
        check = Check(entry.key, entry.version)
        if session is None or not self._sessions.is_active(session):
            # It ended for want of use: nobody needs what was granted any more.
            await self._store.commit(checks=[check], deletes=[entry.key])
            return False
        put = self._grants.put(handle, grant, session.expires_at)
        return await self._store.commit(checks=[check], puts=[put]) is not None

    async def _of_pending(self, entry: Entry) -> bool | None:
        pending = read_pending_revocation(entry)
        grant = self._grants.open(pending.handle, pending.record.grant)
        if grant is None:
            return None
        record = pending.record.with_grant(self._grants.seal(pending.handle, grant))
        put = self._pending.put(pending.handle, record)
        return await self._store.commit(checks=[pending.check], puts=[put]) is not None
