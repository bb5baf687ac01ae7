"""Grants are refreshed behind the answers of sessions in use: once, by one process, to nobody's harm."""

import asyncio
from datetime import timedelta

import pytest

from netscript_auth_core.errors import SessionEndedError
from netscript_auth_core.events import EventName
from netscript_auth_core.ports import Authenticated
from netscript_auth_kv_oauth.grants.grants import grant_key
from netscript_auth_kv_oauth.grants.refresh_leases import lease_key
from netscript_auth_kv_oauth.patience import Patience
from netscript_auth_kv_oauth.sessions.stored_sessions import session_key
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from netscript_kernel.request_context import REQUEST_ID
from tests.kv_oauth.desks import Desk, open_desk, the_provider
from tests.kv_oauth.pretend import open_pretend
from tests.kv_oauth.refreshing import (
    ACCESS_TOKEN_LIFE,
    HOUR,
    REVOKED,
    SECOND,
    another,
    read,
    refresh_from,
    refusing,
    signed_in,
)


async def test_a_read_after_the_tokens_expiry_answers_at_once_and_refreshes_behind_it(desk: Desk) -> None:
    token, handle = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    async with desk.people.wire.paused_refresh() as pause:
        outcome = await desk.who(token)
        await pause.reached()
        beside = await desk.who(token)
        pause.release()
    await desk.settle()

    assert [type(outcome), type(beside)] == [Authenticated, Authenticated]
    grant = await desk.grant(handle)
    assert grant is not None
    assert grant.serial == 1
    assert await refresh_from(desk, handle) == (desk.clock.now() + ACCESS_TOKEN_LIFE).timestamp()
    assert [event.name for event in desk.events.taken] == [EventName.TOKEN_REFRESHED]


async def test_what_happens_behind_an_answer_is_told_with_the_id_of_its_request(desk: Desk) -> None:
    token, _ = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    request = REQUEST_ID.set("the-request")
    await desk.who(token)
    REQUEST_ID.reset(request)

    await desk.settle()

    assert [(event.name, event.request_id) for event in desk.events.taken] == [
        (EventName.TOKEN_REFRESHED, "the-request")
    ]


async def test_before_the_tokens_expiry_nothing_is_refreshed(desk: Desk) -> None:
    token, _ = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE - SECOND)

    assert isinstance(await read(desk, token), Authenticated)

    assert desk.people.wire.redeemed == []


async def test_a_check_that_begins_a_refresh_reads_the_store_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, handle = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    reads: list[str] = []
    get = desk.store.get

    async def count(key: str) -> object:
        reads.append(key)
        return await get(key)

    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "get", count)
        await desk.who(token)

        assert reads == [session_key(handle)]


async def test_fifty_reads_of_two_processes_redeem_the_refresh_token_once(desk: Desk) -> None:
    token, handle = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    async with another(desk) as other:
        here = desk.backend
        reads = [desk.who(token) for _ in range(25)]
        desk.backend = other
        reads += [desk.who(token) for _ in range(25)]

        outcomes = await asyncio.gather(*reads)
        await here.settle()
        await other.settle()
        desk.backend = here

    assert {type(outcome) for outcome in outcomes} == {Authenticated}
    assert len(desk.people.wire.redeemed) == 1
    grant = await desk.grant(handle)
    assert grant is not None
    assert grant.serial == 1


async def test_refreshes_go_on_for_as_long_as_the_session_is_in_use_and_redeem_each_token_once(
    desk: Desk,
) -> None:
    token, _ = await signed_in(desk)
    for _ in range(10):
        desk.clock.advance(ACCESS_TOKEN_LIFE)
        assert isinstance(await read(desk, token), Authenticated)

    assert len(desk.people.wire.redeemed) == 10
    assert len(set(desk.people.wire.redeemed)) == 10


async def test_tokens_that_live_for_a_moment_are_refreshed_once_a_minute() -> None:
    async with open_pretend() as counter:
        counter.idp.tokens = {"refresh_token": "one", "expires_in": 1}
        token = (await counter.sign_in()).issued.token
        counter.idp.claims = {"nonce": None}
        for _ in range(120):
            counter.clock.advance(SECOND)
            await counter.name_of(token)
            await counter.backend.settle()

    assert counter.idp.count("/token") == 1 + 2


async def test_tokens_without_a_lifetime_are_not_refreshed_by_reads() -> None:
    async with open_pretend() as counter:
        counter.idp.tokens = {"refresh_token": "one", "expires_in": None}
        token = (await counter.sign_in()).issued.token
        counter.clock.advance(10 * HOUR)

        await counter.name_of(token)
        await counter.backend.settle()

    assert counter.idp.count("/token") == 1


async def test_a_session_without_a_grant_is_not_refreshed(desk: Desk) -> None:
    token = await desk.create("alice")
    desk.clock.advance(HOUR)

    assert isinstance(await read(desk, token), Authenticated)

    assert desk.people.wire.redeemed == []
    assert desk.kept("auth/refresh/") == []


async def test_a_grant_that_ended_ends_the_session_for_the_next_read(desk: Desk) -> None:
    token, handle = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    await desk.people.end_grants("alice")

    assert isinstance(await read(desk, token), Authenticated)

    assert await desk.who(token) == REVOKED
    assert [(event.name, event.reason) for event in desk.events.taken] == [
        (EventName.SESSION_REVOKED, "invalid_grant")
    ]
    assert await desk.store.get(grant_key(handle)) is None
    assert await desk.store.get(lease_key(handle)) is None


