"""A browser that signs out here is sent to the provider to be signed out there, where that was asked for."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from netscript_auth_core.events import EventName
from netscript_auth_core.ports import SignedOut, SignoutRequest, UpstreamStatus
from netscript_auth_kv_oauth.patience import Patience
from netscript_auth_kv_oauth.presets.protocol import Revocation
from netscript_auth_kv_oauth.provider.end_session import MOST_CHARACTERS, end_session_url
from tests.kv_oauth.desks import RETURN_TO, STATE, Desk, open_desk, the_provider
from tests.kv_oauth.people import CLIENT, ISSUER
from tests.kv_oauth.pretend import Counter, open_pretend, pretend_config

PENDING = UpstreamStatus.PENDING
RETRY = timedelta(minutes=5)
ENDPOINT = "https://idp.example/logout"


@pytest.fixture
async def desk() -> AsyncGenerator[Desk]:
    async with open_desk(provider=replace(the_provider(), end_session=True)) as desk:
        yield desk


@asynccontextmanager
async def _counter(**metadata: object) -> AsyncGenerator[Counter]:
    async with open_pretend(pretend_config(end_session=True)) as counter:
        counter.idp.metadata |= {"end_session_endpoint": ENDPOINT, **metadata}
        yield counter


async def _sign_out(counter: Counter) -> SignedOut:
    handle = (await counter.sign_in()).issued.session.handle
    return await counter.backend.signout.end(SignoutRequest(handle, RETURN_TO, STATE))


def _parameters(signed_out: SignedOut) -> dict[str, str]:
    assert signed_out.end_session_url is not None
    return dict(parse_qsl(urlsplit(signed_out.end_session_url).query, strict_parsing=True))


async def test_the_browser_is_sent_there_with_all_that_the_provider_needs(desk: Desk) -> None:
    handle = (await desk.sign_in()).issued.session.handle
    grant = await desk.grant(handle)
    assert grant is not None

    signed_out = await desk.sign_out(handle)

    assert (signed_out.ended, signed_out.upstream) == (1, PENDING)
    assert str(signed_out.end_session_url).startswith(f"{ISSUER}/end_session?")
    assert _parameters(signed_out) == {
        "id_token_hint": grant.id_token,
        "client_id": CLIENT.client_id,
        "post_logout_redirect_uri": RETURN_TO,
        "state": STATE,
    }


async def test_without_a_refresh_token_the_id_token_alone_is_kept() -> None:
    config = replace(the_provider(scopes=("openid", "email")), end_session=True)
    async with open_desk(provider=config) as desk:
        issued = (await desk.sign_in()).issued
        desk.clock.advance(timedelta(hours=1))
        await desk.who(issued.token)
        await desk.settle()

        signed_out = await desk.sign_out(issued.session.handle)

        assert "id_token_hint" in _parameters(signed_out)
        assert signed_out.upstream is None, "there is nothing that is still to be told"
        assert desk.people.wire.redeemed == []
        assert desk.kept("auth/ending/") == []


async def test_where_it_was_not_asked_for_no_id_token_is_kept_and_nobody_is_sent() -> None:
    async with open_desk() as desk:
        handle = (await desk.sign_in()).issued.session.handle
        grant = await desk.grant(handle)
        assert grant is not None

        signed_out = await desk.sign_out(handle)

        assert grant.id_token is None
        assert signed_out == SignedOut(1, UpstreamStatus.DONE)


async def test_what_is_not_to_be_told_is_not_pending_because_the_browser_goes_there() -> None:
    config = replace(the_provider(), end_session=True, own_revocation=Revocation.NONE)
    async with open_desk(provider=config) as desk:
        signed_out = await desk.sign_out((await desk.sign_in()).issued.session.handle)

    assert signed_out.end_session_url is not None
    assert signed_out.upstream is UpstreamStatus.UNSUPPORTED


async def test_the_hint_is_the_newest_id_token(desk: Desk) -> None:
    handle = (await desk.sign_in()).issued.session.handle
    first = await desk.grant(handle)
    desk.clock.advance(RETRY)
    await desk.backend.sessions.refresh(handle)
    second = await desk.grant(handle)

    signed_out = await desk.sign_out(handle)

    assert first is not None
    assert second is not None
    assert first.id_token != second.id_token
    assert _parameters(signed_out)["id_token_hint"] == second.id_token


async def test_a_refresh_without_an_id_token_leaves_the_one_that_there_was() -> None:
    async with _counter() as counter:
        counter.idp.tokens = {"refresh_token": "one"}
        issued = (await counter.sign_in()).issued
        counter.idp.tokens = {"id_token": None}
        await counter.backend.sessions.refresh(issued.session.handle)

        request = SignoutRequest(issued.session.handle, RETURN_TO, STATE)
        signed_out = await counter.backend.signout.end(request)

        assert _parameters(signed_out)["id_token_hint"].count(".") == 2


async def test_a_grant_that_was_lost_leaves_the_hint(desk: Desk) -> None:
    issued = (await desk.sign_in()).issued
    desk.people.wire.loses = lambda request: b"refresh_token" in request.content
    for _ in range(2):
        desk.clock.advance(RETRY)
        await desk.who(issued.token)
        await desk.settle()
        desk.people.wire.loses = lambda _: False
    grant = await desk.grant(issued.session.handle)

    signed_out = await desk.sign_out(issued.session.handle)

    assert grant is not None
    assert grant.refresh_token is None
    assert "id_token_hint" in _parameters(signed_out)


async def test_the_provider_is_asked_to_forget_the_token_after_the_browser_was_there_not_before(
    desk: Desk,
) -> None:
    here, there = [(await desk.sign_in()).issued.session.handle for _ in range(2)]

    await desk.sign_out(here, everywhere=True)
    asked_at_once = len(desk.people.wire.forms("/revoke"))
    desk.clock.advance(RETRY)
    await desk.backend.upkeep.run()

    # The session of the other device is nothing to do with this browser.
    assert (asked_at_once, len(desk.people.wire.forms("/revoke"))) == (1, 2)
    assert await desk.grant(there) is None
    assert not await desk.people.has_grants("alice")


async def test_that_the_provider_does_not_answer_afterwards_is_told_once(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    handle = (await desk.sign_in()).issued.session.handle
    await desk.sign_out(handle)
    async with desk.people.outage():
        for _ in range(3):
            desk.clock.advance(RETRY)
            await desk.backend.upkeep.run()

    assert [(event.name, event.reason) for event in desk.events.taken] == [
        (EventName.UPSTREAM_PENDING, "unavailable")
    ]
    assert caplog.text.count("told to oidc later") == 1


async def test_a_session_that_had_ended_sends_nobody_anywhere(desk: Desk) -> None:
    handle = (await desk.sign_in()).issued.session.handle
    await desk.sign_out(handle)

    assert await desk.sign_out(handle) == SignedOut(0)


async def test_a_session_from_before_it_was_asked_for_goes_there_without_a_hint() -> None:
    async with open_desk() as desk:
        handle = (await desk.sign_in()).issued.session.handle
        desk.provider = replace(the_provider(), end_session=True)
        desk.backend = desk.open()

        signed_out = await desk.sign_out(handle)

        assert "id_token_hint" not in _parameters(signed_out)
        assert _parameters(signed_out)["client_id"] == CLIENT.client_id


@pytest.mark.parametrize(
    "endpoint",
    [
        None,
        "http://idp.example/logout",
        "javascript:alert(1)",
        "//idp.example/logout",
        "https://a:b@idp.example/logout",
        "https://idp.example/logout#x",
        "https://idp.example/lo gout",
        "https://idp.example/\r\nSet-Cookie: a=b",
    ],
)
async def test_an_address_that_is_not_sound_is_as_if_it_were_not_there(
    endpoint: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with _counter(end_session_endpoint=endpoint) as counter:
        signed_out = await _sign_out(counter)

    assert signed_out.end_session_url is None
    assert "cannot be told of a sign-out: its end_session_endpoint" in caplog.text


async def test_a_query_of_the_endpoint_stays() -> None:
    async with _counter(end_session_endpoint=f"{ENDPOINT}?tenant=one") as counter:
        parameters = _parameters(await _sign_out(counter))

    assert parameters["tenant"] == "one"
    assert parameters["state"] == STATE


async def test_a_hint_that_would_make_the_address_too_long_is_left_out() -> None:
    async with _counter() as counter:
        counter.idp.claims = {"groups": ["x" * 100] * 80}
        signed_out = await _sign_out(counter)

    assert "id_token_hint" not in _parameters(signed_out)
    assert len(str(signed_out.end_session_url)) < MOST_CHARACTERS


async def test_a_provider_whose_metadata_is_away_keeps_nobody_signed_in(desk: Desk) -> None:
    issued = (await desk.sign_in()).issued
    desk.backend = desk.open()  # knows no metadata yet
    async with desk.people.outage():
        signed_out = await desk.sign_out(issued.session.handle)

    assert signed_out == SignedOut(1, PENDING)
    session = await desk.backend.sessions.get(issued.session.handle)
    assert session is not None
    assert session.state.value == "revoked"


async def test_a_provider_whose_metadata_hangs_holds_nobody_up(
    desk: Desk,
) -> None:
    desk.patience = Patience(signout=timedelta(seconds=0.05))
    handle = (await desk.sign_in()).issued.session.handle
    desk.backend = desk.open()
    async with desk.people.wire.paused("/.well-known/openid-configuration") as pause:
        signed_out = await desk.sign_out(handle)
        pause.release()
        await desk.settle()

    assert signed_out == SignedOut(1, PENDING)


def test_values_cannot_leave_their_parameters() -> None:
    hostile = "x&client_id=other#?\r\n"

    url = end_session_url(ENDPOINT, pretend_config(), hostile, RETURN_TO, hostile)

    parameters = parse_qs(urlsplit(url).query, strict_parsing=True)
    assert {name: len(values) for name, values in parameters.items()} == dict.fromkeys(
        ("id_token_hint", "client_id", "post_logout_redirect_uri", "state"), 1
    )
    assert parameters["client_id"] == ["app"]
    assert httpx.URL(url).fragment == ""


async def test_of_the_tokens_only_the_two_that_are_needed_are_kept(desk: Desk) -> None:
    handle = (await desk.sign_in()).issued.session.handle
    entry = await desk.store.get(f"auth/grant/{handle}")
    assert entry is not None

    plain = desk.keys.open(entry.value, purpose="auth/grant", record_id=handle)

    grant = await desk.grant(handle)
    assert grant is not None
    kept = {secret for secret in desk.people.wire.secrets if secret.encode() in plain}
    assert kept == {grant.refresh_token, grant.id_token}
    assert not any(secret in repr(grant) for secret in kept)
