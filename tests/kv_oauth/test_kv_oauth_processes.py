"""Two real processes on one store: one refresh between them, and kill -9 loses and revives nobody."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import suppress

import pytest

from netscript_auth_core.ports import Authenticated, AuthRequest, IssuedSession
from netscript_auth_kv_oauth.grants.grants import grant_key
from netscript_auth_kv_oauth.grants.refresh_leases import LEASE
from tests.kv_oauth.processes import ProcessDiedError, SessionProcess, Town, open_town

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize(  # what processes can share
        "store_url", ["sqlite", pytest.param("redis", marks=pytest.mark.full)], indirect=True
    ),
]
ACCESS_TOKEN_LIFE = 300.0
LEASE_SECONDS = LEASE.total_seconds()
# Where a process may die: each commit of a refresh or a sign-out can be lost or done.
COMMITS = range(4)
ENDINGS = ("revoke", "sign_out")
ORDERS = ("refresh", "read", *ENDINGS)


@pytest.fixture
async def town(store_url: str) -> AsyncGenerator[Town]:
    async with open_town(store_url) as running:
        yield running


async def test_i3_two_processes_redeem_once_and_answer_fifty_reads(town: Town) -> None:
    issued = await town.sign_in()
    one, two = town.start(), town.start()
    town.clock.advance(ACCESS_TOKEN_LIFE)

    answers = await asyncio.gather(*(each.do("read", issued.token, 25) for each in (one, two)))

    assert answers == [[True] * 25] * 2
    assert town.redemptions == 1
    town.clock.advance(ACCESS_TOKEN_LIFE)
    # The provider would have ended everything if its token had been used twice.
    assert await two.do("read", issued.token) == await one.do("read", issued.token) == [True]


async def test_i3_refreshes_asked_for_in_two_processes_at_once_are_one(town: Town) -> None:
    issued = await town.sign_in()
    one, two = town.start(), town.start()

    answers = await asyncio.gather(
        *(each.do("refresh", issued.session.handle) for each in (one, two, town.start()))
    )

    assert answers == ["refreshed"] * 3
    assert town.redemptions == 1


async def test_a_revocation_in_one_process_during_a_refresh_in_another_wins(town: Town) -> None:
    issued = await town.sign_in()
    one, two = town.start(), town.start()
    async with town.gate.closed():
        refresh = asyncio.create_task(one.do("refresh", issued.session.handle))
        await town.gate.somebody_waits()
        assert await two.do("revoke", issued.session.handle) is True

    assert await refresh == "session_revoked"
    for process in (one, two, town.start()):
        assert await process.do("read", issued.token) == [False]
    assert await town.store.get(grant_key(issued.session.handle)) is None


async def test_a_process_that_is_killed_between_redemption_and_write_signs_nobody_out(town: Town) -> None:
    issued = await town.sign_in()
    one, two = town.start(), town.start()
    await one.do("die_at", 0, after=False, kind="auth/grant/")

    with pytest.raises(ProcessDiedError):
        await one.do("refresh", issued.session.handle)

    assert town.redemptions == 1
    town.clock.advance(ACCESS_TOKEN_LIFE)
    await _expect_signed_in_through_leases(town, two, issued.token)
    assert town.redemptions == 2, "nothing was stuck; the refusal of the second proved nothing"
    assert await town.store.get(grant_key(issued.session.handle)) is None


@pytest.mark.parametrize("rounds", [6, pytest.param(100, marks=pytest.mark.full)])
async def test_killed_at_any_moment_a_process_loses_nobody_revives_nobody_and_leaves_nothing_stuck(
    town: Town, rounds: int
) -> None:
    chance = random.Random(20261126)  # noqa: S311 - repeatable moments, no secrets
    survivor = town.start()
    for _ in range(rounds):
        issued, mortal = await town.sign_in(), town.start()
        order, was_told = chance.choice(ORDERS), False
        if chance.random() < 0.7:
            await mortal.do("die_at", chance.choice(COMMITS), after=chance.random() < 0.5)
            was_told = await _order_until_it_dies(town, mortal, order, issued)
        else:
            await _kill_amidst(town, mortal, order, issued, chance.uniform(0, 0.03))

        is_in = await survivor.do("read", issued.token) == [True]
        assert is_in or order in ENDINGS, f"{order} lost a session"
        assert not is_in or not was_told, "somebody was told that it has ended"
        if is_in:
            await _expect_signed_in_through_leases(town, survivor, issued.token)
        else:
            await _expect_signed_out_for_good(town, survivor, issued)


async def _order_until_it_dies(town: Town, mortal: SessionProcess, order: str, issued: IssuedSession) -> bool:
    """Say whether somebody was told before that the session is ended."""
    was_told = False
    with suppress(ProcessDiedError):
        for _ in range(3):
            town.clock.advance(ACCESS_TOKEN_LIFE)
            answer = await mortal.do(order, issued.token if order == "read" else issued.session.handle)
            was_told |= order in ENDINGS and bool(answer)
    mortal.kill()
    return was_told


async def _kill_amidst(
    town: Town, mortal: SessionProcess, order: str, issued: IssuedSession, delay: float
) -> None:
    town.clock.advance(ACCESS_TOKEN_LIFE)
    asked = asyncio.create_task(mortal.do(order, issued.token if order == "read" else issued.session.handle))
    # Not a wait for anything: without it, every kill would come before the order.
    await asyncio.sleep(delay)
    mortal.kill()
    with suppress(ProcessDiedError):
        await asked


async def _expect_signed_in_through_leases(town: Town, process: SessionProcess, token: str) -> None:
    """Until the lease of the dead is over, and long after it."""
    for pause in (0.0, LEASE_SECONDS, LEASE_SECONDS, ACCESS_TOKEN_LIFE):
        town.clock.advance(pause)
        assert await process.do("read", token) == [True]


async def _expect_signed_out_for_good(town: Town, process: SessionProcess, issued: IssuedSession) -> None:
    """Here at once, and at the provider after some upkeep by whoever is left."""
    for pause in (0.0, LEASE_SECONDS, ACCESS_TOKEN_LIFE):
        town.clock.advance(pause)
        assert await process.do("read", issued.token) == [False]
    assert not isinstance(await town.backend.authenticate(AuthRequest((issued.token,))), Authenticated)
    await process.do("keep_up")
    assert town.at_provider[issued.session.handle].ended
