"""Grants are renewed behind the answers of sessions in use: once, by one process, to nobody's harm."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_core.events import EventName
from netscript_auth_core.ports import Anonymous, Authenticated
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth import KvOAuthBackend, lazy_renewals
from netscript_auth_kv_oauth.grants import grant_key
from netscript_auth_kv_oauth.renewal_leases import LEASE, lease_key
from netscript_auth_kv_oauth.session_records import NEVER, read_head
from netscript_auth_kv_oauth.stored_sessions import session_key
from netscript_dev_provider.misbehaviour import Misbehaviour
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from tests.kv_oauth.desks import Desk, open_desk, the_provider
from tests.kv_oauth.pretend import open_pretend

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
ACCESS_TOKEN_LIFE = timedelta(minutes=5)
REVOKED = Anonymous(AnonymousReason.SESSION_REVOKED)


@pytest.fixture(params=["memory", "sqlite"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Desk]:
    async with open_desk(tmp_path / "auth.db" if request.param == "sqlite" else None) as desk:
        yield desk


@asynccontextmanager
async def _another(desk: Desk) -> AsyncGenerator[KvOAuthBackend]:
    backend = desk.open()
    yield backend
    await backend.aclose()


async def _signed_in(desk: Desk) -> tuple[str, str]:
    """Sign somebody in; return the session's token and handle."""
    issued = (await desk.sign_in()).issued
    return issued.token, issued.session.handle


async def _read(desk: Desk, token: str) -> object:
    """Ask who it is, and let what goes on behind the answer come to its end."""
    outcome = await desk.who(token)
    await desk.settle()
    return outcome


async def _renew_from(desk: Desk, handle: str) -> float:
    entry = await desk.store.get(session_key(handle))
    assert entry is not None
    return read_head(entry.value).renew_from


def _refusing(error: str | None, status: int = 400) -> Callable[[httpx.Request], httpx.Response | None]:
    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/token":
            return None
        return httpx.Response(status, json={"error": error} if error else "no")

    return answer


def _is_refresh(request: httpx.Request) -> bool:
    return b"grant_type=refresh_token" in request.content


async def _lose_an_answer(desk: Desk, token: str) -> None:
    """Let the provider renew, and its answer get lost on the way."""
    desk.people.wire.loses = _is_refresh
    assert isinstance(await _read(desk, token), Authenticated)
    desk.people.wire.loses = lambda _: False


async def test_a_read_after_the_tokens_expiry_answers_at_once_and_renews_behind_it(desk: Desk) -> None:
    token, handle = await _signed_in(desk)
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
    assert await _renew_from(desk, handle) == (desk.clock.now() + ACCESS_TOKEN_LIFE).timestamp()
    assert [event.name for event in desk.events.taken] == [EventName.TOKEN_REFRESHED]


async def test_before_the_tokens_expiry_nothing_is_renewed(desk: Desk) -> None:
    token, _ = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE - SECOND)

    assert isinstance(await _read(desk, token), Authenticated)

    assert desk.people.wire.redeemed == []


async def test_a_check_that_begins_a_renewal_reads_the_store_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, handle = await _signed_in(desk)
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
    token, handle = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    async with _another(desk) as other:
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


async def test_renewals_go_on_for_as_long_as_the_session_is_in_use_and_redeem_each_token_once(
    desk: Desk,
) -> None:
    token, _ = await _signed_in(desk)
    for _ in range(10):
        desk.clock.advance(ACCESS_TOKEN_LIFE)
        assert isinstance(await _read(desk, token), Authenticated)

    assert len(desk.people.wire.redeemed) == 10
    assert len(set(desk.people.wire.redeemed)) == 10


async def test_tokens_that_live_for_a_moment_are_renewed_once_a_minute() -> None:
    async with open_pretend() as counter:
        counter.idp.tokens = {"refresh_token": "one", "expires_in": 1}
        token = (await counter.sign_in()).issued.token
        counter.idp.claims = {"nonce": None}
        for _ in range(120):
            counter.clock.advance(SECOND)
            await counter.name_of(token)
            await counter.backend.settle()

    assert counter.idp.count("/token") == 1 + 2


