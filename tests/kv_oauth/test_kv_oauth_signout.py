"""A session that ends here ends at the provider too: at once if it answers, and else within a day."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_core.events import EventName
from netscript_auth_core.ports import Anonymous, Authenticated, SignedOut, SignoutRequest, UpstreamStatus
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.revocation_log import revoked_key
from netscript_auth_kv_oauth import KvOAuthBackend
from netscript_auth_kv_oauth.grants.grants import grant_key
from netscript_auth_kv_oauth.grants.refresh_leases import lease_key
from netscript_auth_kv_oauth.patience import Patience
from netscript_auth_kv_oauth.presets.protocol import Endpoints, Revocation
from netscript_auth_kv_oauth.sessions.origins import origin_key
from netscript_auth_kv_oauth.sessions.stored_sessions import session_key
from netscript_auth_kv_oauth.sessions.tokens import handle_of
from netscript_auth_kv_oauth.signout import upstream_revocations
from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from netscript_kernel.kv.port import Check, Entry, IndexEntry, Put
from tests.kv_oauth.desks import RETURN_TO, STATE, Desk, the_provider
from tests.kv_oauth.people import CLIENT
from tests.kv_oauth.pretend import open_pretend, pretend_config

DONE, PENDING, REFUSED, UNSUPPORTED = UpstreamStatus
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
RETRY = 5 * MINUTE
REVOKED = Anonymous(AnonymousReason.SESSION_REVOKED)


@asynccontextmanager
async def _another(desk: Desk) -> AsyncGenerator[KvOAuthBackend]:
    backend = desk.open()
    yield backend
    await backend.aclose()


async def _handle(desk: Desk, person: str = "alice") -> str:
    return (await desk.sign_in(person)).issued.session.handle


def _request(handle: str) -> SignoutRequest:
    return SignoutRequest(handle, RETURN_TO, STATE)


def _revocations(desk: Desk) -> list[str]:
    return [form["token"] for form in desk.people.wire.forms("/revoke")]


def _events(desk: Desk) -> list[tuple[EventName, str | None]]:
    return [(event.name, event.reason) for event in desk.events.taken]


def _answer_revocations(desk: Desk, status: int, error: str | None = None) -> None:
    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/revoke":
            return None
        return httpx.Response(status, json={"error": error} if error else {})

    desk.people.wire.answer = answer


async def test_a_sign_out_has_the_provider_forget_the_refresh_token(desk: Desk) -> None:
    issued = (await desk.sign_in()).issued
    grant = await desk.grant(issued.session.handle)
    assert grant is not None

    signed_out = await desk.sign_out(issued.session.handle)

    assert signed_out == SignedOut(1, DONE)
    assert await desk.who(issued.token) == REVOKED
    assert desk.people.wire.forms("/revoke") == [
        {"token": grant.refresh_token, "token_type_hint": "refresh_token"}
    ]
    assert not await desk.people.has_grants("alice")
    assert desk.kept("auth/ending/") == []
    assert _events(desk) == [(EventName.UPSTREAM_ENDED, None)]


async def test_a_public_client_names_itself() -> None:
    async with open_pretend(pretend_config(client_secret=None)) as counter:
        counter.idp.metadata["revocation_endpoint"] = "https://idp.example/revoke"
        counter.idp.overrides["/revoke"] = lambda _: httpx.Response(200)
        counter.idp.tokens = {"refresh_token": "one"}
        handle = (await counter.sign_in()).issued.session.handle

        await counter.backend.signout.end(_request(handle))

        (form,) = counter.idp.forms("/revoke")
        assert (form["token"], form["client_id"]) == ("one", "app")


async def test_a_session_that_is_revoked_from_a_list_ends_at_the_provider_behind_the_answer(
    desk: Desk,
) -> None:
    handle = await _handle(desk)

    assert await desk.backend.sessions.revoke(handle)
    await desk.settle()

    assert len(_revocations(desk)) == 1
    assert not await desk.people.has_grants("alice")


async def test_everywhere_ends_everything_at_the_provider(desk: Desk) -> None:
    handles = [await _handle(desk) for _ in range(7)]
    other = await _handle(desk, "bob")

    signed_out = await desk.sign_out(handles[3], everywhere=True)

    assert signed_out == SignedOut(7, DONE)
    assert len(set(_revocations(desk))) == 7
    assert not await desk.people.has_grants("alice")
    assert await desk.people.has_grants("bob")
    assert await desk.grant(other) is not None


async def test_the_session_and_what_is_to_be_ended_upstream_are_one_commit(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = await _handle(desk)
    commits: list[tuple[set[str], set[str]]] = []
    commit = desk.store.commit

    async def watch(
        *, checks: Sequence[Check] = (), puts: Sequence[Put] = (), deletes: Sequence[str] = ()
    ) -> int | None:
        commits.append(({put.key for put in puts}, set(deletes)))
        return await commit(checks=checks, puts=puts, deletes=deletes)

    monkeypatch.setattr(desk.store, "commit", watch)
    await desk.sign_out(handle)

    assert commits[0] == (
        {session_key(handle), f"auth/ending/{handle}", revoked_key(handle)},
        {grant_key(handle), lease_key(handle), origin_key(handle)},
    )


async def test_a_provider_that_is_away_is_told_again_every_five_minutes_until_it_answers(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    issued = (await desk.sign_in()).issued
    _answer_revocations(desk, 503)

    assert await desk.sign_out(issued.session.handle) == SignedOut(1, PENDING)

    assert await desk.who(issued.token) == REVOKED
    for minute in range(14):
        await desk.backend.upkeep.run()
        assert len(_revocations(desk)) == 1 + minute // 5
        desk.clock.advance(MINUTE)
    desk.people.wire.answer = lambda _: None
    desk.clock.advance(MINUTE)
    await desk.backend.upkeep.run()
    assert not await desk.people.has_grants("alice")
    assert desk.kept("auth/ending/") == []
    assert _events(desk) == [
        (EventName.UPSTREAM_PENDING, "unavailable"),
        (EventName.UPSTREAM_ENDED, None),
    ]
    assert caplog.text.count("told to oidc later") == 1


async def test_of_several_processes_one_tries_again(desk: Desk) -> None:
    handles = [await _handle(desk) for _ in range(3)]
    async with desk.people.outage():
        for handle in handles:
            await desk.sign_out(handle)
    desk.clock.advance(RETRY)
    async with _another(desk) as other:
        await asyncio.gather(desk.backend.upkeep.run(), other.upkeep.run(), desk.backend.upkeep.run())

    assert len(_revocations(desk)) == 3
    assert not await desk.people.has_grants("alice")


async def test_a_round_that_fails_has_come_to_its_end_with_all_that_it_tried(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    handles = [await _handle(desk) for _ in range(3)]
    async with desk.people.outage():
        for handle in handles:
            await desk.sign_out(handle)
    desk.clock.advance(RETRY)
    commit = desk.store.commit

    async def fail_once(
        *, checks: Sequence[Check] = (), puts: Sequence[Put] = (), deletes: Sequence[str] = ()
    ) -> int | None:
        monkeypatch.setattr(desk.store, "commit", commit)
        raise StoreUnavailableError("the store", "is away")

    monkeypatch.setattr(desk.store, "commit", fail_once)
    with pytest.raises(BackendUnavailableError):
        await desk.backend.upkeep.run()

    assert len(_revocations(desk)) == 2
    assert len(desk.kept("auth/ending/")) == 1


async def test_closing_waits_for_a_round_that_was_cancelled(desk: Desk) -> None:
    handle = await _handle(desk)
    async with desk.people.outage():
        await desk.sign_out(handle)
    desk.clock.advance(RETRY)
    async with desk.people.wire.paused("/revoke") as pause:
        one_round = asyncio.create_task(desk.backend.upkeep.run())
        await pause.reached()

        one_round.cancel()
        await asyncio.wait([one_round])
        pause.release()
        await desk.backend.aclose()

    assert desk.kept("auth/ending/") == []


async def test_a_process_that_dies_before_it_told_the_provider_leaves_that_to_the_others(
    desk: Desk,
) -> None:
    handle = await _handle(desk)
    desk.patience = Patience(most_signouts=0)  # nobody comes to tell it
    desk.backend = desk.open()
    assert (await desk.sign_out(handle)).upstream is PENDING
    async with _another(desk) as other:
        desk.clock.advance(RETRY)

        await other.upkeep.run()

    assert not await desk.people.has_grants("alice")


async def test_after_a_day_it_is_given_up(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    handle = await _handle(desk)
    async with desk.people.outage():
        await desk.sign_out(handle)
        for _ in range(300):
            desk.clock.advance(RETRY)
            await desk.backend.upkeep.run()

    assert _events(desk) == [
        (EventName.UPSTREAM_PENDING, "unavailable"),
        (EventName.UPSTREAM_PENDING, "gave_up"),
    ]
    assert "gave up" in caplog.text
    assert desk.kept("auth/ending/") == []


async def test_what_nobody_tries_again_is_forgotten_after_a_day(desk: Desk) -> None:
    handle = await _handle(desk)
    async with desk.people.outage():
        await desk.sign_out(handle)
    desk.clock.advance(DAY)

    assert await desk.store.get(f"auth/ending/{handle}") is None
    await desk.backend.upkeep.run()
    assert _revocations(desk) == []


@pytest.mark.parametrize(
    ("status", "error", "told"),
    [
        (400, "unsupported_token_type", "unsupported_token_type"),
        (401, "invalid_client", "invalid_client"),
        (403, None, "http_403"),
        (302, None, "the revocation endpoint redirects"),
    ],
)
async def test_a_final_no_ends_the_tries_and_is_told(
    desk: Desk, status: int, error: str | None, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    issued = (await desk.sign_in()).issued
    _answer_revocations(desk, status, error)

    assert await desk.sign_out(issued.session.handle) == SignedOut(1, REFUSED)

    desk.clock.advance(RETRY)
    await desk.backend.upkeep.run()
    assert len(_revocations(desk)) == 1
    assert f"does not let us end what it granted: {told}" in caplog.text
    assert _events(desk) == [(EventName.UPSTREAM_REFUSED, told)]
    assert await desk.who(issued.token) == REVOKED


async def test_a_token_that_the_provider_had_forgotten_before_is_one_less(desk: Desk) -> None:
    handle = await _handle(desk)
    _answer_revocations(desk, 400, "invalid_token")

    assert (await desk.sign_out(handle)).upstream is DONE


async def test_a_success_of_whose_body_nothing_can_be_read_is_one(desk: Desk) -> None:
    handle = await _handle(desk)
    packed = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b""))
    desk.people.wire.answer = lambda request: packed if request.url.path == "/revoke" else None

    assert (await desk.sign_out(handle)).upstream is DONE


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_an_answer_that_says_not_now_is_followed_by_another_try(desk: Desk, status: int) -> None:
    handle = await _handle(desk)
    _answer_revocations(desk, status)

    assert (await desk.sign_out(handle)).upstream is PENDING


async def test_a_session_without_anything_granted_has_nothing_to_end_upstream(desk: Desk) -> None:
    handle = handle_of(await desk.create("alice"))

    assert await desk.sign_out(handle) == SignedOut(1)

    assert desk.kept("auth/ending/") == []


@pytest.mark.parametrize("endpoint", [None, "http://idp.example/revoke", "https://idp.example/revoke#x", "x"])
async def test_without_a_sound_revocation_endpoint_there_is_no_way_to_tell(endpoint: str | None) -> None:
    async with open_pretend() as counter:
        counter.idp.metadata["revocation_endpoint"] = endpoint
        counter.idp.tokens = {"refresh_token": "one"}
        handle = (await counter.sign_in()).issued.session.handle
        requests = len(counter.idp.requests)

        signed_out = await counter.backend.signout.end(_request(handle))

        assert signed_out == SignedOut(1, UNSUPPORTED)
        assert len(counter.idp.requests) == requests


async def test_a_preset_may_name_the_endpoint_that_its_metadata_does_not() -> None:
    config = pretend_config()
    preset = config.preset.model_copy(
        update={"endpoints": Endpoints(revocation="https://idp.example/forget")}
    )
    async with open_pretend(replace(config, preset=preset)) as counter:
        counter.idp.overrides["/forget"] = lambda _: httpx.Response(200)
        counter.idp.tokens = {"refresh_token": "one"}
        handle = (await counter.sign_in()).issued.session.handle

        assert (await counter.backend.signout.end(_request(handle))).upstream is DONE

        assert [form["token"] for form in counter.idp.forms("/forget")] == ["one"]


@pytest.mark.parametrize("revocation", [Revocation.CONSENT, Revocation.NONE])
async def test_one_devices_sign_out_does_not_take_back_the_consent_that_others_live_by(
    desk: Desk, revocation: Revocation
) -> None:
    desk.provider = replace(the_provider(), own_revocation=revocation)
    desk.backend = desk.open()
    here, there = await _handle(desk), (await desk.sign_in()).issued

    assert (await desk.sign_out(here)).upstream is UNSUPPORTED
    await desk.backend.sessions.revoke_all_for_user(there.user.id, keep=there.session.handle)
    await desk.settle()

    assert _revocations(desk) == []
    assert (await desk.backend.sessions.refresh(there.session.handle)).handle == there.session.handle


async def test_everywhere_takes_back_the_consent(desk: Desk) -> None:
    desk.provider = replace(the_provider(), own_revocation=Revocation.CONSENT)
    desk.backend = desk.open()
    here, _ = await _handle(desk), await _handle(desk)

    assert (await desk.sign_out(here, everywhere=True)).upstream is DONE

    assert not await desk.people.has_grants("alice")


async def test_a_provider_that_takes_back_nothing_is_not_asked_to(desk: Desk) -> None:
    desk.provider = replace(the_provider(), own_revocation=Revocation.NONE)
    desk.backend = desk.open()
    handle = await _handle(desk)

    assert (await desk.sign_out(handle, everywhere=True)).upstream is UNSUPPORTED

    assert _revocations(desk) == []
    assert desk.kept("auth/ending/") == []


async def test_a_session_that_a_new_sign_in_replaces_is_not_told_to_the_provider(desk: Desk) -> None:
    before = (await desk.sign_in()).issued

    after = (await desk.sign_in(tokens=(before.token,))).issued
    await desk.settle()

    # At some providers that would end what the new one, of the same session there, was given.
    assert _revocations(desk) == []
    assert isinstance(await desk.who(after.token), Authenticated)
    assert await desk.store.get(grant_key(before.session.handle)) is None


async def test_a_session_that_the_provider_ended_is_not_told_to_it(desk: Desk) -> None:
    token = (await desk.sign_in()).issued.token
    desk.clock.advance(RETRY)
    await desk.people.end_grants("alice")
    await desk.who(token)
    await desk.settle()

    assert await desk.who(token) == REVOKED
    assert _revocations(desk) == []


async def test_a_provider_that_hangs_holds_nobody_up_and_is_told_behind_the_answer(
    desk: Desk,
) -> None:
    desk.patience = Patience(signout=timedelta(seconds=0.05))
    desk.backend = desk.open()
    handle = await _handle(desk)
    async with desk.people.wire.paused("/revoke") as pause:
        signed_out = await desk.sign_out(handle)
        pause.release()
        await desk.settle()

    assert signed_out == SignedOut(1, PENDING)
    assert not await desk.people.has_grants("alice")


async def test_so_many_sign_outs_wait_for_a_provider_that_hangs_and_no_more(
    desk: Desk,
) -> None:
    desk.patience = Patience(signout=timedelta(seconds=0.05), most_signouts=2)
    desk.backend = desk.open()
    handles = [await _handle(desk) for _ in range(4)]
    async with desk.people.wire.paused("/revoke") as pause:
        statuses = [(await desk.sign_out(handle)).upstream for handle in handles]
        pause.release()
        await desk.settle()

    assert statuses == [PENDING] * 4
    assert len(_revocations(desk)) == 2
    desk.clock.advance(RETRY)
    await desk.backend.upkeep.run()
    assert not await desk.people.has_grants("alice")


@pytest.mark.parametrize("is_away", [False, True])
async def test_what_a_provider_sends_after_the_sign_out_is_given_back_too(desk: Desk, is_away: bool) -> None:
    issued = (await desk.sign_in()).issued
    async with desk.people.wire.paused_refresh() as pause:
        refresh = asyncio.create_task(desk.backend.sessions.refresh(issued.session.handle))
        await pause.reached()
        _answer_revocations(desk, 503 if is_away else 200)  # it forgets nothing yet
        await desk.sign_out(issued.session.handle)
        desk.people.wire.answer = lambda _: None
        pause.release()
        with pytest.raises(SessionEndedError):
            await refresh
    await desk.settle()

    sent = _revocations(desk)
    assert len(set(sent)) == 2, "the one that it had, and the one that came too late"
    assert not await desk.people.has_grants("alice")
    assert await desk.who(issued.token) == REVOKED
    assert desk.kept("auth/ending/") == []
    assert await desk.grant(issued.session.handle) is None


@pytest.mark.parametrize("between", [session_key, grant_key, lease_key])
async def test_a_sign_out_between_the_reads_of_a_refresh_that_ends_is_not_lost(
    desk: Desk, between: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = (await desk.sign_in()).issued.session.handle
    async with desk.people.wire.paused_refresh() as pause:
        refresh = asyncio.create_task(desk.backend.sessions.refresh(handle))
        await pause.reached()
        _answer_revocations(desk, 200)  # forgets nothing
        with monkeypatch.context() as patch:
            patch.setattr(desk.store, "get", _then_sign_out(desk, handle, after=between(handle)))
            pause.release()
            with pytest.raises(SessionEndedError):
                await refresh
            await desk.settle()

    assert len(set(_revocations(desk))) == 2, "the successor, too"
    assert desk.kept("auth/ending/") == []


async def test_a_sign_out_between_the_reads_of_a_session_without_a_grant_is_not_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = handle_of(await desk.create("alice"))
    monkeypatch.setattr(desk.store, "get", _then_sign_out(desk, handle, after=session_key(handle)))

    with pytest.raises(SessionEndedError):
        await desk.backend.sessions.refresh(handle)


def _then_sign_out(desk: Desk, handle: str, *, after: str) -> Callable[[str], Awaitable[Entry | None]]:
    """Read, and sign out when one key was read for the first time."""
    get, left = desk.store.get, [after]

    async def read(key: str) -> Entry | None:
        entry = await get(key)
        if key in left:
            left.remove(key)
            assert (await desk.sign_out(handle)).ended
        return entry

    return read


async def test_what_a_provider_sends_for_a_session_that_was_replaced_is_dropped(desk: Desk) -> None:
    before = (await desk.sign_in()).issued
    async with desk.people.wire.paused_refresh() as pause:
        refresh = asyncio.create_task(desk.backend.sessions.refresh(before.session.handle))
        await pause.reached()
        await desk.sign_in(tokens=(before.token,))
        pause.release()
        with pytest.raises(SessionEndedError):
            await refresh
    await desk.settle()

    assert _revocations(desk) == []


async def test_a_pending_revocation_whose_key_is_gone_waits_for_the_key(desk: Desk) -> None:
    handle = await _handle(desk)
    async with desk.people.outage():
        await desk.sign_out(handle)
    known, desk.keys = desk.keys, KeyRing(parse_keys(generate_key()))
    async with _another(desk) as without_the_key:
        desk.clock.advance(RETRY)
        await without_the_key.upkeep.run()
    desk.keys = known
    desk.clock.advance(RETRY)

    await desk.backend.upkeep.run()

    assert not await desk.people.has_grants("alice")


@pytest.mark.parametrize("damaged", [1, upstream_revocations.AT_ONCE, 2 * upstream_revocations.AT_ONCE + 1])
async def test_pending_revocations_that_cannot_be_read_keep_no_other_waiting(
    desk: Desk, damaged: int, caplog: pytest.LogCaptureFixture
) -> None:
    handle = await _handle(desk)
    async with desk.people.outage():
        await desk.sign_out(handle)
    first = (IndexEntry("auth/endings", 0.0),)
    puts = [Put(f"auth/ending/{at}", b'{"v":2}', desk.clock.now() + DAY, first) for at in range(damaged)]
    await desk.store.commit(puts=puts)
    desk.clock.advance(RETRY)

    await desk.backend.upkeep.run()

    assert len(_revocations(desk)) == 1
    assert "cannot be told upstream" in caplog.text


async def test_a_round_reads_no_more_than_it_tries_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    handles = [await _handle(desk) for _ in range(upstream_revocations.AT_ONCE + 1)]
    async with desk.people.outage():
        for handle in handles:
            await desk.sign_out(handle)
    desk.clock.advance(RETRY)
    list_owned, read = desk.store.list_owned, list[int]()

    async def count(owner: str, *, limit: int = 100, after: str | None = None) -> Sequence[Entry]:
        page = await list_owned(owner, limit=limit, after=after)
        read.append(len(page))
        return page

    monkeypatch.setattr(desk.store, "list_owned", count)
    await desk.backend.upkeep.run()

    assert read == [upstream_revocations.AT_ONCE, 1, 0]
    assert not await desk.people.has_grants("alice")


@pytest.mark.parametrize("record", [b"\xff" * 200, b""])
async def test_everywhere_ends_at_least_a_session_that_cannot_be_read(desk: Desk, record: bytes) -> None:
    issued = (await desk.sign_in()).issued
    await desk.store.commit(puts=[Put(session_key(issued.session.handle), record, None)])

    signed_out = await desk.sign_out(issued.session.handle, everywhere=True)

    assert signed_out == SignedOut(1, DONE)
    assert await desk.who(issued.token) == Anonymous(AnonymousReason.SESSION_UNKNOWN)
    assert not await desk.people.has_grants("alice"), "its grant can be read, and says whom to tell"


async def test_the_secret_of_the_client_is_not_in_what_the_provider_is_told_of_tokens(desk: Desk) -> None:
    handle = await _handle(desk)

    await desk.sign_out(handle)

    (request,) = [each for each in desk.people.wire.requests if each.url.path == "/revoke"]
    assert str(CLIENT.client_secret).encode() not in request.content
    assert request.headers["authorization"].startswith("Basic ")
