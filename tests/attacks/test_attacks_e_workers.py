"""Catalogue E1, E2 and E7, second order: sessions that end while something else goes on."""

import asyncio
from pathlib import Path

import pytest

from netscript_kernel.kv.sqlite import open_sqlite_store
from tests.attacks.opening import open_world
from tests.attacks.watched_store import WatchedKvStore
from tests.attacks.world import SIGNOUT, World
from tests.support.auth_api import PREFIX, SESSION_COOKIE
from tests.support.web_browser import WebBrowser

JSON = {"content-type": "application/json"}


async def test_e1_workers_with_connections_of_their_own_see_a_signout_with_the_next_read(
    tmp_path: Path,
) -> None:
    file = tmp_path / "kv.db"
    async with open_world(sqlite=file) as world:
        stores = [WatchedKvStore(await open_sqlite_store(file, world.clock)) for _ in range(2)]
        others = [await world.add_worker(store=store) for store in stores]
        browser = world.browser()
        await world.sign_in(browser)
        copies = [world.thief(browser, worker) for worker in others]
        assert [await world.who(copy) for copy in copies] == ["Alice Example"] * 2

        await browser.submit(SIGNOUT, [])

        assert [await world.who(copy) for copy in copies] == [None, None]


async def test_e1_a_signout_that_is_asked_of_one_worker_ends_what_another_one_began(
    either_store: World,
) -> None:
    world = either_store
    other = await world.add_worker()
    browser = world.browser()
    await world.sign_in(browser)
    elsewhere = world.thief(browser, other)

    await elsewhere.submit(SIGNOUT, [])

    assert await world.who(browser) is None


async def test_e1_a_sign_in_that_is_finished_after_a_signout_brings_back_no_old_session(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim, "bob")
    copied = world.thief(victim)
    callback = await world.agree(victim, "alice")
    await victim.submit(SIGNOUT, [])

    await world.come_back(victim, callback)

    assert await world.who(victim) == "Alice Example"
    assert await world.who(copied) is None


async def test_e1_the_cookie_of_before_a_sign_in_is_of_no_use_after_it(
    world: World, victim: WebBrowser, attacker: WebBrowser
) -> None:
    # Session fixation: the attacker's own token is in the victim's browser when the victim signs in.
    await world.sign_in(attacker, "bob")
    fixed = str(attacker.jar.value(SESSION_COOKIE))
    victim.jar.plant(victim.home, SESSION_COOKIE, fixed)

    await world.sign_in(victim, "alice")

    assert victim.jar.value(SESSION_COOKIE) != fixed
    assert await world.who(victim) == "Alice Example"
    assert await world.who(attacker) is None, "a session that another one replaced is over"


async def test_e2_many_signouts_at_once_end_one_session_and_all_are_good(
    either_store: World,
) -> None:
    world, browser = either_store, either_store.browser()
    await world.sign_in(browser)
    copies = [world.thief(browser) for _ in range(10)]

    answers = await asyncio.gather(*(copy.fetch(SIGNOUT, method="POST") for copy in copies))

    assert {answer.status_code for answer in answers} == {200}
    assert await world.who(browser) is None
    assert [event.reason for event in world.events.taken].count("signout") == 1


async def test_e7_a_sign_in_that_ends_while_everything_is_ended_is_out_or_can_be_ended(
    either_store: World,
) -> None:
    world = either_store
    here, late = world.browser(), world.browser()
    await world.sign_in(here)
    callback = await world.agree(late)

    await asyncio.gather(_end_everything(here), world.come_back(late, callback))

    assert await world.who(here) is None
    copy = world.thief(late)
    await _end_everything(late)
    assert await world.who(copy) is None, "no session is in without being in the list of its person"


async def _end_everything(browser: WebBrowser) -> None:
    await browser.fetch(SIGNOUT, method="POST", body=b'{"everywhere":true}', headers=JSON)


@pytest.mark.parametrize("handle", ["%2e%2e", "..%2fme", "%00", "*", "A" * 129, "\u0430" * 43, "{}"])
async def test_e7_no_handle_that_is_none_ends_anything(world: World, victim: WebBrowser, handle: str) -> None:
    await world.sign_in(victim)

    answer = await victim.fetch(f"{PREFIX}/sessions/{handle}", method="DELETE")

    assert answer.status_code in {404, 422}
    assert await world.who(victim) == "Alice Example"


async def test_e7_ending_ones_own_session_by_its_handle_takes_cookie_and_copies_along(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim)
    copied, handle = world.thief(victim), await world.handle(victim)

    await victim.fetch(f"{PREFIX}/sessions/{handle}", method="DELETE")

    assert victim.jar.value(SESSION_COOKIE) is None
    assert await world.who(copied) is None
