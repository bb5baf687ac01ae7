"""A key is changed while everything runs: what it sealed is counted and sealed anew; nobody is signed out."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

import pytest

from netscript_auth_core import sealed_index
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Anonymous, Authenticated, KeyState
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth.grants.grants import grant_key
from netscript_auth_kv_oauth.presets.protocol import Revocation
from netscript_auth_kv_oauth.sessions.stored_sessions import session_key
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.port import IndexEntry, Put
from tests.kv_oauth.desks import Desk, open_desk, the_provider
from tests.kv_oauth.frozen_records import KEY

OLD, NEW, THIRD = KEY, bytes(range(32, 64)), bytes(range(64, 96))
CURRENT, CONFIGURED, MISSING = KeyState.CURRENT, KeyState.CONFIGURED, KeyState.MISSING
ID = {key: KeyRing([key]).key_ids[0] for key in (OLD, NEW, THIRD)}


@pytest.fixture
async def desk(store_url: str) -> AsyncGenerator[Desk]:
    async with open_desk(store_url) as desk:
        await _restart(desk, OLD)
        yield desk


async def _restart(desk: Desk, *keys: bytes) -> None:
    """Begin anew with these keys, current first."""
    await desk.backend.aclose()
    desk.keys = KeyRing(keys)
    desk.backend = desk.open()


async def _counted(desk: Desk) -> list[tuple[str, KeyState, int]]:
    return [(each.key_id, each.state, each.count) for each in await desk.backend.sealed.count()]


async def _seal_all_anew(desk: Desk) -> list[int]:
    """Return how many were sealed anew in each round."""
    rounds: list[int] = []
    while not (done := await desk.backend.sealed.seal_anew()).is_done:
        rounds.append(done.sealed)
    return rounds


async def test_before_anybody_signed_in_there_is_the_current_key_and_nothing_under_it(desk: Desk) -> None:
    assert await _counted(desk) == [(ID[OLD], CURRENT, 0)]


async def test_what_each_key_seals_is_counted_page_after_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netscript_auth_core.sealed_index._PAGE", 2)
    for _ in range(5):
        await desk.sign_in()
    await _restart(desk, NEW, OLD)
    await desk.sign_in()

    assert await _counted(desk) == [(ID[NEW], CURRENT, 1), (ID[OLD], CONFIGURED, 5)]


async def test_all_that_an_old_key_sealed_is_sealed_anew_a_few_at_a_time_and_nobody_is_signed_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_index, "AT_ONCE", 2)
    issued = [(await desk.sign_in()).issued for _ in range(5)]
    before = [await desk.grant(each.session.handle) for each in issued]
    await _restart(desk, NEW, OLD)

    rounds = await _seal_all_anew(desk)

    assert rounds == [2, 2, 1]
    assert await _counted(desk) == [(ID[NEW], CURRENT, 5), (ID[OLD], CONFIGURED, 0)]
    await _restart(desk, NEW)
    assert [await desk.grant(each.session.handle) for each in issued] == before
    for each in issued:
        assert isinstance(await desk.who(each.token), Authenticated)
        await desk.backend.sessions.refresh(each.session.handle)
    assert await _counted(desk) == [(ID[NEW], CURRENT, 5)]


async def test_what_a_missing_key_sealed_is_counted_and_named_and_stays(desk: Desk) -> None:
    issued = (await desk.sign_in()).issued
    await _restart(desk, NEW)

    rounds = await _seal_all_anew(desk)

    assert rounds == []
    assert await _counted(desk) == [(ID[NEW], CURRENT, 0), (ID[OLD], MISSING, 1)]
    assert isinstance(await desk.who(issued.token), Authenticated)
    await _restart(desk, NEW, OLD)
    assert await _counted(desk) == [(ID[NEW], CURRENT, 0), (ID[OLD], CONFIGURED, 1)]


async def test_several_old_keys_are_all_left_behind(desk: Desk) -> None:
    await desk.sign_in()
    await _restart(desk, NEW, OLD)
    await desk.sign_in()
    await _restart(desk, THIRD, NEW, OLD)

    assert sum(await _seal_all_anew(desk)) == 2

    assert await _counted(desk) == [
        (ID[THIRD], CURRENT, 2),
        (ID[NEW], CONFIGURED, 0),
        (ID[OLD], CONFIGURED, 0),
    ]


async def test_a_grant_keeps_its_end_when_it_is_sealed_anew(desk: Desk) -> None:
    handle = (await desk.sign_in()).issued.session.handle
    await _restart(desk, NEW, OLD)
    await _seal_all_anew(desk)

    desk.clock.advance(desk.session_ttl - timedelta(seconds=1))
    assert await desk.grant(handle) is not None
    desk.clock.advance(timedelta(seconds=1))

    assert await desk.grant(handle) is None
    assert await _counted(desk) == [(ID[NEW], CURRENT, 0), (ID[OLD], CONFIGURED, 0)]


async def test_a_grant_of_a_session_that_ended_for_want_of_use_goes(desk: Desk) -> None:
    handle = (await desk.sign_in()).issued.session.handle
    await _restart(desk, NEW, OLD)
    desk.clock.advance(desk.session_idle_ttl)

    assert await _seal_all_anew(desk) == [0]

    assert await desk.store.get(grant_key(handle)) is None


async def test_a_revocation_takes_the_secret_out_of_the_count_once_the_provider_knows(desk: Desk) -> None:
    handle = (await desk.sign_in()).issued.session.handle

    async with desk.people.outage():
        await desk.backend.sessions.revoke(handle)
        await desk.settle()
        assert await _counted(desk) == [(ID[OLD], CURRENT, 1)]
    await _restart(desk, NEW, OLD)
    assert await _seal_all_anew(desk) == [1]
    await _restart(desk, NEW)
    desk.clock.advance(timedelta(minutes=5))
    await desk.backend.upkeep.run()

    assert not await desk.people.has_grants("alice")
    assert await _counted(desk) == [(ID[NEW], CURRENT, 0)]


async def test_a_revocation_without_a_provider_to_tell_takes_the_secret_out_of_the_count(desk: Desk) -> None:
    desk.provider = replace(the_provider(), own_revocation=Revocation.NONE)
    await _restart(desk, OLD)
    handle = (await desk.sign_in()).issued.session.handle

    await desk.backend.sessions.revoke(handle)

    assert await _counted(desk) == [(ID[OLD], CURRENT, 0)]


async def test_a_session_that_is_revoked_in_the_middle_of_a_round_stays_revoked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = (await desk.sign_in()).issued
    await _restart(desk, NEW, OLD)
    get = desk.store.get

    async def get_late(key: str) -> object:
        entry = await get(key)
        if key == session_key(issued.session.handle):
            monkeypatch.setattr(desk.store, "get", get)
            await desk.backend.sessions.revoke(issued.session.handle)
        return entry

    monkeypatch.setattr(desk.store, "get", get_late)

    await _seal_all_anew(desk)
    await desk.settle()

    assert await desk.who(issued.token) == Anonymous(AnonymousReason.SESSION_REVOKED)
    assert await desk.store.get(grant_key(issued.session.handle)) is None


async def test_sealing_anew_during_a_refresh_loses_neither(desk: Desk) -> None:
    issued = (await desk.sign_in()).issued
    async with desk.people.wire.paused_refresh() as pause:
        refresh = asyncio.create_task(desk.backend.sessions.refresh(issued.session.handle))
        await pause.reached()
        old = desk.keys
        desk.keys = KeyRing([NEW, OLD])
        other = desk.open()
        while not (await other.sealed.seal_anew()).is_done:
            pass
        pause.release()

        await refresh

    await other.aclose()
    grant = await desk.grant(issued.session.handle)
    assert grant is not None
    assert grant.serial == 1
    assert old.key_ids != desk.keys.key_ids


async def test_a_secret_that_is_damaged_is_passed_over(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_index, "AT_ONCE", 1)
    handles = [(await desk.sign_in()).issued.session.handle for _ in range(3)]
    key = grant_key(sorted(handles)[0])
    entry = await desk.store.get(key)
    assert entry is not None
    place = IndexEntry(f"auth/sealed/{ID[OLD]}", 0.0)
    await desk.store.commit(puts=[Put(key, entry.value[:-1] + b"x", index=(place,))])
    await _restart(desk, NEW, OLD)

    assert await _seal_all_anew(desk) == [1, 1]

    assert await _counted(desk) == [(ID[NEW], CURRENT, 2), (ID[OLD], CONFIGURED, 1)]


async def test_without_the_store_nothing_is_known_or_done(desk: Desk) -> None:
    await desk.sign_in()
    await _restart(desk, NEW, OLD)
    async with desk.store.outage():
        with pytest.raises(BackendUnavailableError):
            await desk.backend.sealed.count()
        with pytest.raises(BackendUnavailableError):
            await desk.backend.sealed.seal_anew()
