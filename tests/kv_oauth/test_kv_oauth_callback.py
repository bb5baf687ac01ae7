"""The way back from the provider: what the kit of the port cannot see from outside."""

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import anyio
import httpx
import pytest

from netscript_auth_core.errors import BackendUnavailableError, FlowRefusedError
from netscript_auth_core.flows.transactions import FlowRecord, FlowSecrets
from netscript_auth_core.ports import Authenticated, SigninCompleted
from netscript_auth_core.reasons import FlowReason
from netscript_auth_core.records import decode_record, encode_record
from netscript_auth_kv_oauth.sessions.tokens import handle_of
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from netscript_kernel.kv.port import Put
from tests.kv_oauth.desks import Desk, open_desk, the_provider
from tests.kv_oauth.people import REDIRECT_URI
from tests.kv_oauth.pretend import open_pretend

TOGETHER = 10


async def test_of_many_callbacks_at_once_one_redeems_the_code(desk: Desk) -> None:
    started = await desk.start()
    parameters = await desk.agree(started)

    answers = await asyncio.gather(
        *(desk.call_back(started, parameters) for _ in range(TOGETHER)), return_exceptions=True
    )

    refused = [each.code for each in answers if isinstance(each, FlowRefusedError)]
    assert refused == [FlowReason.FLOW_USED] * (TOGETHER - 1)
    assert desk.people.wire.paths["/token"] == 1
    assert len(desk.kept("auth/session/")) == 1


async def test_an_unbound_request_neither_uses_up_the_flow_nor_asks_the_provider() -> None:
    async with open_desk() as desk:
        started = await desk.start()
        parameters = await desk.agree(started)
        asked = len(desk.people.wire.requests)

        await _expect(FlowReason.FLOW_NOT_BOUND, desk.call_back(started, parameters, cookies={}))

        assert len(desk.people.wire.requests) == asked
        assert (await desk.call_back(started, parameters)).issued.token


async def test_a_genuine_cookie_of_another_flow_does_not_bind() -> None:
    async with open_desk() as desk:
        attackers, victims = await desk.start(), await desk.start()
        parameters = await desk.agree(attackers)
        planted = {attackers.cookie.flow_id: victims.cookie.value}

        await _expect(FlowReason.FLOW_NOT_BOUND, desk.call_back(attackers, parameters, cookies=planted))


async def test_a_late_browser_is_told_so_although_its_cookie_is_gone() -> None:
    async with open_desk() as desk:
        started = await desk.start()
        parameters = await desk.agree(started)
        desk.clock.advance(timedelta(minutes=11))

        await _expect(FlowReason.FLOW_EXPIRED, desk.call_back(started, parameters, cookies={}))


async def test_a_cookie_counts_for_ten_minutes_whatever_the_record_says() -> None:
    async with open_desk() as desk:
        started = await desk.start()
        parameters = await desk.agree(started)
        (key,) = desk.kept("auth/flow/")
        entry = await desk.store.get(key)
        assert entry is not None
        pending = decode_record(FlowRecord, entry.value).pending
        assert pending is not None
        longer = pending.model_copy(update={"expires_at": pending.expires_at + timedelta(hours=1)})
        await desk.store.commit(puts=[Put(key, encode_record(FlowRecord(pending=longer)))])
        desk.clock.advance(timedelta(minutes=10))

        await _expect(FlowReason.FLOW_EXPIRED, desk.call_back(started, parameters))


async def test_a_cookie_of_another_key_ring_does_not_bind() -> None:
    async with open_desk() as desk:
        started = await desk.start()
        parameters = await desk.agree(started)
        desk.backend = desk.open(KeyRing(parse_keys(generate_key())))

        await _expect(FlowReason.FLOW_NOT_BOUND, desk.call_back(started, parameters))


