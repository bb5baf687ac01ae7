"""What single providers do differently, and what must not come of it."""

import logging

import httpx
import pytest

from netscript_auth_core.errors import (
    AuthError,
    BackendUnavailableError,
    FlowRefusedError,
    ProviderProtocolError,
)
from netscript_auth_core.ports import SigninRequest
from netscript_auth_core.reasons import FlowReason
from tests.kv_oauth.preset_peers import changed, config_of, documented, open_preset
from tests.kv_oauth.pretend import CLIENT_ID

GITHUB_ISS = "https://github.com/login/oauth"
EMAILS = "https://api.github.com/user/emails"


@pytest.mark.parametrize("callback", [{"iss": GITHUB_ISS}, {}])
async def test_github_may_say_who_it_is_or_not(callback: dict[str, str]) -> None:
    async with open_preset("github") as visited:
        assert (await visited.sign_in(**callback)).issued.user.name == "octocat"


@pytest.mark.parametrize(
    "iss", ["https://github.com", "https://github.com/login/oauth/", "https://evil.example"]
)
async def test_github_may_not_say_that_it_is_somebody_else(iss: str) -> None:
    async with open_preset("github") as visited:
        with pytest.raises(FlowRefusedError) as refusal:
            await visited.sign_in(iss=iss)

    assert (refusal.value.code, refusal.value.expected) == (FlowReason.ISS_MISMATCH, GITHUB_ISS)
    assert visited.idp.count("/token") == 0


async def test_an_operator_can_say_what_a_provider_has_begun_to_send() -> None:
    begun = "https://accounts.spotify.com"
    async with open_preset("spotify") as visited:
        with pytest.raises(FlowRefusedError) as refusal:
            await visited.sign_in(iss=begun)

    async with open_preset("spotify", config_of("spotify", response_issuer=begun)) as visited:
        signed_in = await visited.sign_in(iss=begun)

    assert (refusal.value.expected, refusal.value.seen) == ("no iss", begun)
    assert signed_in.issued.user.name == "Smedjan"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(200, json=[]), None),
        (httpx.Response(200, json=[{"email": "a@b.example", "primary": "true", "verified": True}]), None),
        (httpx.Response(200, json=[{"email": "no address", "primary": True, "verified": True}]), None),
        (httpx.Response(200, json=[7, None, "a@b.example"]), None),
        (httpx.Response(403, json={"message": "Resource not accessible"}), None),
        (httpx.Response(404), None),
        (httpx.Response(200, json={"email": "a@b.example"}), ProviderProtocolError),
        (httpx.Response(200, html="<p>a@b.example"), ProviderProtocolError),
        (httpx.Response(500), BackendUnavailableError),
    ],
)
async def test_without_a_primary_address_the_public_one_proves_nothing(
    answer: httpx.Response, expected: type[AuthError] | None
) -> None:
    async with open_preset("github") as visited:
        visited.idp.overrides[EMAILS] = lambda _: answer
        if expected is not None:
            with pytest.raises(expected):
                await visited.sign_in()
            return

        user = (await visited.sign_in()).issued.user

    assert (user.email, user.email_verified) == ("public@octocat.example", False)


