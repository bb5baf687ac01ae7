"""Catalogue B1, B2, B4 and B5: whose callback this is, how often, and how late."""

import asyncio
from datetime import timedelta

import pytest

from tests.attacks.addresses import query_of, with_query
from tests.attacks.oracle import refused
from tests.attacks.watched_store import SESSION
from tests.attacks.world import CALLBACK, EVIL, World
from tests.support.auth_api import FLOW_PREFIX, SESSION_COOKIE
from tests.support.web_browser import WebBrowser

SOON, LATE, FORGOTTEN = timedelta(minutes=9, seconds=59), timedelta(minutes=11), timedelta(minutes=61)
LIFETIME = timedelta(minutes=10)
RACERS = 10
NOT_BOUND = (403, "flow_not_bound")


@pytest.mark.parametrize("way", ["link", "iframe", "image", "script"])
@pytest.mark.parametrize("is_signed_in", [False, True], ids=["nobody", "somebody"])
async def test_b1_the_attackers_callback_signs_no_victim_in(
    world: World, victim: WebBrowser, attacker: WebBrowser, way: str, *, is_signed_in: bool
) -> None:
    if is_signed_in:
        await world.sign_in(victim, "bob")
    before = world.asked_for_tokens()
    callback = await world.agree(attacker, "alice")

    opened = (
        victim.open(callback, of_page=EVIL)
        if way == "link"
        else victim.embed(callback, of_page=EVIL, destination=way)
    )
    await refused(world, opened, *NOT_BOUND)

    assert await world.who(victim) == ("Bob Example" if is_signed_in else None)
    assert world.asked_for_tokens() == before


async def test_b1_an_unbound_request_uses_nothing_up(
    world: World, victim: WebBrowser, attacker: WebBrowser
) -> None:
    callback = await world.agree(victim)

    await refused(world, attacker.open(callback), *NOT_BOUND)

    await world.come_back(victim, callback)
    assert await world.who(victim) == "Alice Example"


async def test_b1_a_victim_with_a_sign_in_of_their_own_under_way_is_no_better_prey(
    world: World, victim: WebBrowser, attacker: WebBrowser
) -> None:
    own = await world.agree(victim, "bob")
    callback = await world.agree(attacker, "alice")

    await refused(world, victim.open(callback, of_page=EVIL), *NOT_BOUND)

    await world.come_back(victim, own)
    assert await world.who(victim) == "Bob Example"


async def test_b1_a_flow_cookie_under_the_name_of_another_flow_binds_nothing(
    world: World, victim: WebBrowser, attacker: WebBrowser
) -> None:
    await world.begin(victim)
    (name,) = victim.jar.names(FLOW_PREFIX)
    callback = await world.agree(attacker)
    (wanted,) = attacker.jar.names(FLOW_PREFIX)

    victim.jar.plant(victim.home, wanted, str(victim.jar.value(name)))

    await refused(world, victim.open(callback, of_page=EVIL), *NOT_BOUND)


@pytest.mark.parametrize("carrier", ["query", "header", "json", "form"])
async def test_b2_a_flow_that_is_named_anywhere_but_in_its_cookie_is_not_bound(
    world: World, victim: WebBrowser, attacker: WebBrowser, carrier: str
) -> None:
    callback = await world.agree(attacker)
    (name,) = attacker.jar.names(FLOW_PREFIX)
    smuggled = [("txn", str(attacker.jar.value(name))), (name, str(attacker.jar.value(name)))]
    parameters = [*query_of(callback).items(), *smuggled]

    if carrier == "query":
        await refused(world, victim.open(with_query(callback, parameters)), *NOT_BOUND)
    elif carrier == "header":
        headers = {"txn": smuggled[0][1], "x-flow": smuggled[0][1], "cookie2": f"{name}={smuggled[0][1]}"}
        await refused(world, victim.fetch(callback, headers=headers), *NOT_BOUND)
    elif carrier == "json":
        sent = victim.fetch(
            CALLBACK, method="POST", body=b'{"txn":"x"}', headers={"content-type": "application/json"}
        )
        await refused(world, sent, 415, "unsupported_media_type")
    else:
        answer = await victim.submit(CALLBACK, parameters)
        await refused(world, victim.follow(answer), *NOT_BOUND)
    assert world.asked_for_tokens() == 0


