"""A refresh whose end nobody knows, because its answer got lost or its process died, signs nobody out."""

import asyncio
import gzip
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.events import EventName
from netscript_auth_core.ports import Authenticated
from netscript_auth_kv_oauth.grants.grants import grant_key
from netscript_auth_kv_oauth.grants.refresh_leases import LEASE
from netscript_auth_kv_oauth.provider.provider_http import MOST_BYTES
from netscript_auth_kv_oauth.sessions.session_records import NEVER
from netscript_dev_provider.misbehaviour import Misbehaviour
from tests.kv_oauth.desks import Desk, open_desk
from tests.kv_oauth.refreshing import (
    ACCESS_TOKEN_LIFE,
    REVOKED,
    SECOND,
    another,
    is_refresh,
    read,
    refresh_from,
    refusing,
    signed_in,
)


async def _lose_an_answer(desk: Desk, token: str) -> None:
    """Let the provider refresh, and its answer get lost on the way."""
    desk.people.wire.loses = is_refresh
    assert isinstance(await read(desk, token), Authenticated)
    desk.people.wire.loses = lambda _: False


async def _killed_in_the_middle_of_a_refresh(desk: Desk, token: str) -> None:
    """Let the provider redeem the refresh token, and this process end before it writes down the next one."""
    async with desk.people.wire.paused_refresh() as pause:
        await desk.who(token)
        await pause.reached()
        (refresh,) = [
            request for request in desk.people.wire.requests if b"grant_type=refresh_token" in request.content
        ]
        await desk.people.idp.transport.handle_async_request(refresh)
        for task in [*desk.backend._parts.background._tasks]:  # pyright: ignore[reportPrivateUsage]  # killed
            task.cancel()
        await desk.settle()
    desk.backend = desk.open()


def _packed(response: httpx.Response) -> httpx.Response:
    headers = {"content-encoding": "gzip", "content-type": "application/json"}
    packed = httpx.ByteStream(gzip.compress(response.content))
    return httpx.Response(response.status_code, headers=headers, stream=packed)


def _swollen(response: httpx.Response) -> httpx.Response:
    return httpx.Response(response.status_code, content=b" " * MOST_BYTES + response.content)


def _gateway_timeout(_: httpx.Response) -> httpx.Response:
    return httpx.Response(504, text="upstream request timeout")


def _bad_gateway(_: httpx.Response) -> httpx.Response:
    return httpx.Response(502, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"not that"))