async def test_a_sign_in_survives_the_rotation_of_keys() -> None:
    async with open_desk() as desk:
        old = generate_key()
        desk.backend = desk.open(KeyRing(parse_keys(old)))
        started = await desk.start()
        parameters = await desk.agree(started)

        desk.backend = desk.open(KeyRing(parse_keys(f"{generate_key()},{old}")))

        assert (await desk.call_back(started, parameters)).issued.token


async def test_a_code_of_one_provider_is_not_sent_to_another() -> None:
    first = replace(the_provider(), id="first", redirect_uri=f"{REDIRECT_URI}/first")
    other = replace(the_provider(issuer="https://other.localhost"), id="other")
    async with open_desk() as desk:
        desk.provider = [first, replace(other, redirect_uri=f"{REDIRECT_URI}/other")]
        desk.backend = desk.open()
        started = await desk.start(provider_id="first")
        parameters = await desk.agree(started)

        for path in ("other", None, "unheard-of"):
            callback = desk.call_back(started, parameters, provider_id=path)
            await _expect(FlowReason.PROVIDER_MISMATCH, callback)

        assert desk.people.wire.paths["/token"] == 0
        completed = await desk.call_back(started, parameters, provider_id="first")
        assert completed.issued.session.provider_id == "first"


async def test_a_code_is_not_sent_to_another_issuer_of_the_same_name() -> None:
    async with open_desk() as desk:
        started = await desk.start()
        parameters = await desk.agree(started)
        desk.provider = the_provider(issuer="https://other.localhost")
        desk.backend = desk.open()

        await _expect(FlowReason.FLOW_EXPIRED, desk.call_back(started, parameters))

        assert desk.people.wire.paths["/token"] == 0


@pytest.mark.parametrize("error", ["temporarily_unavailable", "server_error"])
async def test_a_provider_that_says_that_it_is_away_is_an_outage(error: str) -> None:
    async with open_pretend() as counter:
        started = await counter.start()
        with pytest.raises(BackendUnavailableError):
            await counter.call_back(started, [("state", started.state), ("error", error)])


@pytest.mark.parametrize("error", ["invalid_scope", "login_required", "<script>alert(1)</script>"])
async def test_another_error_is_a_refusal_that_repeats_no_markup(error: str) -> None:
    async with open_pretend() as counter:
        started = await counter.start()
        with pytest.raises(FlowRefusedError) as refusal:
            await counter.call_back(started, [("state", started.state), ("error", error)])

    assert refusal.value.code is FlowReason.PROVIDER_REFUSED
    assert refusal.value.seen == (error if error.isidentifier() else "another error")


async def test_a_provider_away_before_its_metadata_was_had_leaves_the_flow_for_another_try() -> None:
    async with open_desk() as desk:
        started = await desk.start()
        parameters = await desk.agree(started)
        desk.backend = desk.open()

        async with desk.people.outage():
            with pytest.raises(BackendUnavailableError):
                await desk.call_back(started, parameters)

        assert (await desk.call_back(started, parameters)).issued.token


@pytest.mark.parametrize("iss", ["https://idp.example/", "https://IDP.example", "https://evil.example"])
async def test_another_issuer_in_the_response_is_refused_before_the_token_request(iss: str) -> None:
    async with open_pretend() as counter:
        await _expect(FlowReason.ISS_MISMATCH, counter.sign_in(iss=iss))

        assert counter.idp.count("/token") == 0


async def test_an_issuer_that_was_promised_and_lacks_is_refused_before_the_token_request() -> None:
    async with open_pretend() as counter:
        counter.idp.metadata["authorization_response_iss_parameter_supported"] = True

        await _expect(FlowReason.ISS_MISSING, counter.sign_in())

        assert counter.idp.count("/token") == 0
        assert (await counter.sign_in(iss="https://idp.example")).issued.token


async def test_an_issuer_that_was_not_promised_may_be_there_or_not() -> None:
    async with open_pretend() as counter:
        assert (await counter.sign_in()).issued.token
        assert (await counter.sign_in(iss="https://idp.example")).issued.token