async def test_tokens_without_a_lifetime_are_not_renewed_by_reads() -> None:
    async with open_pretend() as counter:
        counter.idp.tokens = {"refresh_token": "one", "expires_in": None}
        token = (await counter.sign_in()).issued.token
        counter.clock.advance(10 * HOUR)

        await counter.name_of(token)
        await counter.backend.settle()

    assert counter.idp.count("/token") == 1


async def test_a_session_without_a_grant_is_not_renewed(desk: Desk) -> None:
    token = await desk.create("alice")
    desk.clock.advance(HOUR)

    assert isinstance(await _read(desk, token), Authenticated)

    assert desk.people.wire.redeemed == []
    assert desk.kept("auth/renewal/") == []


async def test_a_grant_that_ended_ends_the_session_for_the_next_read(desk: Desk) -> None:
    token, handle = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    await desk.people.end_grants("alice")

    assert isinstance(await _read(desk, token), Authenticated)

    assert await desk.who(token) == REVOKED
    assert [(event.name, event.reason) for event in desk.events.taken] == [
        (EventName.SESSION_REVOKED, "invalid_grant")
    ]
    assert await desk.store.get(grant_key(handle)) is None
    assert await desk.store.get(lease_key(handle)) is None


async def test_a_provider_that_is_away_fails_no_read_and_is_asked_once_a_minute(desk: Desk) -> None:
    token, handle = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    desk.people.wire.answer = _refusing(None, 503)
    async with _another(desk) as other:
        for at in range(180):
            desk.backend, other = other, desk.backend
            assert isinstance(await _read(desk, token), Authenticated)
            assert len(desk.people.wire.redeemed) == at // 60 + 1
            desk.clock.advance(SECOND)
        desk.people.wire.answer = lambda _: None

        await _read(desk, token)

    grant = await desk.grant(handle)
    assert grant is not None
    assert grant.serial == 1


async def test_a_renewal_moves_no_limit_and_loses_no_use(desk: Desk) -> None:
    token, handle = await _signed_in(desk)
    before = await desk.backend.sessions.get(handle)
    desk.clock.advance(ACCESS_TOKEN_LIFE)

    await _read(desk, token)

    after = await desk.backend.sessions.get(handle)
    assert before is not None
    assert after is not None
    assert after.expires_at == before.expires_at
    assert after.last_seen_at == desk.clock.now()
    assert after.idle_expires_at == desk.clock.now() + desk.session_idle_ttl


async def test_a_revocation_while_the_provider_answers_wins_and_what_it_sends_is_dropped(desk: Desk) -> None:
    token, handle = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    async with desk.people.wire.paused_refresh() as pause:
        await desk.who(token)
        await pause.reached()

        assert await desk.backend.sessions.revoke(handle)
        pause.release()
        await desk.settle()

    assert await desk.who(token) == REVOKED
    assert desk.kept(grant_key(handle)) == []


async def _killed_in_the_middle_of_a_renewal(desk: Desk, token: str) -> None:
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