async def test_a_process_that_died_after_the_provider_rotated_signs_nobody_out(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    token, handle = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    await _killed_in_the_middle_of_a_refresh(desk, token)
    desk.clock.advance(LEASE)

    assert isinstance(await read(desk, token), Authenticated)

    assert len(desk.people.wire.redeemed) == 2, "nothing is stuck once the lease is over"
    assert isinstance(await desk.who(token), Authenticated)
    assert await desk.store.get(grant_key(handle)) is None
    assert await refresh_from(desk, handle) == NEVER
    assert "proves nothing" in caplog.text
    assert [(event.name, event.reason) for event in desk.events.taken] == [
        (EventName.TOKEN_LOST, "answer_lost")
    ]
    desk.clock.advance(desk.session_idle_ttl - 2 * LEASE)
    assert isinstance(await desk.who(token), Authenticated), "until its own limits"


async def test_until_the_lease_of_a_process_that_died_is_over_nobody_tries_again(desk: Desk) -> None:
    token, _ = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    await _killed_in_the_middle_of_a_refresh(desk, token)
    desk.clock.advance(LEASE - SECOND)

    assert isinstance(await read(desk, token), Authenticated)

    assert len(desk.people.wire.redeemed) == 1


async def test_an_answer_that_got_lost_signs_nobody_out(desk: Desk) -> None:
    token, handle = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    await _lose_an_answer(desk, token)
    desk.clock.advance(LEASE)

    assert isinstance(await read(desk, token), Authenticated)

    assert isinstance(await desk.who(token), Authenticated)
    assert await desk.store.get(grant_key(handle)) is None


async def test_doubt_outlives_an_outage_that_follows_it(desk: Desk) -> None:
    token, _ = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    await _lose_an_answer(desk, token)
    desk.clock.advance(LEASE)
    desk.people.wire.answer = refusing(None, 503)
    await read(desk, token)
    desk.people.wire.answer = lambda _: None
    desk.clock.advance(timedelta(hours=10))

    await read(desk, token)

    assert isinstance(await desk.who(token), Authenticated)


async def test_doubt_ends_with_the_next_success(desk: Desk) -> None:
    token, _ = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    # The request got lost, not the answer: the refresh token is still good.
    desk.people.wire.answer = _breaking
    await read(desk, token)
    desk.people.wire.answer = lambda _: None
    desk.clock.advance(LEASE)
    await read(desk, token)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    await desk.people.end_grants("alice")

    await read(desk, token)

    assert await desk.who(token) == REVOKED


def _breaking(request: httpx.Request) -> httpx.Response | None:
    if is_refresh(request):
        raise httpx.RemoteProtocolError("closed without an answer", request=request)
    return None


@pytest.mark.parametrize("fault", [Misbehaviour.TOKEN_HTML, Misbehaviour.TOKEN_TYPE_MAC])
async def test_tokens_that_cannot_be_used_are_lost_like_an_answer(desk: Desk, fault: Misbehaviour) -> None:
    token, _ = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    desk.people.idp.misbehave(fault)
    await read(desk, token)
    desk.people.idp.misbehave()
    desk.clock.advance(LEASE)

    await read(desk, token)

    assert isinstance(await desk.who(token), Authenticated)


@pytest.mark.parametrize("spoil", [_packed, _swollen, _gateway_timeout, _bad_gateway])
async def test_an_answer_that_cannot_be_read_is_lost_like_one_that_does_not_come(
    desk: Desk, spoil: Callable[[httpx.Response], httpx.Response]
) -> None:
    token, _ = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    desk.people.wire.spoil = spoil
    await read(desk, token)
    desk.people.wire.spoil = lambda response: response
    desk.clock.advance(LEASE)

    await read(desk, token)

    assert isinstance(await desk.who(token), Authenticated)


@pytest.mark.parametrize("status", [302, 401, 429, 500, 503])
async def test_an_answer_of_any_other_status_leaves_no_doubt(desk: Desk, status: int) -> None:
    token, _ = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    desk.people.wire.answer = refusing("invalid_client", status)
    await read(desk, token)
    desk.people.wire.answer = lambda _: None
    desk.clock.advance(LEASE)
    await desk.people.end_grants("alice")

    await read(desk, token)

    assert await desk.who(token) == REVOKED


async def test_a_connection_that_was_never_made_leaves_no_doubt(desk: Desk) -> None:
    token, _ = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    async with desk.people.outage():
        await read(desk, token)
    desk.clock.advance(LEASE)
    await desk.people.end_grants("alice")

    await read(desk, token)

    assert await desk.who(token) == REVOKED


async def test_a_process_that_comes_back_after_its_lease_hurts_nobody(desk: Desk) -> None:
    token, handle = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    async with another(desk) as other, desk.people.wire.paused_refresh() as pause:
        late = asyncio.create_task(desk.backend.sessions.refresh(handle))
        await pause.reached()
        desk.people.wire.hold_no_more()
        desk.clock.advance(LEASE)
        await other.sessions.refresh(handle)
        desk.people.wire.answer = refusing("invalid_grant")
        pause.release()

        session = await late

    assert session.handle == handle
    assert isinstance(await desk.who(token), Authenticated)
    grant = await desk.grant(handle)
    assert grant is not None
    assert grant.serial == 1


@pytest.mark.parametrize(
    "fault", [Misbehaviour.JWKS_500, Misbehaviour.USERINFO_500, Misbehaviour.USERINFO_HTML]
)
async def test_without_a_profile_the_successor_of_the_refresh_token_is_kept(fault: Misbehaviour) -> None:
    async with open_desk() as desk:
        token, handle = await signed_in(desk)
        desk.backend = desk.open()  # has no keys of the provider yet
        desk.clock.advance(ACCESS_TOKEN_LIFE)
        desk.people.idp.misbehave(fault)

        assert isinstance(await read(desk, token), Authenticated)

        grant = await desk.grant(handle)
        assert grant is not None
        assert grant.serial == 1


async def test_who_asks_for_a_refresh_is_told_how_the_lost_answer_ended(desk: Desk) -> None:
    token, handle = await signed_in(desk)
    desk.people.wire.loses = is_refresh
    with pytest.raises(BackendUnavailableError, match="did not arrive"):
        await desk.backend.sessions.refresh(handle)
    desk.people.wire.loses = lambda _: False
    desk.clock.advance(LEASE)

    session = await desk.backend.sessions.refresh(handle)

    assert session.handle == handle
    assert isinstance(await desk.who(token), Authenticated)
    desk.clock.advance(LEASE)
    assert (await desk.backend.sessions.refresh(handle)).handle == handle
    assert len(desk.people.wire.redeemed) == 2, "there is nothing to refresh any more"


async def test_a_store_that_goes_away_during_a_refresh_costs_nobody_the_session(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    token, _ = await signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    async with desk.people.wire.paused_refresh() as pause:
        await desk.who(token)
        await pause.reached()
        async with desk.store.outage():
            pause.release()
            await desk.settle()
    desk.clock.advance(LEASE)

    await read(desk, token)

    assert isinstance(await desk.who(token), Authenticated)
    assert "could not be refreshed" in caplog.text
