"""What WorkOS may answer beside what it should: an outage is never taken for an answer."""

import logging
from collections.abc import AsyncGenerator
from datetime import timedelta

import httpx
import pytest

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Anonymous, Authenticated, SignedOut, SignoutRequest
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_workos.api.http import MOST_BYTES
from netscript_auth_workos.backend import WorkOSBackend
from tests.workos.pretend_workos import NOT_FOUND, Answer, PretendWorkOS, answers, open_pretend
from tests.workos.workos_desk import bearer_request, cookie_request

Pair = tuple[PretendWorkOS, WorkOSBackend]
LIFE = timedelta(minutes=5)
NOTHING: dict[str, object] = {"object": "list", "data": [], "list_metadata": {"before": None, "after": None}}


def _breaks(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("secret in the words of a library", request=request)


def _hangs(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("", request=request)


NO_ANSWERS: dict[str, Answer] = {
    "nothing listens": _breaks,
    "it hangs": _hangs,
    "500": answers({"message": "Internal"}, 500),
    "503": answers("<html>", 503),
    "429": answers({"message": "Too many"}, 429),
    "401": answers({"message": "Unauthorized", "code": "unauthorized"}, 401),
    "403": answers({"message": "Forbidden", "code": "forbidden"}, 403),
    "400": answers({"message": "Bad"}, 400),
    "422": answers({"message": "Bad"}, 422),
    "404 of something else": answers("<html>", 404),
    "a redirect": answers("", 302, location="https://evil.example/"),
    "HTML": answers("<html>"),
    "JSON of another shape": answers({"hello": "world"}),
    "null": answers(None),
    "an encoded body": answers("x", 200, **{"content-encoding": "br"}),
    "without end": answers("x" * (MOST_BYTES + 1)),
}


@pytest.fixture
async def pretend() -> AsyncGenerator[Pair]:
    async with open_pretend() as pair:
        yield pair


@pytest.mark.parametrize("answer", NO_ANSWERS)
@pytest.mark.parametrize("path", ["/client_01", "/sessions"])
async def test_at_first_contact_no_answer_of_use_is_an_outage(pretend: Pair, path: str, answer: str) -> None:
    workos, backend = pretend
    workos.overrides[path] = NO_ANSWERS[answer]

    with pytest.raises(BackendUnavailableError) as caught:
        await backend.authenticate(cookie_request(workos.cookie()))

    assert "secret" not in str(caught.value)
    del workos.overrides[path]
    assert isinstance(await backend.authenticate(cookie_request(workos.cookie())), Authenticated)
    assert not [request for request in workos.requests if request.url.host == "evil.example"]


@pytest.mark.parametrize("answer", [*NO_ANSWERS, "404"])
async def test_a_renewal_without_an_answer_of_use_changes_nothing(pretend: Pair, answer: str) -> None:
    workos, backend = pretend
    request = cookie_request(workos.cookie())
    await backend.authenticate(request)
    workos.clock.advance(LIFE)
    workos.overrides["/authenticate"] = {**NO_ANSWERS, "404": NOT_FOUND}[answer]

    with pytest.raises(BackendUnavailableError):
        await backend.authenticate(request)

    del workos.overrides["/authenticate"]
    assert isinstance(await backend.authenticate(request), Authenticated)


@pytest.mark.parametrize(
    "refusal",
    [
        answers({"error": "invalid_grant", "error_description": "Session has already ended."}, 400),
        answers({"message": "Invalid refresh token", "code": "invalid_grant"}, 400),
        answers({"error": "sso_required", "error_description": "SSO", "connection_ids": []}, 403),
        answers({"code": "mfa_enrollment", "message": "MFA", "pending_authentication_token": "p"}, 403),
    ],
)
async def test_a_refusal_ends_a_session_that_is_not_listed_any_more(pretend: Pair, refusal: Answer) -> None:
    workos, backend = pretend
    request = cookie_request(workos.cookie())
    await backend.authenticate(request)
    workos.clock.advance(LIFE)
    workos.overrides |= {"/authenticate": refusal, "/sessions": answers(NOTHING)}

    outcome = await backend.authenticate(request)

    assert outcome == Anonymous(AnonymousReason.SESSION_REVOKED)


async def test_a_refusal_without_a_list_to_tell_by_is_an_outage(pretend: Pair) -> None:
    workos, backend = pretend
    request = cookie_request(workos.cookie())
    await backend.authenticate(request)
    workos.clock.advance(LIFE)
    workos.overrides |= {"/authenticate": answers({"error": "invalid_grant"}, 400), "/sessions": _breaks}

    with pytest.raises(BackendUnavailableError):
        await backend.authenticate(request)


@pytest.mark.parametrize(
    "change",
    [
        {"id": 1},
        {"id": "../users"},
        {"id": ""},
        {"created_at": "2026-01-01T00:00:00"},
        {"expires_at": 5},
        {"expires_at": "never"},
        {"status": None},
        {"impersonator": "admin"},
        {"user_agent": 5},
    ],
    ids=str,
)
async def test_a_session_of_odd_types_is_an_outage(pretend: Pair, change: dict[str, object]) -> None:
    workos, backend = pretend
    listed: dict[str, object] = {"data": [{**workos.session, **change}], "list_metadata": {}}
    workos.overrides["/sessions"] = answers(listed)

    with pytest.raises(BackendUnavailableError):
        await backend.authenticate(cookie_request(workos.cookie()))


@pytest.mark.parametrize("change", [{"access_token": None}, {"refresh_token": 5}, {"user": "alice"}], ids=str)
async def test_a_renewal_of_odd_types_is_an_outage(pretend: Pair, change: dict[str, object]) -> None:
    workos, backend = pretend
    request = cookie_request(workos.cookie())
    await backend.authenticate(request)
    workos.clock.advance(LIFE)
    workos.overrides["/authenticate"] = answers({**workos.signed_in(), **change})

    with pytest.raises(BackendUnavailableError):
        await backend.authenticate(request)


async def test_an_account_of_odd_types_is_passed_over(pretend: Pair) -> None:
    workos, backend = pretend
    workos.overrides["/identities"] = answers(
        [
            {"idp_id": 5, "type": "OAuth", "provider": "GoogleOAuth"},
            {"idp_id": "x" * 300, "type": "OAuth", "provider": "GoogleOAuth"},
            {"idp_id": "g", "type": "OAuth", "provider": "GoogleOAuth"},
        ]
    )

    outcome = await backend.authenticate(cookie_request(workos.cookie()))

    assert isinstance(outcome, Authenticated)
    assert [each.subject for each in outcome.identity.user.accounts] == ["user_01", "g"]


async def test_how_long_workos_wants_to_be_left_alone_is_passed_on(pretend: Pair) -> None:
    workos, backend = pretend
    workos.overrides["/sessions"] = answers({"message": "Too many"}, 429, **{"retry-after": "42"})

    with pytest.raises(BackendUnavailableError) as caught:
        await backend.authenticate(cookie_request(workos.cookie()))

    assert caught.value.retry_after == timedelta(seconds=42)


async def test_an_api_key_that_is_not_taken_is_told_to_the_operator(
    pretend: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    workos, backend = pretend
    workos.overrides["/sessions"] = NO_ANSWERS["401"]

    with caplog.at_level(logging.ERROR), pytest.raises(BackendUnavailableError):
        await backend.authenticate(cookie_request(workos.cookie()))

    assert "WORKOS_API_KEY" in caplog.text
    assert "sk_test_of_nobody" not in caplog.text


async def test_keys_are_kept_for_a_day_while_workos_is_away(pretend: Pair) -> None:
    workos, backend = pretend
    await backend.authenticate(cookie_request(workos.cookie()))
    workos.overrides["/client_01"] = _breaks
    workos.clock.advance(timedelta(hours=23))

    outcome = await backend.authenticate(cookie_request(workos.cookie()))

    assert isinstance(outcome, Authenticated)


async def test_every_page_of_a_list_is_read(pretend: Pair) -> None:
    workos, backend = pretend
    other = {**workos.session, "id": "session_00"}

    def paged(request: httpx.Request) -> httpx.Response:
        is_first = "after" not in request.url.params
        after = "session_00" if is_first else None
        page = {"data": [other if is_first else workos.session], "list_metadata": {"after": after}}
        return httpx.Response(200, json={"object": "list", **page})

    workos.overrides["/sessions"] = paged

    outcome = await backend.authenticate(cookie_request(workos.cookie()))

    assert isinstance(outcome, Authenticated)
    listed = await backend.sessions.list_for_user(outcome.identity.user.id)
    assert [each.handle for each in listed] == ["session_01", "session_00"]


async def test_a_user_who_was_deleted_is_nobody(pretend: Pair) -> None:
    workos, backend = pretend
    workos.overrides["/sessions"] = NOT_FOUND

    outcome = await backend.authenticate(cookie_request(workos.cookie()))

    assert outcome == Anonymous(AnonymousReason.SESSION_REVOKED)


async def test_a_session_that_workos_has_forgotten_can_be_ended(pretend: Pair) -> None:
    workos, backend = pretend
    await backend.authenticate(cookie_request(workos.cookie()))
    workos.overrides["/sessions/revoke"] = NOT_FOUND

    was_active = await backend.sessions.revoke("session_01")

    assert was_active
    assert isinstance(await backend.authenticate(cookie_request(workos.cookie())), Anonymous)


@pytest.mark.parametrize(
    "answer",
    [answers("<html>", 404), answers({"error": "invalid_grant"}, 400), answers({"message": "No"}, 500)],
)
async def test_an_ending_without_an_answer_of_use_ends_nothing(pretend: Pair, answer: Answer) -> None:
    workos, backend = pretend
    await backend.authenticate(cookie_request(workos.cookie()))
    workos.overrides["/sessions/revoke"] = answer

    with pytest.raises(BackendUnavailableError):
        await backend.sessions.revoke("session_01")

    assert isinstance(await backend.authenticate(cookie_request(workos.cookie())), Authenticated)


@pytest.mark.parametrize("path", ["/sessions", "/users/user_01", "/identities"])
async def test_a_refusal_where_nothing_was_traded_is_an_outage(pretend: Pair, path: str) -> None:
    workos, backend = pretend
    workos.overrides[path] = answers({"error": "invalid_grant"}, 400)
    request = bearer_request(workos.signed_in())

    with pytest.raises(BackendUnavailableError):
        await backend.authenticate(request)


async def test_a_sign_out_that_came_second_sends_nobody_away() -> None:
    async with open_pretend(WORKOS_END_SESSION="true") as (workos, backend):
        await backend.authenticate(cookie_request(workos.cookie()))
        request = SignoutRequest("session_01", "https://a.example", "s", everywhere=True)

        async def come_first() -> None:
            workos.meanwhile.clear()
            await backend.signout.end(request)

        workos.meanwhile["/sessions/revoke"] = come_first

        signed_out = await backend.signout.end(request)

    assert signed_out == SignedOut(0)
