"""Refresh tokens of our own sessions as the port has them: counted by key, sealed anew."""

import logging
from collections.abc import Sequence

from netscript_auth_core.ports import SealedSecrets, SealingRound
from netscript_auth_core.sealed_index import SealedIndex
from netscript_auth_workos.interactive.interactive_records import InteractiveRecords, stored
from netscript_auth_workos.outages import store_outages
from netscript_kernel.errors import StoreCorruptError
from netscript_kernel.kv.port import Entry

_log = logging.getLogger("netscript.auth.workos")


class InteractiveSealed:
    """Refresh tokens; what a sign-in or a renewal under way keeps is of no use after minutes."""

    def __init__(self, index: SealedIndex, records: InteractiveRecords) -> None:
        self._index = index
        self._records = records

    async def count(self) -> Sequence[SealedSecrets]:
        """Return what each key seals; see :meth:`SealedSecretsPort.count`."""
        with store_outages():
            return await self._index.secrets()

    async def seal_anew(self) -> SealingRound:
        """Seal a few tokens anew; see :meth:`SealedSecretsPort.seal_anew`."""
        with store_outages():
            return await self._index.seal_anew(self._seal_anew)

    async def _seal_anew(self, entry: Entry) -> bool | None:
        try:
            before = stored(entry)
        except StoreCorruptError as error:
            _log.warning("a secret is not sealed anew: %s", error)
            return None
        token = self._records.open(before.record)
        if token is None:
            return None
        sealed = self._records.seal(before.record.session.handle, token)
        return await self._records.write(before.record.model_copy(update={"sealed": sealed}), before)
