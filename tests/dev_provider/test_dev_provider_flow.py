"""The authorization code flow, walked by a relying party that shares no code with the provider."""

from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata

from netscript_dev_provider import Client, ProviderConfig
from netscript_dev_provider.testing import DevProvider
from netscript_kernel.clock import SettableClock
from tests.dev_provider.relying_party import REDIRECT_URI, RelyingParty, answer, as_object, at_hash


async def test_a_sign_in_ends_with_a_valid_id_token_and_the_same_person_at_userinfo(
    app: RelyingParty, clock: SettableClock
) -> None:
    attempt = app.attempt()

    callback = answer(await app.idp.sign_in(attempt.url, "alice"))
    tokens = as_object(await app.exchange(callback["code"], attempt.verifier))

    claims = await app.verified(tokens["id_token"], attempt.nonce, clock.now())
    userinfo = as_object(await app.userinfo(tokens["access_token"]))
    assert callback["state"] == attempt.state
    assert callback["iss"] == app.idp.issuer
    assert claims["at_hash"] == at_hash(tokens["access_token"])
    assert claims["auth_time"] == int(clock.now().timestamp())
    assert (claims["email"], claims["email_verified"]) == ("alice@example.test", True)
    assert userinfo["sub"] == claims["sub"]
    assert userinfo["name"] == "Alice Example"
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 300)


async def test_a_public_client_signs_in_with_pkce_alone(
    public_app: RelyingParty, clock: SettableClock
) -> None:
    attempt = public_app.attempt()

    response = await public_app.exchange(await public_app.code(attempt), attempt.verifier)

    claims = await public_app.verified(as_object(response)["id_token"], attempt.nonce, clock.now())
    assert claims["aud"] == "public-app"


async def test_the_metadata_is_complete_at_both_well_known_places(app: RelyingParty) -> None:
    openid = as_object(await app.http.get("/.well-known/openid-configuration"))
    oauth = as_object(await app.http.get("/.well-known/oauth-authorization-server"))

    local = {**openid, **{name: _on_localhost(value) for name, value in openid.items()}}
    OpenIDProviderMetadata(local).validate()
    assert openid == oauth
    assert openid["issuer"] == app.idp.issuer
    assert openid["authorization_response_iss_parameter_supported"] is True
    assert openid["code_challenge_methods_supported"] == ["S256"]


def _on_localhost(value: object) -> object:
    return value.replace("idp.localhost", "localhost") if isinstance(value, str) else value


@pytest.mark.parametrize("issuer", ["http://localhost:9094/realms/acme", "http://localhost:9094/"])
async def test_an_issuer_may_have_a_path(issuer: str, clock: SettableClock) -> None:
    idp = DevProvider(issuer, Client("app", "s3cret", (REDIRECT_URI,)), clock=clock.now)
    app = RelyingParty(idp)
    base = issuer.rstrip("/")
    metadata = as_object(await app.http.get(f"{base}/.well-known/openid-configuration"))
    attempt = app.attempt()
    url = f"{metadata['authorization_endpoint']}?{urlsplit(attempt.url).query}"

    code = answer(await idp.sign_in(url))["code"]

    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    response = await app.post(metadata["token_endpoint"], {**form, "code_verifier": attempt.verifier})
    assert response.status_code == 200, response.text
    assert metadata["issuer"] == issuer


async def test_form_post_carries_the_answer_in_a_form(app: RelyingParty) -> None:
    attempt = app.attempt(response_mode="form_post")

    form = await app.idp.sign_in_by_form(attempt.url)

    fields = dict(form.fields)
    assert form.action == app.redirect_uri
    assert (fields["state"], fields["iss"]) == (attempt.state, app.idp.issuer)
    assert (await app.exchange(fields["code"], attempt.verifier)).status_code == 200


async def test_a_query_of_the_redirect_uri_is_kept(app: RelyingParty) -> None:
    app.redirect_uri = f"{REDIRECT_URI}?tenant=one"
    attempt = app.attempt()

    callback_url = await app.idp.sign_in(attempt.url)

    assert callback_url.startswith(f"{REDIRECT_URI}?tenant=one&code=")
    code = answer(callback_url)["code"]
    assert (await app.exchange(code, attempt.verifier)).status_code == 200


async def test_claims_follow_the_scope(app: RelyingParty) -> None:
    tokens = await app.tokens("openid email")

    userinfo = as_object(await app.userinfo(tokens["access_token"]))

    assert set(userinfo) == {"sub", "email", "email_verified"}


async def test_a_plain_oauth_client_gets_no_id_token_but_a_subject_at_userinfo(app: RelyingParty) -> None:
    tokens = await app.tokens("read:user")

    userinfo = as_object(await app.userinfo(tokens["access_token"]))

    assert "id_token" not in tokens
    assert set(userinfo) == {"sub"}


async def test_without_a_nonce_there_is_none_in_the_id_token(app: RelyingParty, clock: SettableClock) -> None:
    attempt = app.attempt(nonce=None)

    response = await app.exchange(await app.code(attempt), attempt.verifier)

    claims = await app.verified(as_object(response)["id_token"], None, clock.now())
    assert "nonce" not in claims


async def test_userinfo_refuses_a_token_after_its_end_and_a_made_up_one(
    app: RelyingParty, clock: SettableClock
) -> None:
    tokens = await app.tokens()
    before = await app.userinfo(tokens["access_token"])
    clock.advance(timedelta(seconds=300))

    after = await app.userinfo(tokens["access_token"])

    made_up = await app.userinfo("made-up")
    without = await app.http.get("/userinfo")
    assert before.status_code == 200
    assert [after.status_code, made_up.status_code, without.status_code] == [401, 401, 401]
    assert "Bearer" in after.headers["www-authenticate"]


async def test_a_hint_signs_in_at_once_where_the_configuration_says_so(clock: SettableClock) -> None:
    client = Client("app", "s3cret", (REDIRECT_URI,))
    config = ProviderConfig("https://idp.localhost", (client,), auto_sign_in=True)
    app = RelyingParty(DevProvider(config=config, clock=clock.now))
    attempt = app.attempt(login_hint="bob")

    response = await app.http.get(attempt.url)

    code = answer(response.headers["location"])["code"]
    tokens = as_object(await app.exchange(code, attempt.verifier))
    claims = await app.verified(tokens["id_token"], attempt.nonce, clock.now())
    assert response.status_code == 303
    assert claims["preferred_username"] == "bob"
    assert (await app.http.get(app.attempt().url)).status_code == 200


async def test_a_hint_alone_never_signs_in(app: RelyingParty) -> None:
    response = await app.http.get(app.attempt(login_hint="alice").url)

    assert response.status_code == httpx.codes.OK.value
    assert "location" not in response.headers