async def test_a_registration_that_may_not_see_addresses_is_told_to_the_operator(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_preset("github") as visited:
        visited.idp.overrides[EMAILS] = lambda _: httpx.Response(403)

        await visited.sign_in()

    assert "provider github tells no e-mail addresses: it answered 403" in caplog.text


async def test_every_request_for_the_person_carries_the_token_and_the_headers_of_the_preset() -> None:
    async with open_preset("github") as visited:
        await visited.sign_in()

    asked = [each for each in visited.idp.requests if each.url.host == "api.github.com"]
    assert [each.url.path for each in asked] == ["/user", "/user/emails"]
    assert {each.headers["authorization"] for each in asked} == {"Bearer an-access-token"}
    assert {each.headers["accept"] for each in asked} == {"application/vnd.github+json"}


@pytest.mark.parametrize("error", ["bad_verification_code", "bad_refresh_token"])
async def test_githubs_own_words_for_a_spent_code_alarm_nobody(
    error: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_preset("github") as visited:
        visited.idp.overrides["/token"] = lambda _: httpx.Response(200, json={"error": error})
        with caplog.at_level(logging.ERROR), pytest.raises(FlowRefusedError) as refusal:
            await visited.sign_in()

    assert refusal.value.seen == "invalid_grant"
    assert caplog.text == ""


@pytest.mark.parametrize(
    "answer", [{"ok": False, "error": "invalid_auth"}, {"sub": "U123ABC456"}, {"ok": "true"}]
)
async def test_slacks_refusal_with_status_200_is_one(answer: dict[str, object]) -> None:
    answers = changed(documented("slack"), {"id_token": {"name": None}})
    async with open_preset("slack", answers=answers.model_copy(update={"userinfo": answer})) as visited:
        with pytest.raises(FlowRefusedError) as refusal:
            await visited.sign_in()

    assert refusal.value.code is FlowReason.USERINFO_REFUSED
    assert refusal.value.seen == ("invalid_auth" if "error" in answer else "no ok")


@pytest.mark.parametrize(
    ("member", "value", "reason"),
    [
        ("nonce", "of-another-flow", FlowReason.NONCE_MISMATCH),
        ("nonce", None, FlowReason.NONCE_MISMATCH),
        ("aud", "another-client", FlowReason.USERINFO_REFUSED),
        ("iss", "https://evil.example", FlowReason.USERINFO_REFUSED),
    ],
)
async def test_line_confirms_a_token_of_this_flow_for_us_or_nobody_comes_in(
    member: str, value: str | None, reason: FlowReason
) -> None:
    answers = changed(documented("line"), {"userinfo": {member: value}})
    async with open_preset("line", answers=answers) as visited:
        with pytest.raises(FlowRefusedError) as refusal:
            await visited.sign_in()

    assert refusal.value.code is reason


async def test_line_is_asked_with_the_id_token_and_not_with_the_access_token() -> None:
    async with open_preset("line") as visited:
        await visited.sign_in()

    (form,) = visited.idp.forms("/userinfo")
    (request,) = [each for each in visited.idp.requests if visited.idp.path_of(each) == "/userinfo"]
    assert form == {
        "id_token": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
        "client_id": CLIENT_ID,
        "nonce": visited.idp.nonce,
    }
    assert "authorization" not in request.headers


async def test_line_without_an_id_token_signs_nobody_in() -> None:
    answers = changed(documented("line"), {"tokens": {"id_token": None}})
    async with open_preset("line", answers=answers) as visited:
        with pytest.raises(FlowRefusedError) as refusal:
            await visited.sign_in()

    assert refusal.value.code is FlowReason.ID_TOKEN_MISSING


async def test_notion_says_who_it_is_with_the_tokens_and_nobody_else_is_asked() -> None:
    async with open_preset("notion") as visited:
        await visited.sign_in()

    assert [each.url.path for each in visited.idp.requests] == ["/v1/oauth/token"]


async def test_notion_that_names_nobody_signs_nobody_in() -> None:
    answers = changed(documented("notion"), {"tokens": {"owner": {"type": "workspace", "workspace": True}}})
    async with open_preset("notion", answers=answers) as visited:
        with pytest.raises(ProviderProtocolError, match="nobody in it"):
            await visited.sign_in()


async def test_figma_refreshes_where_it_wants_to() -> None:
    async with open_preset("figma") as visited:
        issued = (await visited.sign_in()).issued
        await visited.backend.sessions.refresh(issued.session.handle)

    asked = [each.url.path for each in visited.idp.requests if each.method == "POST"]
    assert asked == ["/v1/oauth/token", "/v1/oauth/refresh"]


async def test_dropbox_is_asked_by_an_empty_post() -> None:
    async with open_preset("dropbox") as visited:
        await visited.sign_in()

    (request,) = [each for each in visited.idp.requests if visited.idp.path_of(each) == "/userinfo"]
    assert (request.method, request.content) == ("POST", b"")
    assert "content-type" not in request.headers


@pytest.mark.parametrize(
    "avatar", [None, 7.5, "", "../x", "a/b", "a?b", "a b", {"a": 1}, "x" * 256, "javascript:alert(1)"]
)
async def test_a_picture_made_of_claims_leads_nowhere_else(avatar: object) -> None:
    answers = changed(documented("discord"), {"userinfo": {"avatar": avatar}})
    async with open_preset("discord", answers=answers) as visited:
        assert (await visited.sign_in()).issued.user.picture is None


@pytest.mark.parametrize(
    ("preset_id", "tokens"),
    [
        ("github", {"scope": ["repo"]}),
        ("twitch", {"scope": ["openid", 7]}),
        ("twitch", {"scope": {"openid": True}}),
        ("github", {"token_type": None}),
        ("atlassian", {"token_type": "mac"}),
        ("atlassian", {"token_type": 7}),
    ],
)
async def test_a_tolerance_is_for_the_provider_that_needs_it_and_for_nothing_more(
    preset_id: str, tokens: dict[str, object]
) -> None:
    answers = changed(documented(preset_id), {"tokens": tokens})
    async with open_preset(preset_id, answers=answers) as visited:
        with pytest.raises(ProviderProtocolError):
            await visited.sign_in()


async def test_fewer_scopes_may_be_asked_for_but_not_without_those_that_tell_who_it_is() -> None:
    async with open_preset("discord") as visited:
        wish = SigninRequest(None, "/", scopes=("email",))
        url = (await visited.backend.interactive.start(wish)).redirect_url

    assert "scope=identify+email" in url or "scope=identify%20email" in url


async def test_the_same_person_of_two_providers_is_two_people() -> None:
    answers = changed(documented("x"), {"userinfo": {"data": {"id": "583231", "name": "octocat"}}})
    async with open_preset("github") as github, open_preset("x", answers=answers) as other:
        one, two = (await github.sign_in()).issued.user, (await other.sign_in()).issued.user

    assert [each.subject for each in (*one.accounts, *two.accounts)] == ["583231", "583231"]
    assert {each.issuer for each in (*one.accounts, *two.accounts)} == {"https://github.com", "https://x.com"}
