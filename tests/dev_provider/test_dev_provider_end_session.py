"""Signing out at the provider because the application asks for it."""

from datetime import timedelta

import pytest

from netscript_dev_provider import Misbehaviour
from netscript_dev_provider.testing import DevProvider
from netscript_kernel.clock import SettableClock
from tests.dev_provider.conftest import CLIENTS
from tests.dev_provider.relying_party import SIGNED_OUT_URI, RelyingParty

OFFLINE = "openid offline_access"


async def test_a_sign_out_ends_the_sign_in_and_leads_back_with_the_state(app: RelyingParty) -> None:
    tokens = await app.tokens(OFFLINE)
    asked = {
        "id_token_hint": tokens["id_token"],
        "post_logout_redirect_uri": SIGNED_OUT_URI,
        "state": "a b&c",
    }

    response = await app.http.get("/end_session", params=asked)

    assert response.status_code == 303
    assert response.headers["location"] == f"{SIGNED_OUT_URI}?state=a+b%26c"
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await app.userinfo(tokens["access_token"])).status_code == 401


async def test_a_sign_out_leaves_other_sign_ins_alone(app: RelyingParty) -> None:
    tokens, others = await app.tokens(OFFLINE), await app.tokens(OFFLINE)

    await app.http.post("/end_session", data={"id_token_hint": tokens["id_token"]})

    assert (await app.refresh(others["refresh_token"])).status_code == 200


@pytest.mark.parametrize("persona", ["alice", "rotating-keys"])
async def test_an_old_hint_still_counts_also_after_a_change_of_keys(
    app: RelyingParty, clock: SettableClock, persona: str
) -> None:
    tokens = await app.tokens(OFFLINE, persona)
    await app.tokens(persona="rotating-keys")
    clock.advance(timedelta(hours=2))

    response = await app.http.get("/end_session", params={"id_token_hint": tokens["id_token"]})

    assert response.status_code == 200
    assert "signed out" in response.text
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("uri", ["https://evil.example/", f"{SIGNED_OUT_URI}/", "javascript:alert(1)", ""])
async def test_an_unregistered_address_is_never_followed(app: RelyingParty, uri: str) -> None:
    tokens = await app.tokens(OFFLINE)
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": uri}

    response = await app.http.get("/end_session", params=asked)

    assert response.status_code == 400
    assert "location" not in response.headers
    assert (await app.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_registered_address_needs_its_client(app: RelyingParty, public_app: RelyingParty) -> None:
    bare = {"post_logout_redirect_uri": SIGNED_OUT_URI}
    hint = (await public_app.tokens())["id_token"]

    with_client = await app.http.get("/end_session", params={**bare, "client_id": "app"})
    without = await app.http.get("/end_session", params=bare)
    of_another = await app.http.get(
        "/end_session", params={**bare, "client_id": "app", "id_token_hint": hint}
    )

    assert [each.status_code for each in (with_client, without, of_another)] == [303, 400, 400]


@pytest.mark.parametrize("hint", ["", "nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
async def test_a_hint_that_is_no_id_token_of_ours_is_refused(app: RelyingParty, hint: str) -> None:
    response = await app.http.get("/end_session", params={"id_token_hint": hint})

    assert response.status_code == 400


@pytest.mark.parametrize(
    "misbehaviour",
    [Misbehaviour.ALG_NONE, Misbehaviour.HS256_WITH_PUBLIC_KEY, Misbehaviour.WRONG_ISS_IN_ID_TOKEN],
)
async def test_a_crooked_id_token_is_no_hint(app: RelyingParty, misbehaviour: Misbehaviour) -> None:
    app.idp.misbehave(misbehaviour)
    tokens = await app.tokens(OFFLINE)

    response = await app.http.get("/end_session", params={"id_token_hint": tokens["id_token"]})

    assert response.status_code == 400


async def test_a_hint_of_another_provider_is_refused(app: RelyingParty) -> None:
    other = RelyingParty(DevProvider("https://other.localhost", *CLIENTS))
    hint = (await other.tokens())["id_token"]

    response = await app.http.get("/end_session", params={"id_token_hint": hint})

    assert response.status_code == 400


async def test_a_bare_sign_out_and_a_repeated_parameter(app: RelyingParty) -> None:
    bare = await app.http.get("/end_session")
    repeated = await app.http.get("/end_session?state=a&state=b")

    assert [bare.status_code, repeated.status_code] == [200, 400]
