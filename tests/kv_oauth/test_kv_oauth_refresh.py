"""Refreshing, where it meets revocation, other processes, and providers that change their mind."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import anyio
import anyio.lowlevel
import httpx
import pytest

from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_core.events import EventName
from netscript_auth_core.ports import Anonymous, Authenticated
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth import KvOAuthBackend
from netscript_auth_kv_oauth.grants.grants import Grant
from netscript_auth_kv_oauth.grants.refresh_leases import LONGEST
from netscript_auth_kv_oauth.patience import Patience
from netscript_auth_kv_oauth.sessions.stored_sessions import session_key
from netscript_dev_provider.misbehaviour import Misbehaviour
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from netscript_kernel.kv.port import Entry
from tests.kv_oauth.desks import Desk, open_desk, the_provider
from tests.kv_oauth.pretend import open_pretend

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
REVOKED = AnonymousReason.SESSION_REVOKED


async def test_a_grant_is_replaced_by_its_successor(desk: Desk) -> None:
    handle = (await desk.sign_in()).issued.session.handle
    before = await _grant(desk, handle)

    await desk.backend.sessions.refresh(handle)

    after = await _grant(desk, handle)
    assert after.refresh_token != before.refresh_token
    assert [event.name for event in desk.events.taken] == [EventName.TOKEN_REFRESHED]


async def test_a_revocation_that_comes_while_the_provider_answers_drops_the_fresh_tokens(desk: Desk) -> None:
    issued = (await desk.sign_in()).issued
    async with desk.people.wire.paused_refresh() as pause:
        refresh = asyncio.create_task(desk.backend.sessions.refresh(issued.session.handle))
        await pause.reached()
        await desk.backend.sessions.revoke(issued.session.handle)
        pause.release()

        with pytest.raises(SessionEndedError) as ended:
            await refresh

    assert ended.value.cause is REVOKED
    assert await desk.who(issued.token) == Anonymous(REVOKED)
    assert await desk.store.get(f"auth/grant/{issued.session.handle}") is None
    assert await desk.backend.sessions.list_for_user(issued.user.id) == ()


async def test_a_use_that_is_recorded_while_the_provider_answers_does_not_spoil_the_refresh(
    desk: Desk,
) -> None:
    issued = (await desk.sign_in()).issued
    desk.clock.advance(timedelta(hours=1))
    async with desk.people.wire.paused_refresh() as pause:
        refresh = asyncio.create_task(desk.backend.sessions.refresh(issued.session.handle))
        await pause.reached()
        before = await desk.store.get(session_key(issued.session.handle))
        await desk.who(issued.token)
        await _until_written(desk, issued.session.handle, before)
        pause.release()

        session = await refresh

    assert session.last_seen_at == desk.clock.now()
    assert (await _grant(desk, issued.session.handle)).refresh_token in desk.people.wire.secrets


async def test_a_refresh_goes_on_when_its_caller_goes_away(desk: Desk) -> None:
    issued = (await desk.sign_in()).issued
    before = await _grant(desk, issued.session.handle)
    async with desk.people.wire.paused_refresh() as pause:
        refresh = asyncio.create_task(desk.backend.sessions.refresh(issued.session.handle))
        await pause.reached()

        refresh.cancel()
        await asyncio.wait([refresh])
        pause.release()
        await desk.settle()

    assert refresh.cancelled()
    assert (await _grant(desk, issued.session.handle)).refresh_token != before.refresh_token


async def test_who_refreshes_in_another_process_waits_and_gets_what_the_first_one_got(
    desk: Desk,
) -> None:
    handle = (await desk.sign_in()).issued.session.handle
    before = await _grant(desk, handle)

    async def sleep(_: float) -> None:
        pause.release()
        await first

    desk.patience = Patience(sleep=sleep)
    async with _another(desk) as other, desk.people.wire.paused_refresh() as pause:
        first = asyncio.create_task(desk.backend.sessions.refresh(handle))
        await pause.reached()

        sessions = [await other.sessions.refresh(handle), await first]

    assert sessions[0] == sessions[1]
    assert desk.people.wire.redeemed == [before.refresh_token]
    assert (await _grant(desk, handle)).serial == 1


async def test_who_waits_for_another_process_waits_as_long_as_an_attempt_may_take(desk: Desk) -> None:
    handle = (await desk.sign_in()).issued.session.handle
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    desk.patience = Patience(sleep=sleep)
    async with _another(desk) as other, desk.people.wire.paused_refresh() as pause:
        first = asyncio.create_task(desk.backend.sessions.refresh(handle))
        await pause.reached()

        with pytest.raises(BackendUnavailableError, match="still waiting"):
            await other.sessions.refresh(handle)

        pause.release()
        await first
    assert pauses[:6] == [0.1, 0.2, 0.4, 0.8, 1, 1]
    assert max(pauses) == 1
    assert sum(pauses) == pytest.approx(LONGEST.total_seconds())


async def test_after_an_attempt_that_failed_the_next_one_is_a_minute_later(desk: Desk) -> None:
    issued = (await desk.sign_in()).issued
    handle = issued.session.handle
    async with _another(desk) as other:
        desk.people.wire.answer = _refusing(None, 503)
        with pytest.raises(BackendUnavailableError):
            await desk.backend.sessions.refresh(handle)
        desk.people.wire.answer = _nothing
        desk.clock.advance(MINUTE - SECOND)

        with pytest.raises(BackendUnavailableError, match="less than a minute ago"):
            await other.sessions.refresh(handle)

        assert len(desk.people.wire.redeemed) == 1
        desk.clock.advance(SECOND)
        assert (await other.sessions.refresh(handle)).handle == handle
    assert (await _grant(desk, handle)).serial == 1


async def test_within_a_minute_after_a_refresh_the_session_is_fresh_enough(desk: Desk) -> None:
    handle = (await desk.sign_in()).issued.session.handle

    sessions = [await desk.backend.sessions.refresh(handle) for _ in range(2)]

    assert sessions[0] == sessions[1]
    assert (await _grant(desk, handle)).serial == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, "invalid_client"),
        (400, "unauthorized_client"),
        (400, "invalid_scope"),
        (404, None),
        (200, "odd"),
    ],
)
async def test_a_refusal_of_ours_keeps_the_session_and_alarms_the_operator(
    desk: Desk, status: int, error: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    issued = (await desk.sign_in()).issued
    desk.people.wire.answer = _refusing(error, status)

    with pytest.raises(BackendUnavailableError):
        await desk.backend.sessions.refresh(issued.session.handle)

    assert "check our registration" in caplog.text
    assert [(event.name, event.reason) for event in desk.events.taken] == [
        (EventName.TOKEN_REFUSED, error or f"http_{status}")
    ]
    assert isinstance(await desk.who(issued.token), Authenticated)
    assert (await _grant(desk, issued.session.handle)).refresh_token


@pytest.mark.parametrize("status", [200, 400])
async def test_an_ended_grant_ends_the_session_however_it_is_told(desk: Desk, status: int) -> None:
    issued = (await desk.sign_in()).issued
    desk.people.wire.answer = _refusing("invalid_grant", status)

    with pytest.raises(SessionEndedError):
        await desk.backend.sessions.refresh(issued.session.handle)

    assert await desk.who(issued.token) == Anonymous(REVOKED)
    assert await desk.store.get(f"auth/grant/{issued.session.handle}") is None
    assert [(event.name, event.reason) for event in desk.events.taken] == [
        (EventName.SESSION_REVOKED, "invalid_grant")
    ]


@pytest.mark.parametrize(
    "fault",
    [
        Misbehaviour.TOKEN_500,
        Misbehaviour.TOKEN_HTML,
        Misbehaviour.TOKEN_REDIRECT,
        Misbehaviour.TOKEN_TYPE_MAC,
    ],
    ids=lambda fault: fault.name,
)
async def test_an_answer_that_cannot_be_used_changes_nothing(desk: Desk, fault: Misbehaviour) -> None:
    issued = (await desk.sign_in()).issued
    before = await _grant(desk, issued.session.handle)
    desk.people.idp.misbehave(fault)

    with pytest.raises(BackendUnavailableError):
        await desk.backend.sessions.refresh(issued.session.handle)

    assert isinstance(await desk.who(issued.token), Authenticated)
    assert await _grant(desk, issued.session.handle) == before


async def test_a_session_without_anything_refreshable_stays_as_it_is() -> None:
    async with open_desk(provider=the_provider(scopes=("openid", "email"))) as desk:
        signed_in = (await desk.sign_in()).issued.session
        created = await desk.backend.sessions.create(desk.people.identity("bob"), signed_in.device)
        asked = desk.people.wire.paths["/token"]

        assert await desk.backend.sessions.refresh(signed_in.handle) == signed_in
        assert await desk.backend.sessions.refresh(created.session.handle) == created.session

        assert desk.people.wire.paths["/token"] == asked


async def test_a_grant_under_a_key_that_is_gone_leaves_the_session_alone(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    issued = (await desk.sign_in()).issued
    desk.backend = desk.open(KeyRing(parse_keys(generate_key())))

    session = await desk.backend.sessions.refresh(issued.session.handle)

    assert session == issued.session
    assert "does not open" in caplog.text
    assert isinstance(await desk.who(issued.token), Authenticated)


async def test_a_refreshed_grant_is_sealed_under_the_current_key(desk: Desk) -> None:
    old, new = generate_key(), generate_key()
    desk.backend = desk.open(KeyRing(parse_keys(old)))
    handle = (await desk.sign_in()).issued.session.handle
    ring = KeyRing(parse_keys(f"{new},{old}"))
    desk.backend = desk.open(ring)

    await desk.backend.sessions.refresh(handle)

    entry = await desk.store.get(f"auth/grant/{handle}")
    assert entry is not None
    assert ring.is_current(entry.value)


async def test_new_claims_reach_the_session() -> None:
    async with open_pretend() as counter:
        counter.idp.tokens = {"refresh_token": "one"}
        issued = (await counter.sign_in()).issued
        counter.idp.claims = {"name": "New Name", "nonce": None}

        await counter.backend.sessions.refresh(issued.session.handle)

        assert await counter.name_of(issued.token) == "New Name"


async def test_a_provider_that_does_not_rotate_keeps_its_refresh_token() -> None:
    async with open_pretend() as counter:
        counter.idp.tokens = {"refresh_token": "one"}
        handle = (await counter.sign_in()).issued.session.handle
        counter.idp.tokens = {"id_token": None}

        for _ in range(2):
            await counter.backend.sessions.refresh(handle)
            counter.clock.advance(MINUTE)

        sent = [form["refresh_token"] for form in counter.idp.forms("/token") if "refresh_token" in form]
        assert sent == ["one", "one"]


async def test_a_refresh_token_is_not_sent_to_another_issuer_of_the_same_name() -> None:
    async with open_desk() as desk:
        issued = (await desk.sign_in()).issued
        asked = len(desk.people.wire.requests)
        desk.provider = the_provider(issuer="https://other.localhost")
        desk.backend = desk.open()

        session = await desk.backend.sessions.refresh(issued.session.handle)

        assert session == issued.session
        assert len(desk.people.wire.requests) == asked


async def test_a_grant_shows_no_token() -> None:
    grant = Grant(
        provider_id="p",
        issuer="i",
        subject="somebody",
        refresh_token="abc",
    )

    assert not any(secret in repr(grant) for secret in ("somebody", "abc"))


async def test_of_a_providers_tokens_only_the_refresh_token_is_kept(desk: Desk) -> None:
    handle = (await desk.sign_in()).issued.session.handle
    await desk.backend.sessions.refresh(handle)

    entry = await desk.store.get(f"auth/grant/{handle}")

    assert entry is not None
    plain = desk.keys.open(entry.value, purpose="auth/grant", record_id=handle)
    kept = {secret for secret in desk.people.wire.secrets if secret.encode() in plain}
    assert kept == {(await _grant(desk, handle)).refresh_token}


async def test_without_a_refresh_token_no_grant_is_kept_and_the_scopes_are() -> None:
    async with open_desk(provider=the_provider(scopes=("openid", "email"))) as desk:
        session = (await desk.sign_in()).issued.session

        assert desk.kept("auth/grant/") == []
        assert session.scopes == ("openid", "email")


async def _grant(desk: Desk, handle: str) -> Grant:
    grant = await desk.grant(handle)
    assert grant is not None
    return grant


@asynccontextmanager
async def _another(desk: Desk) -> AsyncGenerator[KvOAuthBackend]:
    """Another process, over the same store."""
    backend = desk.open()
    yield backend
    await backend.aclose()


def _refusing(error: str | None, status: int = 400) -> Callable[[httpx.Request], httpx.Response | None]:
    """Refuse to refresh."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/token":
            return None
        return httpx.Response(status, json={"error": error} if error else "no")

    return answer


def _nothing(_: httpx.Request) -> httpx.Response | None:
    """Let the provider answer."""
    return None


async def _until_written(desk: Desk, handle: str, before: Entry | None) -> None:
    """Return when somebody has written the session."""
    assert before is not None
    with anyio.fail_after(60):
        while True:
            entry = await desk.store.get(session_key(handle))
            if entry is not None and entry.version != before.version:
                return
            await anyio.lowlevel.checkpoint()