async def test_a_provider_that_is_away_fails_no_read_and_is_asked_once_a_minute(desk: Desk) -> None:
    token, handle = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    desk.people.wire.answer = refusing(None, 503)
    async with another(desk) as other:
        for at in range(180):
            desk.backend, other = other, desk.backend
            assert isinstance(await read(desk, token), Authenticated)
            assert len(desk.people.wire.redeemed) == at // 60 + 1
            desk.clock.advance(SECOND)
        desk.people.wire.answer = lambda _: None

        await read(desk, token)

    grant = await desk.grant(handle)
    assert grant is not None
    assert grant.serial == 1


async def test_a_refresh_moves_no_limit_and_loses_no_use(desk: Desk) -> None:
    token, handle = await signed_in(desk)
    before = await desk.backend.sessions.get(handle)
    desk.clock.advance(ACCESS_TOKEN_LIFE)

    await read(desk, token)

    after = await desk.backend.sessions.get(handle)
    assert before is not None
    assert after is not None
    assert after.expires_at == before.expires_at
    assert after.last_seen_at == desk.clock.now()
    assert after.idle_expires_at == desk.clock.now() + desk.session_idle_ttl


async def test_a_revocation_while_the_provider_answers_wins_and_what_it_sends_is_dropped(desk: Desk) -> None:
    token, handle = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    async with desk.people.wire.paused_refresh() as pause:
        await desk.who(token)
        await pause.reached()

        assert await desk.backend.sessions.revoke(handle)
        pause.release()
        await desk.settle()

    assert await desk.who(token) == REVOKED
    assert desk.kept(grant_key(handle)) == []


async def test_a_grant_of_an_old_key_is_sealed_anew_even_if_the_provider_does_not_answer(desk: Desk) -> None:
    old, new = generate_key(), generate_key()
    desk.backend = desk.open(KeyRing(parse_keys(old)))
    token, handle = await signed_in(desk)
    ring = KeyRing(parse_keys(f"{new},{old}"))
    desk.backend = desk.open(ring)
    desk.clock.advance(ACCESS_TOKEN_LIFE)

    async with desk.people.outage():
        await read(desk, token)

    entry = await desk.store.get(grant_key(handle))
    assert entry is not None
    assert ring.is_current(entry.value)


async def test_a_grant_that_was_sealed_anew_meanwhile_is_refreshed_all_the_same(desk: Desk) -> None:
    token, handle = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    async with desk.people.wire.paused_refresh() as pause:
        await desk.who(token)
        await pause.reached()
        session, grant = await desk.backend.sessions.get(handle), await desk.grant(handle)
        assert session is not None
        assert grant is not None
        await desk.store.commit(puts=[desk.grants.put(handle, grant, session.expires_at)])
        pause.release()
        await desk.settle()

    refreshed = await desk.grant(handle)
    assert refreshed is not None
    assert refreshed.serial == 1


async def test_a_grant_whose_key_is_gone_is_looked_at_once_an_hour_and_signs_nobody_out(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    token, _ = await signed_in(desk)
    desk.backend = desk.open(KeyRing(parse_keys(generate_key())))
    for _ in range(2 * 60):
        desk.clock.advance(timedelta(minutes=1))
        assert isinstance(await read(desk, token), Authenticated)

    assert caplog.text.count("does not open") == 2
    assert desk.people.wire.redeemed == []


async def test_a_provider_that_hangs_keeps_only_so_many_refreshes_waiting(
    desk: Desk,
) -> None:
    desk.patience = Patience(most_refreshes=2)
    desk.backend = desk.open()
    tokens = [(await desk.sign_in()).issued.token for _ in range(4)]
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    async with desk.people.wire.paused_refresh() as pause:
        for token in tokens:
            assert isinstance(await desk.who(token), Authenticated)
        await pause.reached()
        pause.release()
        await desk.settle()
    asked = len(desk.people.wire.redeemed)
    for token in tokens:
        await read(desk, token)

    assert asked == 2
    assert len(desk.people.wire.redeemed) == 4


async def test_a_session_that_was_signed_out_between_read_and_refresh_is_left_alone(desk: Desk) -> None:
    token, handle = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)

    await desk.who(token)
    await desk.backend.sessions.revoke(handle)
    await desk.settle()

    assert await desk.who(token) == REVOKED
    assert desk.people.wire.redeemed == []


async def test_a_session_that_ended_while_it_was_refreshed_says_so(desk: Desk) -> None:
    _, handle = await signed_in(desk)
    async with desk.people.wire.paused_refresh() as pause:
        refresh = asyncio.create_task(desk.backend.sessions.refresh(handle))
        await pause.reached()
        desk.clock.advance(desk.session_ttl)
        pause.release()

        with pytest.raises(SessionEndedError):
            await refresh


async def test_a_provider_that_is_not_configured_any_more_ends_no_session() -> None:
    async with open_desk() as desk:
        token, handle = await signed_in(desk)
        desk.provider = the_provider(issuer="https://other.localhost")
        desk.backend = desk.open()
        desk.clock.advance(ACCESS_TOKEN_LIFE)

        assert isinstance(await read(desk, token), Authenticated)

        assert desk.people.wire.redeemed == []
        assert await refresh_from(desk, handle) == (desk.clock.now() + HOUR).timestamp()
