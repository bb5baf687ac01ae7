"""What a provider says of the person when it refreshes a grant: not believed, or of somebody else."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

import httpx
import pytest

from netscript_auth_core.errors import SessionEndedError
from netscript_auth_core.events import EventName
from netscript_auth_core.ports import Authenticated
from netscript_auth_kv_oauth.grants.grants import grant_key
from netscript_auth_kv_oauth.grants.refresh_leases import LEASE
from netscript_dev_provider.misbehaviour import Misbehaviour
from tests.kv_oauth.desks import Desk, open_desk, the_provider_as_plain_oauth2
from tests.kv_oauth.pretend import Counter, open_pretend
from tests.kv_oauth.refreshing import ACCESS_TOKEN_LIFE, REVOKED, read, signed_in

NOT_BELIEVED = [
    Misbehaviour.WRONG_AUD,
    Misbehaviour.FOREIGN_KEY,
    Misbehaviour.EXPIRED,
    Misbehaviour.EMPTY_SUB,
]
REFUSED_BY_USERINFO: list[tuple[int, dict[str, object]]] = [
    (401, {}),
    (200, {"sub": "another"}),
    (200, {"name": "No One"}),
]
LONGER_THAN_IS_READ = "x" * 20_000
# An id token without a name, so that userinfo is asked.
ASKS_USERINFO: dict[str, object] = {"name": None}
SOMEBODY_ELSE: dict[str, object] = {"sub": "somebody-else", "name": "Else Body"}


@pytest.fixture
async def counter() -> AsyncGenerator[Counter]:
    """Somebody who signs in there gets a refresh token."""
    async with open_pretend() as counter:
        counter.idp.tokens = {"refresh_token": "first"}
        yield counter


async def _refresh(counter: Counter, handle: str, **claims: object) -> object:
    counter.clock.advance(LEASE)
    counter.idp.claims = {"nonce": None, **claims}
    counter.idp.tokens = {"refresh_token": "second"}
    return await counter.backend.sessions.refresh(handle)


def _saying(status: int, **members: Any) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, json=members)


@pytest.mark.parametrize("fault", NOT_BELIEVED, ids=lambda fault: fault.name)
async def test_d9_an_account_that_is_disabled_after_an_odd_refresh_is_signed_out(
    fault: Misbehaviour, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_desk() as desk:
        token, _ = await signed_in(desk)
        desk.clock.advance(ACCESS_TOKEN_LIFE)
        desk.people.idp.misbehave(fault)
        await read(desk, token)
        desk.people.idp.misbehave()
        desk.clock.advance(ACCESS_TOKEN_LIFE)
        await desk.people.end_grants("alice")

        assert isinstance(await read(desk, token), Authenticated)

        assert await desk.who(token) == REVOKED
        assert "not believed" in caplog.text


async def test_d9_nobody_outlives_a_disabled_account_by_a_profile_without_end(counter: Counter) -> None:
    handle = (await counter.sign_in()).issued.session.handle
    await _refresh(counter, handle, bio=LONGER_THAN_IS_READ)
    counter.idp.overrides["/token"] = _saying(400, error="invalid_grant")

    with pytest.raises(SessionEndedError):
        await _refresh(counter, handle)


@pytest.mark.parametrize(("status", "said"), REFUSED_BY_USERINFO)
async def test_d9_nor_by_a_userinfo_that_refuses_or_speaks_of_somebody_else(
    counter: Counter, status: int, said: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    issued = (await counter.sign_in()).issued
    counter.idp.overrides["/userinfo"] = _saying(status, **said)
    await _refresh(counter, issued.session.handle, **ASKS_USERINFO)
    kept = await counter.name_of(issued.token)
    counter.idp.overrides["/token"] = _saying(400, error="invalid_grant")

    with pytest.raises(SessionEndedError):
        await _refresh(counter, issued.session.handle)

    assert kept == "Some Body"
    assert "not believed" in caplog.text
    assert counter.idp.forms("/token")[-1]["refresh_token"] == "second", "the successor was kept"


@pytest.mark.parametrize("fault", NOT_BELIEVED, ids=lambda fault: fault.name)
async def test_what_is_not_believed_of_a_person_costs_no_token_and_changes_no_profile(
    fault: Misbehaviour,
) -> None:
    async with open_desk() as desk:
        token, handle = await signed_in(desk)
        desk.clock.advance(ACCESS_TOKEN_LIFE)
        desk.people.idp.misbehave(fault)

        await read(desk, token)

        grant, outcome = await desk.grant(handle), await desk.who(token)
        assert grant is not None
        assert grant.serial == 1
        assert isinstance(outcome, Authenticated)
        assert outcome.identity.user.name == "Alice Example"
        assert [event.name for event in desk.events.taken] == [EventName.TOKEN_REFRESHED]


async def test_a_plain_provider_that_refuses_to_say_who_it_is_costs_no_token() -> None:
    async with open_desk(provider=the_provider_as_plain_oauth2()) as desk:
        token, handle = await signed_in(desk)
        desk.clock.advance(ACCESS_TOKEN_LIFE)
        desk.people.idp.misbehave(Misbehaviour.USERINFO_401)

        await read(desk, token)

        grant = await desk.grant(handle)
        assert grant is not None
        assert grant.serial == 1


@pytest.mark.parametrize("userinfo", [200, 401, 500])
async def test_d9_tokens_of_somebody_else_end_the_session_whatever_userinfo_says(
    counter: Counter, userinfo: int, caplog: pytest.LogCaptureFixture
) -> None:
    issued = (await counter.sign_in()).issued
    counter.idp.overrides["/userinfo"] = _saying(userinfo, **SOMEBODY_ELSE)

    with pytest.raises(SessionEndedError):
        await _refresh(counter, issued.session.handle, sub="somebody-else", **ASKS_USERINFO)

    assert await counter.backend.sessions.list_for_user(issued.user.id) == ()
    assert "tokens of another person" in caplog.text
    assert "somebody-else" not in caplog.text


async def test_tokens_of_another_person_at_a_plain_provider_end_the_session(desk_of_two: Desk) -> None:
    token, handle = await signed_in(desk_of_two)
    desk_of_two.clock.advance(ACCESS_TOKEN_LIFE)
    desk_of_two.people.wire.answer = _userinfo_of("dev|bob")

    await read(desk_of_two, token)

    assert await desk_of_two.who(token) == REVOKED
    assert await desk_of_two.store.get(grant_key(handle)) is None
    assert [(event.name, event.reason) for event in desk_of_two.events.taken] == [
        (EventName.SESSION_REVOKED, "subject_mismatch")
    ]
    assert desk_of_two.people.wire.paths["/revoke"] == 0, "the other person goes on to live by it"


@pytest.fixture
async def desk_of_two() -> AsyncGenerator[Desk]:
    async with open_desk(provider=the_provider_as_plain_oauth2()) as desk:
        yield desk


def _userinfo_of(subject: str) -> Callable[[httpx.Request], httpx.Response | None]:
    def answer(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(200, json={"sub": subject}) if request.url.path == "/userinfo" else None

    return answer