async def test_b4_a_completed_callback_cannot_be_opened_again(world: World, victim: WebBrowser) -> None:
    callback = await world.agree(victim)
    await world.come_back(victim, callback)
    token = victim.jar.value(SESSION_COOKIE)

    shown = await refused(world, world.come_back(victim, callback), 409, "flow_used")
    told = await refused(world, victim.fetch(callback), 409, "flow_used")

    assert "You are already signed in" in shown.text
    assert told.json()["data"]["authenticated"] is True
    assert (victim.jar.value(SESSION_COOKIE), await world.who(victim)) == (token, "Alice Example")
    assert world.asked_for_tokens() == 1


async def test_b4_whoever_finds_a_completed_callback_in_a_history_gets_nothing_from_it(
    world: World, victim: WebBrowser, attacker: WebBrowser
) -> None:
    callback = await world.agree(victim)
    await world.come_back(victim, callback)

    told = await refused(world, attacker.fetch(callback), 409, "flow_used")

    assert told.json()["data"] == {"reason": "flow_used"}
    assert await world.who(attacker) is None
    assert await world.who(victim) == "Alice Example"


async def test_b4_of_many_callbacks_at_once_exactly_one_comes_in(world: World, victim: WebBrowser) -> None:
    callback = await world.agree(victim)
    (name,) = victim.jar.names(FLOW_PREFIX)
    racers = [world.browser() for _ in range(RACERS)]
    for racer in racers:
        racer.jar.plant(racer.home, name, str(victim.jar.value(name)))

    answers = await asyncio.gather(*(racer.open(callback) for racer in racers))

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [303] + [409] * (RACERS - 1)
    assert world.asked_for_tokens() == 1
    assert len([key for key in world.store.made if key.startswith(SESSION)]) == 1


@pytest.mark.parametrize("keeps_cookie", [False, True], ids=["browser", "attacker"])
@pytest.mark.parametrize("passed", [LIFETIME, LATE], ids=str)
async def test_b5_a_flow_ends_by_the_clock_whatever_the_store_still_holds(
    world: World, victim: WebBrowser, passed: timedelta, *, keeps_cookie: bool
) -> None:
    address = await world.begin(victim)
    (name,) = victim.jar.names(FLOW_PREFIX)
    cookie = str(victim.jar.value(name))
    world.clock.advance(passed - timedelta(seconds=5))
    callback = await world.idp.sign_in(address)
    world.clock.advance(timedelta(seconds=5))
    if keeps_cookie:
        victim.jar.plant(victim.home, name, cookie)

    await refused(world, world.come_back(victim, callback), 410, "flow_expired")

    assert world.asked_for_tokens() == 0


async def test_b5_until_then_it_is_good(world: World, victim: WebBrowser) -> None:
    address = await world.begin(victim)
    world.clock.advance(SOON)

    await world.come_back(victim, await world.idp.sign_in(address))

    assert await world.who(victim) == "Alice Example"


async def test_b5_a_flow_that_the_store_has_forgotten_stays_expired(world: World, victim: WebBrowser) -> None:
    callback = await world.agree(victim)
    (name,) = victim.jar.names(FLOW_PREFIX)
    cookie = str(victim.jar.value(name))
    world.clock.advance(FORGOTTEN)
    await world.store.sweep()
    victim.jar.plant(victim.home, name, cookie)

    await refused(world, world.come_back(victim, callback), 410, "flow_expired")

    victim.jar.forget(name)
    await refused(world, world.come_back(victim, callback), *NOT_BOUND)
