"""Catalogue I2, I3, I4: refreshing, by many at once, in several workers, and what each answer means.

The provider rotates refresh tokens and ends everything that it granted when one is used twice.
"""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from netscript_auth_core.events import EventName
from netscript_auth_kv_oauth.grants.refresh_leases import LEASE
from tests.attacks.opening import OFFLINE, open_world
from tests.attacks.oracle import expect_no_secret, secrets_of
from tests.attacks.world import World
from tests.support.auth_api import PREFIX
from tests.support.web_browser import WebBrowser

ACCESS_TOKEN_LIFE = timedelta(minutes=5)
PARALLEL = 50


@pytest.fixture(params=["memory", "sqlite"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[World]:
    """One in which sessions can be refreshed."""
    sqlite = tmp_path / "kv.db" if request.param == "sqlite" else None
    async with open_world(sqlite=sqlite, scopes=OFFLINE) as running:
        yield running


async def _signed_in(world: World) -> WebBrowser:
    browser = world.browser()
    await world.sign_in(browser)
    return browser


async def _read(browser: WebBrowser) -> bool:
    answer = await browser.fetch(f"{PREFIX}/session")
    assert answer.status_code == httpx.codes.OK, answer.text
    is_in: bool = answer.json()["authenticated"]
    return is_in


def _refuse(world: World, status: int, error: str | None) -> None:
    """Have the provider answer refreshes so."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        if b"grant_type=refresh_token" not in request.content:
            return None
        return httpx.Response(status, json={"error": error} if error else {})

    world.wire.answer = answer


def _expect_no_secret_was_told(world: World) -> None:
    secrets = secrets_of(world)
    expect_no_secret(secrets, world.log.texts, "the log")
    expect_no_secret(secrets, map(repr, world.events.taken), "an event")


async def test_i2_fifty_reads_after_the_expiry_redeem_once_and_all_are_authenticated(world: World) -> None:
    browser = await _signed_in(world)
    world.clock.advance(ACCESS_TOKEN_LIFE)

    answers = await asyncio.gather(*(_read(browser) for _ in range(PARALLEL)))
    await world.settle()

    assert answers == [True] * PARALLEL
    assert len(world.wire.redeemed) == 1
    assert await _read(browser), "nobody has ended the family"
    _expect_no_secret_was_told(world)


async def test_i2_reads_wait_for_no_provider(world: World) -> None:
    browser = await _signed_in(world)
    world.clock.advance(ACCESS_TOKEN_LIFE)

    async with world.wire.paused_refresh() as pause:
        answers = [await _read(browser) for _ in range(PARALLEL)]
        await pause.reached()
        pause.release()
    await world.settle()

    assert answers == [True] * PARALLEL
    assert len(world.wire.redeemed) == 1


async def test_i3_two_workers_redeem_once_between_them(world: World) -> None:
    browser = await _signed_in(world)
    second = world.thief(browser, await world.add_worker())
    world.clock.advance(ACCESS_TOKEN_LIFE)

    answers = await asyncio.gather(*(_read(each) for each in (browser, second) * (PARALLEL // 2)))
    await world.settle()

    assert answers == [True] * PARALLEL
    assert len(world.wire.redeemed) == 1


async def test_i3_who_comes_second_uses_the_successor(world: World) -> None:
    browser = await _signed_in(world)
    second = world.thief(browser, await world.add_worker())
    for each in (browser, second, browser, second):
        world.clock.advance(ACCESS_TOKEN_LIFE)
        assert await _read(each)
        await world.settle()

    assert len(world.wire.redeemed) == 4
    assert len(set(world.wire.redeemed)) == 4


async def test_i3_a_sign_out_on_one_worker_during_a_refresh_on_the_other_wins(world: World) -> None:
    browser = await _signed_in(world)
    second = world.thief(browser, await world.add_worker())
    copy = world.thief(browser)
    world.clock.advance(ACCESS_TOKEN_LIFE)
    async with world.wire.paused_refresh() as pause:
        await _read(second)
        await pause.reached()

        await browser.submit(f"{PREFIX}/signout", [])
        pause.release()
        await world.settle()

    assert [await _read(each) for each in (second, copy)] == [False, False]
    assert [key for key in world.store.made if key.startswith("auth/grant/")]
    assert all([await world.store.get(key) is None for key in world.store.made if "auth/grant/" in key])


@pytest.mark.parametrize(
    ("status", "error", "is_in", "event"),
    [
        (400, "invalid_grant", False, (EventName.SESSION_REVOKED, "invalid_grant")),
        (503, None, True, None),
        (401, "invalid_client", True, (EventName.TOKEN_REFUSED, "invalid_client")),
    ],
)
async def test_i4_what_a_refusal_means(
    world: World, status: int, error: str | None, is_in: bool, event: tuple[EventName, str] | None
) -> None:
    browser = await _signed_in(world)
    mark = len(world.events.taken)
    _refuse(world, status, error)
    world.clock.advance(ACCESS_TOKEN_LIFE)

    assert await _read(browser)
    await world.settle()

    assert await _read(browser) is is_in
    told = [(each.name, each.reason) for each in world.events.taken[mark:]]
    assert told == ([event] if event else [])
    is_alarmed = any("check our registration" in text for text in world.log.texts)
    assert is_alarmed is (error == "invalid_client")
    _expect_no_secret_was_told(world)


async def test_i4_a_session_that_was_kept_is_refreshed_when_the_trouble_is_over(world: World) -> None:
    browser = await _signed_in(world)
    world.clock.advance(ACCESS_TOKEN_LIFE)
    for status, error in ((503, None), (401, "invalid_client"), (400, "unauthorized_client")):
        _refuse(world, status, error)
        assert await _read(browser)
        await world.settle()
        world.clock.advance(LEASE)
    world.wire.answer = lambda _: None

    assert await _read(browser)
    await world.settle()

    assert EventName.TOKEN_REFRESHED in [event.name for event in world.events.taken]
    assert await _read(browser)
