"""Sign-in through us where WorkOS, the store or the browser is away in the middle of it."""

from collections.abc import AsyncGenerator
from datetime import timedelta

import anyio
import httpx
import pytest

from netscript_auth_core.errors import BackendUnavailableError, FlowRefusedError
from netscript_auth_core.ports import Anonymous, Authenticated, SignedOut, SignoutRequest, UpstreamStatus
from netscript_auth_core.reasons import AnonymousReason, FlowReason
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from tests.workos.pretend_workos import NOT_FOUND, Interactive, answers, open_interactive_pretend

LIFE = timedelta(minutes=5)
AUTHENTICATE, REVOKE = "/authenticate", "/sessions/revoke"


@pytest.fixture
async def desk() -> AsyncGenerator[Interactive]:
    async with open_interactive_pretend() as desk:
        yield desk


async def test_a_code_that_nobody_takes_because_the_address_is_wrong_is_an_outage(desk: Interactive) -> None:
    desk.workos.overrides[AUTHENTICATE] = NOT_FOUND

    with pytest.raises(BackendUnavailableError):
        await desk.sign_in()


@pytest.mark.parametrize("error", ["server_error", "temporarily_unavailable"])
async def test_an_authkit_that_says_that_it_is_away_has_refused_nobody(desk: Interactive, error: str) -> None:
    with pytest.raises(BackendUnavailableError):
        await desk.come_back([("error", error)])


async def test_another_error_of_authkit_is_a_refusal(desk: Interactive) -> None:
    with pytest.raises(FlowRefusedError) as caught:
        await desk.come_back([("error", "invalid_scope")])

    assert caught.value.code is FlowReason.PROVIDER_REFUSED


async def test_a_sign_in_does_not_wait_for_the_end_of_the_session_that_it_replaces(
    desk: Interactive,
) -> None:
    old, is_told = await desk.sign_in(), anyio.Event()
    desk.workos.meanwhile[REVOKE] = is_told.wait

    with anyio.fail_after(60):
        new = await desk.sign_in(old)

    is_told.set()
    await desk.backend.aclose()
    assert await desk.ask(old) == Anonymous(AnonymousReason.SESSION_REVOKED)
    assert isinstance(await desk.ask(new), Authenticated)
    assert desk.workos.count(REVOKE) == 1


async def test_a_sign_in_is_whole_though_what_it_replaces_cannot_be_ended(desk: Interactive) -> None:
    old = await desk.sign_in()
    desk.workos.overrides[REVOKE] = answers("<html>", 503)

    new = await desk.sign_in(old)

    await desk.backend.aclose()
    assert isinstance(await desk.ask(new), Authenticated)
    assert desk.workos.count(REVOKE) == 1


async def test_a_session_that_nobody_is_told_of_is_ended_without_asking_workos_twice(
    desk: Interactive,
) -> None:
    desk.workos.overrides[REVOKE] = answers("<html>", 503)
    is_there, goes_on = anyio.Event(), anyio.Event()

    async def hold() -> None:
        is_there.set()
        await goes_on.wait()

    desk.workos.meanwhile["/identities"] = hold
    async with anyio.create_task_group() as browser:
        browser.start_soon(desk.sign_in)
        await is_there.wait()
        browser.cancel_scope.cancel()
    goes_on.set()
    await desk.backend.aclose()

    del desk.workos.meanwhile["/identities"]
    issued = await desk.sign_in()
    assert await desk.backend.sessions.list_for_user(issued.user.id) == [issued.session]
    assert desk.workos.count(REVOKE) == 1


async def test_a_token_that_is_sealed_anew_during_its_renewal_is_not_kept_in_the_place_of_its_successor(
    desk: Interactive,
) -> None:
    issued = await desk.sign_in()
    other = desk.open(KeyRing([*parse_keys(generate_key()), *parse_keys(desk.key)]))
    desk.workos.clock.advance(LIFE)
    desk.workos.meanwhile[AUTHENTICATE] = other.sealed.seal_anew
    spent: list[bytes] = []

    def renew(asked: httpx.Request) -> httpx.Response:
        spent.append(asked.content)
        return httpx.Response(200, json={**desk.workos.signed_in(), "refresh_token": "refresh-three"})

    desk.workos.overrides[AUTHENTICATE] = renew
    assert isinstance(await desk.ask(issued, other), Authenticated)
    desk.workos.clock.advance(LIFE)

    outcome = await desk.ask(issued, other)

    await other.aclose()
    assert isinstance(outcome, Authenticated)
    assert len(spent) == 2
    assert b"refresh-three" in spent[1]


async def test_a_person_with_more_sessions_than_are_listed_can_sign_in(desk: Interactive) -> None:
    def endless(asked: httpx.Request) -> httpx.Response:
        others = [{**desk.workos.session, "id": f"session_x{number}"} for number in range(99)]
        body = {"data": [desk.workos.session, *others], "list_metadata": {"after": "session_x98"}}
        return httpx.Response(200, json=body)

    desk.workos.overrides["/sessions"] = endless

    issued = await desk.sign_in()

    assert isinstance(await desk.ask(issued), Authenticated)
    assert desk.workos.count("/sessions") == 1


async def test_of_two_sign_outs_at_once_one_ends_the_session(desk: Interactive) -> None:
    issued, early = await desk.sign_in(), list[SignedOut]()
    request = SignoutRequest(issued.session.handle, "https://a.example", "s", everywhere=True)

    async def come_first() -> None:
        desk.workos.meanwhile.clear()
        early.append(await desk.backend.signout.end(request))

    desk.workos.meanwhile[REVOKE] = come_first

    late = await desk.backend.signout.end(request)

    assert early == [SignedOut(1, UpstreamStatus.DONE)]
    assert late == SignedOut(0)