async def test_a_process_that_died_after_the_provider_rotated_signs_nobody_out(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    token, handle = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    await _killed_in_the_middle_of_a_renewal(desk, token)
    desk.clock.advance(LEASE)

    assert isinstance(await _read(desk, token), Authenticated)

    assert len(desk.people.wire.redeemed) == 2, "nothing is stuck once the lease is over"
    assert isinstance(await desk.who(token), Authenticated)
    assert await desk.store.get(grant_key(handle)) is None
    assert await _renew_from(desk, handle) == NEVER
    assert "proves nothing" in caplog.text
    assert [(event.name, event.reason) for event in desk.events.taken] == [
        (EventName.TOKEN_LOST, "answer_lost")
    ]
    desk.clock.advance(desk.session_idle_ttl - SECOND)
    assert isinstance(await desk.who(token), Authenticated), "until its own limits"


async def test_until_the_lease_of_a_process_that_died_is_over_nobody_tries_again(desk: Desk) -> None:
    token, _ = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    await _killed_in_the_middle_of_a_renewal(desk, token)
    desk.clock.advance(LEASE - SECOND)

    assert isinstance(await _read(desk, token), Authenticated)

    assert len(desk.people.wire.redeemed) == 1


async def test_an_answer_that_got_lost_signs_nobody_out(desk: Desk) -> None:
    token, handle = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    await _lose_an_answer(desk, token)
    desk.clock.advance(LEASE)

    assert isinstance(await _read(desk, token), Authenticated)

    assert isinstance(await desk.who(token), Authenticated)
    assert await desk.store.get(grant_key(handle)) is None


async def test_doubt_outlives_an_outage_that_follows_it(desk: Desk) -> None:
    token, _ = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    await _lose_an_answer(desk, token)
    desk.clock.advance(LEASE)
    desk.people.wire.answer = _refusing(None, 503)
    await _read(desk, token)
    desk.people.wire.answer = lambda _: None
    desk.clock.advance(timedelta(hours=10))

    await _read(desk, token)

    assert isinstance(await desk.who(token), Authenticated)


async def test_doubt_ends_with_the_next_success(desk: Desk) -> None:
    token, _ = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    # The request got lost, not the answer: the refresh token is still good.
    desk.people.wire.answer = _breaking
    await _read(desk, token)
    desk.people.wire.answer = lambda _: None
    desk.clock.advance(LEASE)
    await _read(desk, token)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    await desk.people.end_grants("alice")

    await _read(desk, token)

    assert await desk.who(token) == REVOKED


def _breaking(request: httpx.Request) -> httpx.Response | None:
    if _is_refresh(request):
        raise httpx.RemoteProtocolError("closed without an answer", request=request)
    return None


@pytest.mark.parametrize(
    "fault", [Misbehaviour.TOKEN_HTML, Misbehaviour.TOKEN_TYPE_MAC, Misbehaviour.WRONG_AUD]
)
async def test_tokens_that_cannot_be_used_are_lost_like_an_answer(desk: Desk, fault: Misbehaviour) -> None:
    token, _ = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    desk.people.idp.misbehave(fault)
    await _read(desk, token)
    desk.people.idp.misbehave()
    desk.clock.advance(LEASE)

    await _read(desk, token)

    assert isinstance(await desk.who(token), Authenticated)


@pytest.mark.parametrize("status", [302, 401, 429, 500, 503])
async def test_an_answer_of_any_other_status_leaves_no_doubt(desk: Desk, status: int) -> None:
    token, _ = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    desk.people.wire.answer = _refusing("invalid_client", status)
    await _read(desk, token)
    desk.people.wire.answer = lambda _: None
    desk.clock.advance(LEASE)
    await desk.people.end_grants("alice")

    await _read(desk, token)

    assert await desk.who(token) == REVOKED


async def test_a_connection_that_was_never_made_leaves_no_doubt(desk: Desk) -> None:
    token, _ = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    async with desk.people.outage():
        await _read(desk, token)
    desk.clock.advance(LEASE)
    await desk.people.end_grants("alice")

    await _read(desk, token)

    assert await desk.who(token) == REVOKED


async def test_a_process_that_comes_back_after_its_lease_hurts_nobody(desk: Desk) -> None:
    token, handle = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    async with _another(desk) as other, desk.people.wire.paused_refresh() as pause:
        late = asyncio.create_task(desk.backend.sessions.refresh(handle))
        await pause.reached()
        desk.people.wire.hold_no_more()
        desk.clock.advance(LEASE)
        await other.sessions.refresh(handle)
        desk.people.wire.answer = _refusing("invalid_grant")
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
        token, handle = await _signed_in(desk)
        desk.backend = desk.open()  # has no keys of the provider yet
        desk.clock.advance(ACCESS_TOKEN_LIFE)
        desk.people.idp.misbehave(fault)

        assert isinstance(await _read(desk, token), Authenticated)

        grant = await desk.grant(handle)
        assert grant is not None
        assert grant.serial == 1


async def test_a_grant_of_an_old_key_is_sealed_anew_even_if_the_provider_does_not_answer(desk: Desk) -> None:
    old, new = generate_key(), generate_key()
    desk.backend = desk.open(KeyRing(parse_keys(old)))
    token, handle = await _signed_in(desk)
    ring = KeyRing(parse_keys(f"{new},{old}"))
    desk.backend = desk.open(ring)
    desk.clock.advance(ACCESS_TOKEN_LIFE)

    async with desk.people.outage():
        await _read(desk, token)

    entry = await desk.store.get(grant_key(handle))
    assert entry is not None
    assert ring.is_current(entry.value)


async def test_a_grant_that_was_sealed_anew_meanwhile_is_renewed_all_the_same(desk: Desk) -> None:
    token, handle = await _signed_in(desk)
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

    renewed = await desk.grant(handle)
    assert renewed is not None
    assert renewed.serial == 1


async def test_a_grant_whose_key_is_gone_is_looked_at_once_an_hour_and_signs_nobody_out(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    token, _ = await _signed_in(desk)
    desk.backend = desk.open(KeyRing(parse_keys(generate_key())))
    for _ in range(2 * 60):
        desk.clock.advance(timedelta(minutes=1))
        assert isinstance(await _read(desk, token), Authenticated)

    assert caplog.text.count("does not open") == 2
    assert desk.people.wire.redeemed == []


async def test_a_provider_that_hangs_keeps_only_so_many_renewals_waiting(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lazy_renewals, "MOST", 2)
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
        await _read(desk, token)

    assert asked == 2
    assert len(desk.people.wire.redeemed) == 4


async def test_a_session_that_was_signed_out_between_read_and_renewal_is_left_alone(desk: Desk) -> None:
    token, handle = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)

    await desk.who(token)
    await desk.backend.sessions.revoke(handle)
    await desk.settle()

    assert await desk.who(token) == REVOKED
    assert desk.people.wire.redeemed == []


async def test_a_store_that_goes_away_during_a_renewal_costs_nobody_the_session(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    token, _ = await _signed_in(desk)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    async with desk.people.wire.paused_refresh() as pause:
        await desk.who(token)
        await pause.reached()
        async with desk.store.outage():
            pause.release()
            await desk.settle()
    desk.clock.advance(LEASE)

    await _read(desk, token)

    assert isinstance(await desk.who(token), Authenticated)
    assert "could not be renewed" in caplog.text


async def test_who_asks_for_a_refresh_is_told_how_the_lost_answer_ended(desk: Desk) -> None:
    token, handle = await _signed_in(desk)
    desk.people.wire.loses = _is_refresh
    with pytest.raises(BackendUnavailableError, match="did not arrive"):
        await desk.backend.sessions.refresh(handle)
    desk.people.wire.loses = lambda _: False
    desk.clock.advance(LEASE)

    session = await desk.backend.sessions.refresh(handle)

    assert session.handle == handle
    assert isinstance(await desk.who(token), Authenticated)
    desk.clock.advance(LEASE)
    assert (await desk.backend.sessions.refresh(handle)).handle == handle
    assert len(desk.people.wire.redeemed) == 2, "there is nothing renewable any more"


async def test_a_session_that_ended_while_it_was_renewed_says_so(desk: Desk) -> None:
    _, handle = await _signed_in(desk)
    async with desk.people.wire.paused_refresh() as pause:
        refresh = asyncio.create_task(desk.backend.sessions.refresh(handle))
        await pause.reached()
        desk.clock.advance(desk.session_ttl)
        pause.release()

        with pytest.raises(SessionEndedError):
            await refresh


async def test_a_provider_that_is_not_configured_any_more_ends_no_session() -> None:
    async with open_desk() as desk:
        token, handle = await _signed_in(desk)
        desk.provider = the_provider(issuer="https://other.localhost")
        desk.backend = desk.open()
        desk.clock.advance(ACCESS_TOKEN_LIFE)

        assert isinstance(await _read(desk, token), Authenticated)

        assert desk.people.wire.redeemed == []
        assert await _renew_from(desk, handle) == (desk.clock.now() + HOUR).timestamp()
