"""Codes, PKCE, refresh tokens and revocation: what is good once, and what ends with what."""

from datetime import timedelta

import pytest

from netscript_kernel.clock import SettableClock
from tests.dev_provider.relying_party import RelyingParty, as_object

OFFLINE = "openid email offline_access"


async def test_a_wrong_verifier_is_refused(app: RelyingParty) -> None:
    attempt = app.attempt()
    code = await app.code(attempt)

    response = await app.exchange(code, "w" * 43)

    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")


async def test_a_missing_verifier_is_refused(app: RelyingParty) -> None:
    code = await app.code(app.attempt())

    response = await app.exchange(code, "")

    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


async def test_a_verifier_without_a_challenge_is_refused(app: RelyingParty) -> None:
    attempt = app.attempt(code_challenge=None, code_challenge_method=None)
    code = await app.code(attempt)

    response = await app.exchange(code, attempt.verifier)

    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


async def test_a_code_used_twice_is_refused_and_its_tokens_are_revoked(app: RelyingParty) -> None:
    attempt = app.attempt(OFFLINE)
    code = await app.code(attempt)
    tokens = as_object(await app.exchange(code, attempt.verifier))

    again = await app.exchange(code, attempt.verifier)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await app.userinfo(tokens["access_token"])).status_code == 401
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_code_ends_after_a_minute(app: RelyingParty, clock: SettableClock) -> None:
    attempt = app.attempt()
    code = await app.code(attempt)
    clock.advance(timedelta(seconds=60))

    response = await app.exchange(code, attempt.verifier)

    assert response.json()["error"] == "invalid_grant"


async def test_a_code_is_good_for_its_own_client_only(app: RelyingParty, public_app: RelyingParty) -> None:
    attempt = app.attempt()
    code = await app.code(attempt)

    stolen = await public_app.exchange(code, attempt.verifier)

    assert stolen.json()["error"] == "invalid_grant"
    assert (await app.exchange(code, attempt.verifier)).status_code == 200


async def test_a_code_is_good_for_its_own_redirect_uri_only(app: RelyingParty) -> None:
    attempt = app.attempt()
    code = await app.code(attempt)

    response = await app.exchange(code, attempt.verifier, redirect_uri=f"{app.redirect_uri}?tenant=one")

    assert response.json()["error"] == "invalid_grant"


async def test_a_refresh_token_is_given_for_offline_access_only(app: RelyingParty) -> None:
    assert "refresh_token" not in await app.tokens("openid email")
    assert "refresh_token" in await app.tokens(OFFLINE)


async def test_a_refresh_rotates_the_token_and_brings_a_new_id_token(
    app: RelyingParty, clock: SettableClock
) -> None:
    first = await app.tokens(OFFLINE)
    signed_in_at = clock.now()
    clock.advance(timedelta(hours=1))

    second = as_object(await app.refresh(first["refresh_token"]))

    claims = await app.verified(second["id_token"], None, clock.now())
    assert claims["auth_time"] == int(signed_in_at.timestamp())
    assert second["refresh_token"] != first["refresh_token"]
    assert (await app.userinfo(second["access_token"])).status_code == 200
    assert (await app.refresh(second["refresh_token"])).status_code == 200


async def test_a_refresh_token_used_twice_ends_the_whole_family(app: RelyingParty) -> None:
    first = await app.tokens(OFFLINE)
    second = as_object(await app.refresh(first["refresh_token"]))

    again = await app.refresh(first["refresh_token"])

    assert again.json()["error"] == "invalid_grant"
    assert (await app.refresh(second["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await app.userinfo(second["access_token"])).status_code == 401


async def test_a_refresh_token_ends_after_a_day(app: RelyingParty, clock: SettableClock) -> None:
    tokens = await app.tokens(OFFLINE)
    clock.advance(timedelta(days=1))

    response = await app.refresh(tokens["refresh_token"])

    assert response.json()["error"] == "invalid_grant"


async def test_a_refresh_token_is_good_for_its_own_client_only(
    app: RelyingParty, public_app: RelyingParty
) -> None:
    tokens = await app.tokens(OFFLINE)

    stolen = await public_app.refresh(tokens["refresh_token"])

    assert stolen.json()["error"] == "invalid_grant"
    assert (await app.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_refresh_may_ask_for_less_and_never_for_more(app: RelyingParty) -> None:
    tokens = await app.tokens(OFFLINE)

    less = as_object(await app.refresh(tokens["refresh_token"], scope="openid"))
    more = await app.refresh(less["refresh_token"], scope="openid profile")

    assert less["scope"] == "openid"
    assert set(as_object(await app.userinfo(less["access_token"]))) == {"sub"}
    assert more.json()["error"] == "invalid_scope"
    assert "email" in as_object(await app.refresh(less["refresh_token"]))["scope"]


async def test_revoking_a_refresh_token_ends_its_access_token_too(app: RelyingParty) -> None:
    tokens = await app.tokens(OFFLINE)

    response = await app.post("/revoke", {"token": tokens["refresh_token"], "token_type_hint": "nonsense"})

    assert response.status_code == 200
    assert (await app.userinfo(tokens["access_token"])).status_code == 401
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_revoking_an_access_token_leaves_the_refresh_token(app: RelyingParty) -> None:
    tokens = await app.tokens(OFFLINE)

    response = await app.post("/revoke", {"token": tokens["access_token"]})

    assert response.status_code == 200
    assert (await app.userinfo(tokens["access_token"])).status_code == 401
    assert (await app.refresh(tokens["refresh_token"])).status_code == 200


async def test_revoking_nothing_known_succeeds_and_anothers_token_does_not(
    app: RelyingParty, public_app: RelyingParty
) -> None:
    tokens = await app.tokens(OFFLINE)

    unknown = await app.post("/revoke", {"token": "made-up"})
    anothers = await public_app.post("/revoke", {"token": tokens["refresh_token"]})
    nothing = await app.post("/revoke", {})

    assert [unknown.status_code, anothers.status_code, nothing.status_code] == [200, 400, 400]
    assert (await app.refresh(tokens["refresh_token"])).status_code == 200


@pytest.mark.parametrize("grant_type", ["password", "client_credentials", "", "implicit"])
async def test_other_grants_are_refused(app: RelyingParty, grant_type: str) -> None:
    response = await app.post("/token", {"grant_type": grant_type})

    assert (response.status_code, response.json()["error"]) == (400, "unsupported_grant_type")


async def test_long_gone_records_are_forgotten(app: RelyingParty, clock: SettableClock) -> None:
    tokens = await app.tokens(OFFLINE)
    store = app.idp.provider.store
    clock.advance(timedelta(days=3))

    await app.tokens(OFFLINE)

    assert store.refresh_token(tokens["refresh_token"]) is None
    assert store.access_token(tokens["access_token"]) is None
