"""J6: rubbish in the place of credentials. It costs its sender the answer, and signed-in people nothing."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import timedelta

import httpx
import pytest

from tests.attacks.better_auth_world import (
    COOKIE,
    BetterAuthWorld,
    cookie_value,
    good_answer,
    nobody,
    open_better_auth_world,
)

JSON = {"content-type": "application/json"}
DELETED = f"{COOKIE}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax"


@pytest.fixture
async def world() -> AsyncGenerator[BetterAuthWorld]:
    """Without the secret, so that only the server can tell what it signed. It knows alice."""
    async with open_better_auth_world(knows_secret=False) as running:
        running.answer = lambda request: _known(running, request) or nobody()
        yield running


def _known(world: BetterAuthWorld, request: httpx.Request) -> httpx.Response | None:
    is_alice = request.headers.get("authorization") == f"Bearer {world.token}"
    return httpx.Response(200, json=good_answer(world.token)) if is_alice else None


async def _alice(world: BetterAuthWorld) -> httpx.Response:
    return await world.me(authorization=f"Bearer {world.token}")


async def _junk(world: BetterAuthWorld, number: int) -> int:
    return (await world.me(authorization=f"Bearer junk{number:028d}")).status_code


@pytest.mark.parametrize("text", ["j" * 32, f"{'j' * 32}.", f"{'j' * 32}.{'A' * 43}="])
async def test_j6_with_the_secret_a_token_that_is_not_signed_is_refused_without_asking(text: str) -> None:
    async with open_better_auth_world() as world:
        reason = await world.reason(authorization=f"Bearer {text}")

        assert reason in {"cookie_malformed", "no_session"}
        assert world.asked == []


async def test_j6_of_many_made_up_tokens_few_reach_the_server(world: BetterAuthWorld) -> None:
    await _alice(world)
    world.asked.clear()

    statuses = Counter([await _junk(world, number) for number in range(200)])

    assert statuses == {200: 50, 503: 150}
    assert len(world.asked) == 50
    assert (await _alice(world)).json()["authenticated"] is True


async def test_j6_who_was_turned_away_is_heard_ten_seconds_later(world: BetterAuthWorld) -> None:
    for number in range(51):
        await _junk(world, number)
    turned_away = await _alice(world)

    world.clock.advance(timedelta(seconds=10))

    assert turned_away.status_code == 503
    assert turned_away.headers["retry-after"] == "10"
    assert (await _alice(world)).json()["authenticated"] is True


async def test_j6_who_was_here_before_a_restart_is_no_stranger(world: BetterAuthWorld) -> None:
    await _alice(world)
    async with open_better_auth_world(knows_secret=False, before=world) as again:
        for number in range(51):
            await _junk(again, number)

        answer = await _alice(again)

    assert answer.json()["authenticated"] is True


async def test_j6_after_the_server_was_asked_too_often_hardly_any_stranger_is_asked_about(
    world: BetterAuthWorld,
) -> None:
    await _alice(world)
    answers = world.answer
    world.answer = lambda _: httpx.Response(429, headers={"x-retry-after": "10"})
    await _alice(world)
    world.answer = answers
    world.asked.clear()

    statuses = Counter([await _junk(world, number) for number in range(60)])
    world.clock.advance(timedelta(minutes=1))
    later = Counter([await _junk(world, number) for number in range(100, 150)])

    assert statuses == {200: 5, 503: 55}
    assert later == {200: 50}


async def test_j6_strangers_who_wait_for_a_slow_server_keep_nobody_waiting(world: BetterAuthWorld) -> None:
    await _alice(world)
    is_awake, is_full, waiting = asyncio.Event(), asyncio.Event(), 0

    async def slow(request: httpx.Request) -> httpx.Response:
        nonlocal waiting
        known = _known(world, request)
        if known is None:
            waiting += 1
            if waiting == 50:
                is_full.set()
            await is_awake.wait()
        return known or nobody()

    world.answer = slow  # type: ignore[assignment]  # awaited by the transport
    strangers = [asyncio.ensure_future(_junk(world, number)) for number in range(220)]
    try:
        await asyncio.wait_for(is_full.wait(), 60)

        answer = await _alice(world)
    finally:
        is_awake.set()
        statuses = Counter(await asyncio.gather(*strangers))

    assert answer.json()["authenticated"] is True
    assert statuses == {200: 50, 503: 170}
    assert waiting == 50


@pytest.mark.parametrize("knows_secret", [True, False])
async def test_j6_a_session_that_the_server_does_not_know_is_asked_about_once_in_ten_seconds(
    *, knows_secret: bool
) -> None:
    async with open_better_auth_world(knows_secret=knows_secret) as world:
        headers = [*JSON.items(), ("set-cookie", DELETED)]
        world.answer = lambda _: httpx.Response(200, content=b"null", headers=headers)
        dead = f"{COOKIE}={cookie_value(world.token)}"

        first, again = [await world.me(cookie=dead) for _ in range(2)]
        asked = len(world.asked)
        world.clock.advance(timedelta(seconds=10))
        await world.me(cookie=dead)

    assert first.json() == again.json() == {"authenticated": False, "reason": "session_unknown"}
    assert first.headers.get_list("set-cookie") == again.headers.get_list("set-cookie") == [DELETED]
    assert (asked, len(world.asked)) == (1, 2)


async def test_j6_what_is_refused_in_one_form_is_asked_about_in_another(world: BetterAuthWorld) -> None:
    value = cookie_value(world.token)
    await world.reason(authorization=f"Bearer {value}")

    world.says(good_answer(world.token))  # a server without the bearer plugin hears the cookie alone
    answer = await world.me(cookie=f"{COOKIE}={value}")

    assert answer.json()["authenticated"] is True
