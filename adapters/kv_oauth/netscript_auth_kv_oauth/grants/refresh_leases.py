"""Who refreshes the grant of a session: one attempt a minute, over all processes.

The record of the last attempt is its lease while it is under way, keeps others from trying again at once when
it is over, and tells the next one what a process that died may have left behind.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

from netscript_auth_core.records import decode_record, encode_record
from netscript_auth_kv_oauth.signout.pending_revocations import SignoutScope
from netscript_kernel.clock import Clock
from netscript_kernel.kv.port import Check, KvStorePort, Put

LEASE: Final = timedelta(minutes=1)
# What an attempt may take: less than its lease, so that two do not overlap.
LONGEST: Final = timedelta(seconds=45)


class AttemptState(StrEnum):
    """What became of an attempt; one whose process died stays under way."""

    UNDER_WAY = "under_way"
    REFRESHED = "refreshed"
    FAILED = "failed"


class Attempt(BaseModel):
    """The stored form: the last attempt to refresh a grant.

    Attributes:
        serial: Of the grant whose refresh token it redeems, written before the provider is asked.
        until: There is no other attempt before.
        is_in_doubt: Whether the provider may have taken this refresh token without our having its successor.
        signed_out: Of what the session was a part that was signed out while it was under way.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    serial: int
    until: datetime
    state: AttemptState = AttemptState.UNDER_WAY
    is_in_doubt: bool = False
    signed_out: SignoutScope | None = None

    def casts_doubt_on(self, serial: int) -> bool:
        """Whether a refusal of this grant's refresh token proves nothing: it may have been taken before."""
        return self.serial == serial and (self.is_in_doubt or self.state is AttemptState.UNDER_WAY)


@dataclass(frozen=True, slots=True)
class Lease:
    """An attempt as it was read.

    Attributes:
        check: Holds while nobody has begun another attempt, and this one has not ended.
    """

    attempt: Attempt
    check: Check


class RefreshLeases:
    """Attempts by the handle of their session. Store outages pass through as they are."""

    def __init__(self, store: KvStorePort, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def read(self, handle: str) -> Lease | None:
        """Return the last attempt, or ``None`` where there was none."""
        entry = await self._store.get(lease_key(handle))
        if entry is None:
            return None
        return Lease(decode_record(Attempt, entry.value), Check(entry.key, entry.version))

    def is_held(self, lease: Lease) -> bool:
        """Whether it is not yet time for another attempt."""
        return self._clock.now() < lease.attempt.until

    def next(self, last: Lease | None, serial: int) -> Attempt:
        """Return an attempt that begins now, after the last one."""
        is_in_doubt = last is not None and last.attempt.casts_doubt_on(serial)
        return Attempt(serial=serial, until=self._clock.now() + LEASE, is_in_doubt=is_in_doubt)

    def is_under_way(self, lease: Lease) -> bool:
        """Whether somebody may still be waiting for the provider's answer."""
        return lease.attempt.state is AttemptState.UNDER_WAY and self.is_held(lease)

    def put_signed_out(self, handle: str, lease: Lease, scope: SignoutScope) -> Put:
        """Return the write that tells an attempt under way of a sign-out."""
        attempt = lease.attempt.model_copy(update={"signed_out": scope})
        return put_attempt(handle, attempt, attempt.until + LEASE)

    async def close(self, lease: Lease, attempt: Attempt, kept_until: datetime) -> None:
        """Note what became of an attempt, unless it is not the last one any more."""
        await self._store.commit(
            checks=[lease.check], puts=[Put(lease.check.key, encode_record(attempt), kept_until)]
        )


def put_attempt(handle: str, attempt: Attempt, kept_until: datetime) -> Put:
    """Return the write of an attempt, which is kept as long as its session: doubt does not pass."""
    return Put(lease_key(handle), encode_record(attempt), kept_until)


def lease_key(handle: str) -> str:
    """Return where the last attempt for a session is kept."""
    return f"auth/refresh/{handle}"
