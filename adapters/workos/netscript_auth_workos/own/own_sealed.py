"""Refresh tokens of our own sessions as the port has them: counted by key, sealed anew."""

from collections.abc import Sequence
from typing import Final

from netscript_auth_core.ports import KeyState, SealedSecrets, SealingRound
from netscript_auth_core.sealed_index import SealedIndex
from netscript_auth_workos.outages import store_outages
from netscript_auth_workos.own.own_records import OwnRecords, stored
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import Entry

AT_ONCE: Final = 100


class OwnSealed:
    """Refresh tokens; what a sign-in or a renewal under way keeps is of no use after minutes."""

    def __init__(self, index: SealedIndex, keys: SealingKeys, records: OwnRecords) -> None:
        self._index = index
        self._keys = keys
        self._records = records

    async def count(self) -> Sequence[SealedSecrets]:
        """Return what each key seals; see :meth:`SealedSecretsPort.count`."""
        with store_outages():
            found = [
                SealedSecrets(key_id, self._state(key_id), await self._index.count(key_id))
                for key_id in await self._index.key_ids()
            ]
        return [each for each in found if each.count or each.state is not KeyState.MISSING]

    async def seal_anew(self) -> SealingRound:
        """Seal a few tokens anew; see :meth:`SealedSecretsPort.seal_anew`."""
        with store_outages():
            for key_id in self._keys.key_ids[1:]:
                page = await self._index.page(key_id, None, AT_ONCE)
                outcomes = [await self._seal_anew(entry) for entry in page]
                if any(outcome is not None for outcome in outcomes):
                    return SealingRound(sum(outcome is True for outcome in outcomes), is_done=False)
        return SealingRound(sealed=0, is_done=True)

    def _state(self, key_id: str) -> KeyState:
        if key_id == self._keys.key_ids[0]:
            return KeyState.CURRENT
        return KeyState.CONFIGURED if key_id in self._keys.key_ids else KeyState.MISSING

    async def _seal_anew(self, entry: Entry) -> bool | None:
        """Seal one anew, and say whether that was done; ``None`` where it cannot be opened."""
        before = stored(entry)
        token = self._records.open(before.record)
        if token is None:
            return None
        sealed = self._records.seal(before.record.session.handle, token)
        return await self._records.write(before.record.model_copy(update={"sealed": sealed}), before)
