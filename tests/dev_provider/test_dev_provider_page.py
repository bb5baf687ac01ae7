"""The authorization endpoint: whom it answers, where it sends people, and what its pages let through."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_dev_provider import Client
from netscript_dev_provider.testing import DevProvider
from netscript_dev_provider.testing.forms import forms_of
from netscript_kernel.clock import SettableClock
from tests.dev_provider.relying_party import ISSUER, REDIRECT_URI, RelyingParty, answer

FREE_PARAMETERS = ("response_type", "scope", "state", "nonce", "prompt", "response_mode", "login_hint")
BOUND_PARAMETERS = (
    "code_challenge",
    "code_challenge_method",
    "redirect_uri",
    "client_id",
    "request",
    "max_age",
)
INJECTION = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>"


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.example/callback",
        f"{REDIRECT_URI}/",
        f"{REDIRECT_URI}?tenant=two",
        f"{REDIRECT_URI}#fragment",
        REDIRECT_URI.upper(),
        REDIRECT_URI.replace("https", "http"),
        "https://app.localhost@evil.example/callback",
        "javascript:alert(1)",
        INJECTION,
        "",
        None,
    ],
)
async def test_an_unregistered_redirect_uri_is_never_followed(
    app: RelyingParty, redirect_uri: str | None
) -> None:
    response = await app.http.get(app.attempt(redirect_uri=redirect_uri).url)

    assert response.status_code == 400
    assert "location" not in response.headers
    assert forms_of(response.text) == []
    assert "<script" not in response.text


@pytest.mark.parametrize("client_id", ["nobody", "", None, INJECTION, "app\x00"])
async def test_an_unknown_client_is_never_answered(app: RelyingParty, client_id: str | None) -> None:
    response = await app.http.get(app.attempt(client_id=client_id).url)

    assert response.status_code == 400
    assert "location" not in response.headers
    assert "<script" not in response.text


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "nonce", "scope", "code_challenge"])
async def test_a_repeated_parameter_is_never_answered(app: RelyingParty, name: str) -> None:
    response = await app.http.get(f"{app.attempt().url}&{urlencode({name: 'again'})}")

    assert response.status_code == 400
    assert "location" not in response.headers
    assert name in response.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": 'code "id_token" é'}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
    ],
)
async def test_a_wrong_request_is_answered_at_the_redirect_uri(
    app: RelyingParty, changes: dict[str, str | None], error: str
) -> None:
    attempt = app.attempt(**changes)

    response = await app.http.get(attempt.url)

    told = answer(response.headers["location"])
    assert response.headers["location"].startswith(f"{REDIRECT_URI}?")
    assert (told["error"], told["state"], told["iss"]) == (error, attempt.state, ISSUER)
    assert "code" not in told


async def test_a_public_client_cannot_do_without_pkce(public_app: RelyingParty) -> None:
    attempt = public_app.attempt(code_challenge=None, code_challenge_method=None)

    response = await public_app.http.get(attempt.url)

    assert answer(response.headers["location"])["error"] == "invalid_request"


async def test_cancelling_says_access_denied(app: RelyingParty) -> None:
    attempt = app.attempt()

    told = answer(await app.idp.cancel(attempt.url))

    assert (told["error"], told["state"]) == ("access_denied", attempt.state)
    assert "cancelled" in told["error_description"]


async def test_max_age_and_other_prompts_show_the_page(app: RelyingParty) -> None:
    response = await app.http.get(app.attempt(max_age="0", prompt="login", display="popup").url)

    assert response.status_code == 200


async def test_the_same_request_may_come_by_post(app: RelyingParty) -> None:
    fields = dict(httpx.URL(app.attempt().url).params)

    response = await app.http.post("/authorize", data=fields)

    assert response.status_code == 200
    assert len(forms_of(response.text)[0].buttons) == 9


async def test_the_page_warns_and_offers_everybody_without_a_script(app: RelyingParty) -> None:
    response = await app.http.get(app.attempt().url)

    text = re.sub(r"\s+", " ", response.text)
    offered = [value for name, value in forms_of(response.text)[0].buttons if name == "persona"]
    assert "No password is asked" in text
    assert "development and tests" in text
    assert offered == [persona.key for persona in app.idp.config.personas]
    assert "<script" not in text
    assert " style=" not in text


@pytest.mark.parametrize("hint", ["bob", "BOB@example.test", " bob "])
async def test_a_hint_marks_one_person(app: RelyingParty, hint: str) -> None:
    response = await app.http.get(app.attempt(login_hint=hint).url)

    assert re.findall(r'value="([^"]+)" class="suggested" autofocus', response.text) == ["bob"]


async def test_a_hint_for_nobody_is_said_and_escaped(app: RelyingParty) -> None:
    response = await app.http.get(app.attempt(login_hint=INJECTION).url)

    assert "does not live here" in response.text
    assert "&lt;script&gt;" in response.text
    assert "<script" not in response.text


async def test_everything_an_application_says_is_escaped() -> None:
    client = Client("<b onclick=alert(1)>", None, ("https://app.localhost/callback?a='b'&c=d",))
    app = RelyingParty(DevProvider(ISSUER, client), client.client_id, None, client.redirect_uris[0])

    page = await app.http.get(app.attempt(f"openid {INJECTION}").url)
    form = await app.http.get(app.attempt(response_mode="form_post", prompt="none", state=INJECTION).url)
    index = await app.http.get("/")

    assert page.status_code == 200
    assert dict(forms_of(form.text)[0].fields)["state"] == INJECTION
    assert "<script>alert" not in page.text + form.text + index.text
    assert "<b onclick" not in page.text + form.text + index.text


async def test_every_page_is_locked_by_its_headers(app: RelyingParty) -> None:
    attempt = app.attempt()
    form_post = app.attempt(response_mode="form_post", prompt="none").url

    pages = [await app.http.get(url) for url in ("/", attempt.url, form_post, "/authorize", "/end_session")]

    for page in pages:
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["cache-control"] == "no-store"


async def test_the_form_may_lead_to_the_application_and_nothing_else_may(app: RelyingParty) -> None:
    page = await app.http.get(app.attempt().url)
    error = await app.http.get(app.attempt(redirect_uri="https://evil.example").url)

    assert "form-action 'self' https://app.localhost " in page.headers["content-security-policy"]
    assert "form-action 'none'" in error.headers["content-security-policy"]
    assert "evil.example" not in error.headers["content-security-policy"]


async def test_a_policy_names_the_scheme_where_it_has_no_word_for_the_host() -> None:
    client = Client("app", None, ("http://[::1]:8094/callback",))
    app = RelyingParty(DevProvider(ISSUER, client), "app", None, client.redirect_uris[0])

    page = await app.http.get(app.attempt().url)

    assert "form-action 'self' http: " in page.headers["content-security-policy"]


@pytest.mark.parametrize("page", ["made-up", ""])
async def test_a_choice_without_its_page_goes_nowhere(app: RelyingParty, page: str) -> None:
    response = await app.http.post("/authorize", data={"page": page, "persona": "alice"})

    assert response.status_code == 400
    assert "location" not in response.headers


async def test_a_page_ends_after_ten_minutes_and_may_be_answered_again_until_then(
    app: RelyingParty, clock: SettableClock
) -> None:
    page = await app.http.get(app.attempt().url)
    choice = dict(forms_of(page.text)[0].fields)

    first = await app.http.post("/authorize", data={**choice, "persona": "alice"})
    second = await app.http.post("/authorize", data={**choice, "persona": "bob"})
    clock.advance(timedelta(minutes=10))
    late = await app.http.post("/authorize", data={**choice, "persona": "bob"})

    assert [first.status_code, second.status_code, late.status_code] == [303, 303, 400]
    assert first.headers["location"] != second.headers["location"]


async def test_choosing_somebody_who_does_not_exist_goes_nowhere(app: RelyingParty) -> None:
    page = await app.http.get(app.attempt().url)
    choice = {**dict(forms_of(page.text)[0].fields), "persona": "mallory"}

    response = await app.http.post("/authorize", data=choice)

    assert response.status_code == 400
    assert "location" not in response.headers


async def test_a_thousand_open_pages_are_enough(app: RelyingParty) -> None:
    first = dict(forms_of((await app.http.get(app.attempt().url)).text)[0].fields)
    url = app.attempt().url
    for _ in range(1000):
        await app.http.get(url)

    response = await app.http.post("/authorize", data={**first, "persona": "alice"})

    assert response.status_code == 400


@given(
    changes=st.dictionaries(
        st.sampled_from([*FREE_PARAMETERS, *BOUND_PARAMETERS]),
        st.text(max_size=60),
        max_size=4,
    )
)
async def test_whatever_is_asked_the_provider_answers_the_registered_address_or_nobody(
    changes: dict[str, str],
) -> None:
    app = RelyingParty(SHARED)

    response = await app.http.get(app.attempt(**changes).url)

    location = response.headers.get("location", f"{REDIRECT_URI}?")
    assert response.status_code in {200, 303, 400}
    assert location.startswith(f"{REDIRECT_URI}?")
    assert "\n" not in location


SHARED = DevProvider(ISSUER, Client("app", "s3cret", (REDIRECT_URI,)))
