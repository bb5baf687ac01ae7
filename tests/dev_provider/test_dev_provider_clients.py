"""How clients prove who they are at the token endpoint, and what broken requests get."""

import base64
from urllib.parse import quote_plus

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_dev_provider import Client
from netscript_dev_provider.testing import DevProvider
from tests.dev_provider.relying_party import ISSUER, REDIRECT_URI, RelyingParty


async def test_the_secret_may_come_in_the_form(app: RelyingParty) -> None:
    attempt = app.attempt()
    form = {
        "grant_type": "authorization_code",
        "code": await app.code(attempt),
        "redirect_uri": app.redirect_uri,
        "code_verifier": attempt.verifier,
        "client_id": "app",
        "client_secret": "s3cret",
    }

    response = await app.http.post("/token", data=form)

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("client_id", "client_secret"), [("app", "guess"), ("app", ""), ("nobody", "s3cret"), ("public-app", "x")]
)
async def test_a_wrong_secret_or_client_is_refused(
    app: RelyingParty, client_id: str, client_secret: str
) -> None:
    attempt = app.attempt()
    code = await app.code(attempt)
    app.client_id, app.client_secret = client_id, client_secret

    response = await app.exchange(code, attempt.verifier)

    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert response.headers["www-authenticate"].startswith("Basic")


async def test_a_confidential_client_cannot_come_without_its_secret(app: RelyingParty) -> None:
    attempt = app.attempt()
    code = await app.code(attempt)
    app.client_secret = None

    response = await app.exchange(code, attempt.verifier)

    assert response.json()["error"] == "invalid_client"


async def test_two_ways_to_authenticate_at_once_are_refused(app: RelyingParty) -> None:
    attempt = app.attempt()

    response = await app.exchange(await app.code(attempt), attempt.verifier, client_secret="s3cret")

    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


async def test_a_secret_is_form_encoded_before_it_goes_into_basic() -> None:
    secret = "a+b:c%d é"
    idp = DevProvider(ISSUER, Client("app", secret, (REDIRECT_URI,)))
    app = RelyingParty(idp, client_secret=quote_plus(secret))
    attempt = app.attempt()

    response = await app.exchange(await app.code(attempt), attempt.verifier)

    assert response.status_code == 200


@pytest.mark.parametrize("credentials", ["%%%", base64.b64encode(b"\xff\xfe:x").decode(), "", "é", "YXBw"])
async def test_unreadable_credentials_are_refused_not_failed(app: RelyingParty, credentials: str) -> None:
    header = f"Basic {credentials}".encode("latin-1")

    response = await app.http.post(
        "/token", data={"grant_type": "refresh_token"}, headers=[(b"authorization", header)]
    )

    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain"]
)
async def test_a_body_that_is_no_form_is_refused(app: RelyingParty, content_type: str) -> None:
    response = await app.http.post(
        "/token", content=b'{"grant_type": "password"}', headers={"content-type": content_type}
    )

    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
    assert "x-www-form-urlencoded" in response.json()["error_description"]


@pytest.mark.parametrize("path", ["/token", "/revoke"])
@pytest.mark.parametrize("body", ["a=1&a=2", "a=" + "x" * 100_000, "&".join(f"p{n}=1" for n in range(99))])
async def test_repeated_and_huge_forms_are_refused(app: RelyingParty, path: str, body: str) -> None:
    response = await app.http.post(
        path, content=body, headers={"content-type": "application/x-www-form-urlencoded"}
    )

    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


async def test_an_answer_with_tokens_is_never_stored(app: RelyingParty) -> None:
    attempt = app.attempt()

    response = await app.exchange(await app.code(attempt), attempt.verifier)

    assert response.headers["cache-control"] == "no-store"


@given(
    fields=st.dictionaries(st.text(max_size=12), st.text(max_size=40), max_size=6),
    basic=st.binary(max_size=40),
)
async def test_no_token_request_makes_the_provider_fail(fields: dict[str, str], basic: bytes) -> None:
    credentials = b"Basic " + base64.b64encode(basic)
    async with httpx.AsyncClient(transport=SHARED.transport, base_url=ISSUER) as http:
        grant = {"grant_type": "authorization_code", **fields}
        response = await http.post("/token", data=grant, headers=[(b"authorization", credentials)])

    assert 400 <= response.status_code < 500


SHARED = DevProvider(ISSUER, Client("app", "s3cret", (REDIRECT_URI,)))
