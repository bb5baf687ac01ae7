"""Who spends a refresh token where processes die or hang, and what is left of it in the store."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from netscript_auth_core.background import Background
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.testing import InterruptibleKvStore
from netscript_auth_workos.api.answers import RefusedError
from netscript_auth_workos.api.issued_tokens import IssuedTokens
from netscript_auth_workos.outages import workos_away
from netscript_auth_workos.renewal.renewal_records import LEASE, RenewalRecords, Turn
from netscript_auth_workos.renewal.renewals import Patience, Renewals
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import Check, Put

TOKEN = "the-refresh-token-that-is-spent"
SUCCESS = IssuedTokens(
    access_token="the-new-access-token", refresh_token="the-new-refresh-token", user={"id": "user_01"}
)


@dataclass
class Upstream:
    """Answers refreshes, one after the other."""

    answers: list[IssuedTokens | Exception]
    asked: list[str] = field(default_factory=list[str])

    async def refresh(self, refresh_token: str) -> IssuedTokens:
        self.asked.append(refresh_token)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class WatchedStore(InterruptibleKvStore):
    """Remembers what was written."""

    def __init__(self, clock: SettableClock) -> None:
        super().__init__(MemoryKvStore(clock))
        self.written: list[Put] = []

    async def commit(
        self, *, checks: Sequence[Check] = (), puts: Sequence[Put] = (), deletes: Sequence[str] = ()
    ) -> int | None:
        self.written += puts
        return await super().commit(checks=checks, puts=puts, deletes=deletes)


class Process:
    """One process; several are on one store."""

    def __init__(self, upstream: Upstream, store: WatchedStore, clock: SettableClock, keys: KeyRing) -> None:
        async def sleep(seconds: float) -> None:
            clock.advance(timedelta(seconds=seconds))

        self.records = RenewalRecords(store, keys, clock, timedelta(minutes=5))
        self.renewals = Renewals(upstream, self.records, Background(), Patience(sleep=sleep))


@dataclass
class Town:
    """Two processes before one upstream."""

    upstream: Upstream
    clock: SettableClock
    store: WatchedStore
    first: Process
    second: Process


def _town(*answers: IssuedTokens | Exception) -> Town:
    clock, keys, upstream = SettableClock(), KeyRing(parse_keys(generate_key())), Upstream(list(answers))
    store = WatchedStore(clock)
    first, second = (Process(upstream, store, clock, keys) for _ in range(2))
    return Town(upstream, clock, store, first, second)


async def test_after_a_process_that_died_another_one_tries() -> None:
    town = _town(SUCCESS)
    assert isinstance(await town.first.records.take_turn(TOKEN), Turn)
    began = town.clock.now()

    renewed = await town.second.renewals.renew(TOKEN)

    assert renewed is not None
    assert renewed.refresh_token == SUCCESS.refresh_token
    assert town.clock.now() >= began + LEASE


async def test_while_another_process_hangs_nobody_else_spends_the_token() -> None:
    town = _town()
    await town.first.records.take_turn(TOKEN)
    held = Patience(total=timedelta(seconds=2), sleep=_nothing)
    renewals = Renewals(town.upstream, town.second.records, Background(), held)

    with pytest.raises(BackendUnavailableError):
        await renewals.renew(TOKEN)

    assert town.upstream.asked == []


async def test_what_one_process_got_the_other_gets_too() -> None:
    town = _town(SUCCESS)

    here, there = await town.first.renewals.renew(TOKEN), await town.second.renewals.renew(TOKEN)

    assert here == there
    assert town.upstream.asked == [TOKEN]


async def test_a_refusal_is_known_to_the_other_process_for_a_minute() -> None:
    town = _town(RefusedError("invalid_grant"))

    here, there = await town.first.renewals.renew(TOKEN), await town.second.renewals.renew(TOKEN)

    assert (here, there) == (None, None)
    assert town.upstream.asked == [TOKEN]


async def test_after_an_outage_the_next_one_tries_at_once() -> None:
    town = _town(workos_away("it answered 503"), SUCCESS)
    with pytest.raises(BackendUnavailableError):
        await town.first.renewals.renew(TOKEN)

    renewed = await town.second.renewals.renew(TOKEN)

    assert renewed is not None
    assert len(town.upstream.asked) == 2


async def test_without_the_store_no_token_is_spent() -> None:
    town = _town(SUCCESS)

    async with town.store.outage():
        with pytest.raises(BackendUnavailableError):
            await town.first.renewals.renew(TOKEN)

    assert town.upstream.asked == []


async def test_no_token_stands_in_the_store() -> None:
    town = _town(SUCCESS)

    await town.first.renewals.renew(TOKEN)

    written = b"".join(put.key.encode() + put.value for put in town.store.written)
    assert len(town.store.written) == 2
    for secret in (TOKEN, SUCCESS.access_token, SUCCESS.refresh_token):
        assert secret.encode() not in written


async def _nothing(_: float) -> None:
    """Let no time pass."""
