"""Catalogue E1, E2 and E7: how our own sessions end, and who may end them."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from netscript_auth_core.events import EventName
from tests.attacks.oracle import refused
from tests.attacks.watched_store import SESSION
from tests.attacks.world import IDLE_TTL, SIGNOUT, World
from tests.support.auth_api import PREFIX, PUBLIC_URL, SESSION_COOKIE
from tests.support.web_browser import WebBrowser

JSON = {"content-type": "application/json"}
REFUSED = EventName.REQUEST_REFUSED


async def test_e1_a_copied_cookie_is_nobodys_after_signout_on_every_worker(either_store: World) -> None:
    world, browser = either_store, either_store.browser()
    other = await world.add_worker()
    await world.sign_in(browser)
    copies = [world.thief(browser), world.thief(browser, other)]
    assert [await world.who(copy) for copy in copies] == ["Alice Example"] * 2

    await browser.submit(SIGNOUT, [])

    answers = [await copy.fetch(f"{PREFIX}/me") for copy in copies]
    assert [answer.json() for answer in answers] == [
        {"authenticated": False, "reason": "session_revoked"}
    ] * 2


async def test_e1_a_use_that_is_being_recorded_does_not_bring_an_ended_session_back(
    either_store: World,
) -> None:
    world, browser = either_store, either_store.browser()
    await world.sign_in(browser)
    copy = world.thief(browser)
    world.clock.advance(timedelta(minutes=5))

    await asyncio.gather(*(copy.fetch(f"{PREFIX}/me") for _ in range(5)), browser.submit(SIGNOUT, []))
    await world.settle()

    assert await world.who(copy) is None


async def test_e1_what_is_left_of_an_ended_session_names_nobody(world: World, victim: WebBrowser) -> None:
    await world.sign_in(victim)

    await victim.submit(SIGNOUT, [])

    kept = [await world.store.get(key) for key in world.store.made if key.startswith("auth/")]
    sessions = [entry for entry in kept if entry and entry.key.startswith((SESSION, "auth/grant/"))]
    assert [entry.key.partition("/")[2].partition("/")[0] for entry in sessions] == ["session"]
    assert b"Alice" not in sessions[0].value
    assert b"example.test" not in sessions[0].value


async def test_e2_signing_out_is_good_any_number_of_times_and_clears_the_cookie_each_time(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim)
    copied = str(victim.jar.value(SESSION_COOKIE))
    expired = world.browser()
    await world.sign_in(expired)
    stale = world.thief(expired)
    unknown = world.browser()
    unknown.jar.plant(PUBLIC_URL, SESSION_COOKIE, "A" * 43)
    garbage = world.browser()
    garbage.jar.plant(PUBLIC_URL, SESSION_COOKIE, "%ZZ")

    answers = [await _sign_out(browser) for browser in (victim, victim, world.browser(), unknown, garbage)]
    victim.jar.plant(PUBLIC_URL, SESSION_COOKIE, copied)
    answers.append(await _sign_out(victim))
    world.clock.advance(IDLE_TTL)
    answers.append(await _sign_out(stale))

    for position, answer in enumerate(answers):
        told = {"signedOut": True, "ended": 1 if position == 0 else 0}
        assert (answer.status_code, answer.json()) == (200, told)
        (line,) = answer.headers.get_list("set-cookie")
        assert line.startswith(f"{SESSION_COOKIE}=; Max-Age=0;")


async def test_e2_a_session_that_could_not_be_ended_does_not_look_as_if_it_were(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim)

    async with world.store.outage():
        await refused(world, _sign_out(victim), 503, "backend_unavailable", event=REFUSED)

    assert await world.who(victim) == "Alice Example"


@pytest.mark.parametrize("way", ["delete", "page"])
async def test_e7_somebody_elses_session_cannot_be_ended_nor_found_out_about(
    world: World, victim: WebBrowser, attacker: WebBrowser, way: str
) -> None:
    await world.sign_in(victim, "alice")
    await world.sign_in(attacker, "bob")
    theirs = await world.handle(victim)

    if way == "delete":
        texts = [
            (await refused(world, _end(attacker, handle), 404, "not_found", event=REFUSED)).json()["detail"]
            for handle in (theirs, "A" * 43, "x")
        ]
        assert len(set(texts)) == 1, "the same words whether it exists or not"
    else:
        await attacker.submit("/account/sessions/revoke", [("handle", theirs)])

    assert await world.who(victim) == "Alice Example"
    assert theirs not in (await attacker.fetch(f"{PREFIX}/sessions")).text


@pytest.mark.parametrize(
    "wish", [b'{"handle":"%s"}', b'{"sessionId":"%s"}', b'{"userId":"%s","everywhere":true}', b'["%s"]']
)
async def test_e7_signing_out_takes_no_name_of_a_session_or_a_person(
    world: World, victim: WebBrowser, attacker: WebBrowser, wish: bytes
) -> None:
    await world.sign_in(victim, "alice")
    await world.sign_in(attacker, "bob")
    body = wish.replace(b"%s", (await world.handle(victim)).encode())

    sent = attacker.fetch(SIGNOUT, method="POST", body=body, headers=JSON)
    await refused(world, sent, 422, "validation_error", event=REFUSED)

    assert [await world.who(each) for each in (victim, attacker)] == ["Alice Example", "Bob Example"]


async def test_e7_everywhere_ends_all_ones_own_sessions_on_every_worker_and_nobody_elses(
    either_store: World,
) -> None:
    world = either_store
    workers = [world.workers[0], await world.add_worker()]
    mine = [world.browser(worker) for worker in workers for _ in range(2)]
    theirs = world.browser()
    for browser in mine:
        await world.sign_in(browser, "alice")
    await world.sign_in(theirs, "bob")
    copies = [world.thief(browser, worker) for browser in mine for worker in workers]

    await mine[0].submit(SIGNOUT, [("everywhere", "true")])

    assert {await world.who(copy) for copy in copies} == {None}
    assert await world.who(theirs) == "Bob Example"
    revoked = [event for event in world.events.taken if event.name is EventName.SESSION_REVOKED]
    assert len(revoked) == len(mine), "one event for each session"


async def test_e7_a_second_cookie_of_our_name_does_not_narrow_what_everywhere_means(
    world: World, victim: WebBrowser
) -> None:
    elsewhere = world.browser()
    for browser in (victim, elsewhere):
        await world.sign_in(browser)
    cookies = f"{SESSION_COOKIE}={'A' * 43}; {SESSION_COOKIE}={victim.jar.value(SESSION_COOKIE)}"
    headers = {**JSON, "cookie": cookies}
    body = b'{"everywhere":true}'

    answer = await victim.send(httpx.Request("POST", f"{PUBLIC_URL}{SIGNOUT}", headers=headers, content=body))

    assert answer.is_success
    assert await world.who(victim) is None
    assert await world.who(elsewhere) is None


async def test_e7_everywhere_from_nobody_ends_nothing(world: World, victim: WebBrowser) -> None:
    await world.sign_in(victim)
    stranger = world.browser()
    stranger.jar.plant(PUBLIC_URL, SESSION_COOKIE, await world.handle(victim))

    answer = await stranger.submit(SIGNOUT, [("everywhere", "true")])

    assert answer.status_code == httpx.codes.SEE_OTHER
    assert await world.who(victim) == "Alice Example"


async def test_e7_who_was_signed_out_by_a_thief_is_not_told_that_everywhere_ended_something(
    world: World, victim: WebBrowser
) -> None:
    elsewhere = world.browser()
    for browser in (victim, elsewhere):
        await world.sign_in(browser)
    thief = world.thief(elsewhere)
    await _end(thief, await world.handle(victim))

    page = await world.thief(victim).submit("/account/signout", [("everywhere", "true")])
    answer = await _everywhere(victim)

    assert answer.json() == {"signedOut": True, "ended": 0}
    assert (page.status_code, "signed out here only" in page.text) == (httpx.codes.OK, True)
    assert await world.who(thief) == "Alice Example"
    await world.sign_in(victim)
    assert (await _everywhere(victim)).json()["ended"] == 2
    assert await world.who(thief) is None


async def _everywhere(browser: WebBrowser) -> httpx.Response:
    return await browser.fetch(SIGNOUT, method="POST", body=b'{"everywhere":true}', headers=JSON)


async def _sign_out(browser: WebBrowser) -> httpx.Response:
    return await browser.fetch(SIGNOUT, method="POST")


async def _end(browser: WebBrowser, handle: str) -> httpx.Response:
    return await browser.fetch(f"{PREFIX}/sessions/{handle}", method="DELETE")
