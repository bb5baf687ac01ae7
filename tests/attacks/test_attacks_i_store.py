"""Catalogue I1, the store: whoever cannot find out who asks says so, and nobody is signed out by that."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from netscript_auth_core.events import EventName
from netscript_auth_kv_oauth.sessions.session_records import VERSION
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.port import Put
from tests.attacks.oracle import expect_no_secret, refused, secrets_of
from tests.attacks.watched_store import SESSION
from tests.attacks.world import SIGNIN, SIGNOUT, World
from tests.kv_oauth.wire import Pause
from tests.support.auth_api import PREFIX, SESSION_COOKIE
from tests.support.web_browser import WebBrowser

READS = ("session", "me")
UNAVAILABLE = (503, "backend_unavailable")


def _raising(error: Exception) -> Callable[[str], Awaitable[None]]:
    async def fail(_: str) -> None:
        raise error

    return fail


def _expect_no_answer(world: World, answer: httpx.Response) -> None:
    """Make sure that this says neither that somebody is signed in nor that nobody is."""
    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["code"] == "AUTH_BACKEND_UNAVAILABLE"
    assert "authenticated" not in answer.text
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    expect_no_secret(secrets_of(world), [answer.text], "the answer")


@pytest.mark.parametrize("name", [*READS, "sessions"])
async def test_i1_a_store_that_is_away_signs_nobody_out(world: World, victim: WebBrowser, name: str) -> None:
    await world.sign_in(victim)
    token = victim.jar.value(SESSION_COOKIE)

    async with world.store.outage():
        answer = await victim.fetch(f"{PREFIX}/{name}")

    _expect_no_answer(world, answer)
    assert victim.jar.value(SESSION_COOKIE) == token
    assert await world.who(victim) == "Alice Example"


@pytest.mark.parametrize("name", READS)
async def test_i1_a_store_that_is_away_does_not_matter_to_whoever_has_no_cookie(
    world: World, victim: WebBrowser, name: str
) -> None:
    async with world.store.outage():
        answer = await victim.fetch(f"{PREFIX}/{name}")

    assert answer.json() == {"authenticated": False, "reason": "no_session"}


async def test_i1_every_other_answer_of_a_store_that_is_away_keeps_the_cookie_too(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim)
    callback = await world.agree(victim)
    handle, token = await world.handle(victim), victim.jar.value(SESSION_COOKIE)
    refusal = EventName.REQUEST_REFUSED

    async with world.store.outage():
        await refused(world, world.come_back(victim, callback), *UNAVAILABLE)
        await refused(world, victim.open(SIGNIN), *UNAVAILABLE)
        await refused(world, victim.submit(SIGNOUT, []), *UNAVAILABLE, event=refusal)
        ended = await victim.fetch(f"{PREFIX}/sessions/{handle}", method="DELETE")
        page = await victim.open("/account")

    assert (ended.status_code, page.status_code) == (503, 503)
    assert victim.jar.value(SESSION_COOKIE) == token
    await world.come_back(victim, callback)
    assert await world.who(victim) == "Alice Example", "and the sign-in can be finished after all"


@pytest.mark.parametrize(
    "error", [ConnectionResetError(), TimeoutError(), OSError("secret"), EOFError(), RuntimeError("secret")]
)
async def test_i1_an_adapter_that_does_not_word_its_faults_signs_nobody_out_either(
    world: World, victim: WebBrowser, error: Exception
) -> None:
    await world.sign_in(victim)
    token = victim.jar.value(SESSION_COOKIE)
    world.store.before_get = _raising(error)

    answers = [await victim.fetch(f"{PREFIX}/{name}") for name in READS]

    for answer in answers:
        assert answer.status_code >= 500
        assert "authenticated" not in answer.text
        assert "secret" not in answer.text
        assert "set-cookie" not in answer.headers
    assert victim.jar.value(SESSION_COOKIE) == token


async def test_i1_a_record_that_came_in_half_is_nobodys_word(world: World, victim: WebBrowser) -> None:
    await world.sign_in(victim)
    (key,) = [key for key in world.store.made if key.startswith(SESSION)]
    entry = await world.store.get(key)
    assert entry is not None

    whole = len(entry.value)
    for length in (*range(64), *range(64, whole, 37), whole - 1):
        await world.store.commit(puts=[Put(key, entry.value[:length])])
        for name in READS:
            _expect_no_answer(world, await victim.fetch(f"{PREFIX}/{name}"))

    await world.store.commit(puts=[Put(key, entry.value)])
    assert await world.who(victim) == "Alice Example"


@pytest.mark.parametrize("version", [0, 1, VERSION - 1, VERSION + 1, 255])
async def test_i1_a_record_of_another_version_is_not_read_and_not_taken_for_nothing(
    world: World, victim: WebBrowser, version: int
) -> None:
    await world.sign_in(victim)
    (key,) = [key for key in world.store.made if key.startswith(SESSION)]
    entry = await world.store.get(key)
    assert entry is not None
    await world.store.commit(puts=[Put(key, bytes([version]) + entry.value[1:])])

    answer = await victim.fetch(f"{PREFIX}/me")

    _expect_no_answer(world, answer)


async def test_i1_while_a_store_hangs_for_one_all_others_are_answered(
    world: World, victim: WebBrowser
) -> None:
    other = world.browser()
    for browser, person in ((victim, "alice"), (other, "bob")):
        await world.sign_in(browser, person)
    pause, hung_key = Pause(), f"{SESSION}{await world.handle(victim)}"

    async def hang_for_one(key: str) -> None:
        if key == hung_key:
            await pause.hold()
            raise StoreUnavailableError("fake", "no answer within 30 s")

    world.store.before_get = hang_for_one
    hung = asyncio.create_task(victim.fetch(f"{PREFIX}/me"))
    await pause.reached()

    assert await world.who(other) == "Bob Example"
    assert await world.who(world.browser()) is None
    assert (await other.fetch("/health/live")).status_code == 200
    assert (await other.open(SIGNIN)).status_code == 302
    assert not hung.done(), "all that was answered while the first one waited"

    pause.release()
    _expect_no_answer(world, await hung)


async def test_i1_a_slow_store_that_answers_in_the_end_has_the_last_word(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim)
    pause = Pause()

    async def be_slow(_: str) -> None:
        await pause.hold()

    world.store.before_get = be_slow
    asked = asyncio.create_task(victim.fetch(f"{PREFIX}/me"))
    await pause.reached()
    pause.release()

    assert (await asked).json()["user"]["name"] == "Alice Example"


async def test_i1_a_browser_that_does_not_wait_for_a_hanging_store_leaves_nothing_hanging(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim)
    pause = Pause()

    async def hang(_: str) -> None:
        await pause.hold()

    world.store.before_get = hang
    asked = [asyncio.create_task(victim.fetch(f"{PREFIX}/me")) for _ in range(20)]
    await pause.reached()
    for each in asked:
        each.cancel()
    await asyncio.wait(asked)

    world.store.before_get = _raising(StoreUnavailableError("fake", "away"))
    _expect_no_answer(world, await victim.fetch(f"{PREFIX}/me"))
    assert world.workers[0].in_flight == 0