async def test_a_browser_that_goes_away_while_the_code_is_redeemed_leaves_nothing_behind() -> None:
    async with open_desk() as desk:
        alice = await desk.create("alice")
        started = await desk.start()
        parameters = await desk.agree(started, "bob")
        reached = _hang_at(desk, "/token")

        await _go_away_at(reached, desk.call_back(started, parameters, tokens=(alice,)))

        await desk.settle()
        assert len(desk.kept("auth/session/")) == 1
        assert isinstance(await desk.who(alice), Authenticated)


async def test_a_browser_that_goes_away_while_the_session_is_written_leaves_no_session() -> None:
    async with open_desk() as desk:
        started = await desk.start()
        parameters = await desk.agree(started, "bob")
        reached = _hold_the_session_write(desk)

        await _go_away_at(reached, desk.call_back(started, parameters))

        await desk.settle()
        bob = await desk.users.resolve(desk.people.identity("bob"))
        assert list(await desk.backend.sessions.list_for_user(bob.id)) == []
        assert desk.kept("auth/grant/") == []


async def test_the_sessions_of_this_browser_end_with_the_sign_in_and_no_others_do() -> None:
    async with open_desk() as desk:
        here, elsewhere = await desk.create("alice"), await desk.create("alice")

        issued = (await desk.sign_in("bob", tokens=("rubbish", here, here))).issued

        assert not isinstance(await desk.who(here), Authenticated)
        assert isinstance(await desk.who(elsewhere), Authenticated)
        assert isinstance(await desk.who(issued.token), Authenticated)
        assert [(event.name, event.reason) for event in desk.events.taken] == [
            ("auth.session.revoked", "replaced")
        ]
        assert desk.kept("auth/revoked/") == [f"auth/revoked/{handle_of(here)}"]


async def test_a_flow_keeps_its_secrets_sealed() -> None:
    async with open_desk() as desk:
        started = await desk.start()

        (key,) = desk.kept("auth/flow/")
        entry = await desk.store.get(key)
        assert entry is not None
        await desk.call_back(started, await desk.agree(started))
        (form,) = desk.people.wire.forms("/token")

    assert form["code_verifier"].encode() not in entry.value
    assert started.state.encode() not in entry.value
    assert started.state not in key
    assert b"verifier" not in entry.value


async def test_secrets_of_a_flow_have_no_repr() -> None:
    assert "abc" not in repr(FlowSecrets(verifier="abc", nonce="abc"))


def _hang_at(desk: Desk, path: str) -> anyio.Event:
    """Let a request to the provider hang for ever; the event tells that it is there."""
    reached = anyio.Event()
    original = desk.people.wire.handle_async_request

    async def hang(request: httpx.Request) -> httpx.Response:
        if request.url.path == path:
            reached.set()
            await anyio.sleep_forever()
        return await original(request)

    desk.people.wire.handle_async_request = hang  # type: ignore[method-assign]  # a double of this wire alone
    return reached


def _hold_the_session_write(desk: Desk) -> anyio.Event:
    """Make commits of a session come late, so that a caller can go away meanwhile."""
    reached = anyio.Event()
    original = desk.store.commit

    async def commit(**batch: object) -> int | None:
        if "auth/session/" in str(batch.get("puts")) and not reached.is_set():
            reached.set()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        return await original(**batch)  # type: ignore[arg-type]  # passed on as it came

    desk.store.commit = commit  # type: ignore[method-assign]  # a double of this store alone
    return reached


async def _go_away_at(reached: anyio.Event, callback: Coroutine[Any, Any, SigninCompleted]) -> None:
    """Begin a callback, and cancel it when it has got so far."""
    task = asyncio.create_task(callback)
    await reached.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def _expect(reason: FlowReason, callback: Coroutine[Any, Any, SigninCompleted]) -> None:
    with pytest.raises(FlowRefusedError) as refusal:
        await callback
    assert refusal.value.code is reason
