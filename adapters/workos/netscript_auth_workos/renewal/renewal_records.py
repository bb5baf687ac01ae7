"""What is kept of a spent refresh token, so that all who still carry it get the same successor."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from pydantic import BaseModel

from netscript_auth_core.records import decode_record, encode_record
from netscript_auth_workos.api.issued_tokens import IssuedTokens
from netscript_kernel.clock import Clock
from netscript_kernel.errors import SealError
from netscript_kernel.ids import decode_base64url, digest, encode_base64url
from netscript_kernel.keys import SealingKeys
from netscript_kernel.kv.port import Check, KvStorePort, Put

# Longer than WorkOS may take to answer; then another process tries.
LEASE: Final = timedelta(seconds=15)
# So long WorkOS is not asked again about a token that it did not take.
DENIED: Final = timedelta(seconds=60)
_PURPOSE: Final = "auth/workos-renewal"


class _Record(BaseModel):
    """The stored form: under way, unless there is a result or a refusal."""

    sealed: str | None = None
    is_denied: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """A refresh token that somebody spends or has spent.

    Attributes:
        renewed: What it was traded for; ``None`` while that is not known.
        is_denied: Whether WorkOS did not take it.
    """

    renewed: IssuedTokens | None = field(default=None, repr=False)
    is_denied: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to spend a refresh token, for as long as the lease."""

    key: str
    check: Check


class RenewalRecords:
    """Records by the digest of the spent token. Store outages pass through as they are.

    Args:
        store: Shared by all processes.
        keys: Seal successors.
        clock: Tells how long each is kept.
        life: Of an access token. So long a successor is kept: for parallel requests of one browser, and for
            the next one where the answer with the new cookie did not arrive.
    """

    def __init__(self, store: KvStorePort, keys: SealingKeys, clock: Clock, life: timedelta) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._life = life

    async def take_turn(self, refresh_token: str) -> Turn | Spent:
        """Return the right to spend a token, or what became of it in other hands.

        Of any number of concurrent callers, in any number of processes, one gets the turn.
        """
        key = _key(refresh_token)
        put = Put(key, encode_record(_Record()), self._clock.now() + LEASE)
        version = await self._store.commit(checks=[Check(key, None)], puts=[put])
        if version is not None:
            return Turn(key, Check(key, version))
        entry = await self._store.get(key)
        if entry is None:
            return Spent()
        record = decode_record(_Record, entry.value)
        return Spent(self._open(key, record.sealed) if record.sealed else None, is_denied=record.is_denied)

    async def keep(self, turn: Turn, renewed: IssuedTokens) -> None:
        """Keep the successor for those who come with the spent token."""
        sealed = self._keys.seal(renewed.model_dump_json().encode(), purpose=_PURPOSE, record_id=turn.key)
        await self._finish(turn, _Record(sealed=encode_base64url(sealed)), self._life)

    async def keep_denied(self, turn: Turn) -> None:
        """Keep that it is worth nothing, so that WorkOS is not asked again at once."""
        await self._finish(turn, _Record(is_denied=True), DENIED)

    async def give_back(self, turn: Turn) -> None:
        """Let the next one try: nothing came of it."""
        await self._store.commit(checks=[turn.check], deletes=[turn.key])

    async def _finish(self, turn: Turn, record: _Record, kept: timedelta) -> None:
        # Without the check: what was traded is kept even where the lease is over.
        await self._store.commit(puts=[Put(turn.key, encode_record(record), self._clock.now() + kept)])

    def _open(self, key: str, sealed: str) -> IssuedTokens | None:
        try:
            plain = self._keys.open(decode_base64url(sealed), purpose=_PURPOSE, record_id=key)
        except SealError:
            return None
        return IssuedTokens.model_validate_json(plain)


def _key(refresh_token: str) -> str:
    return f"auth/workos-renewal/{digest('workos-refresh-token', refresh_token)}"
