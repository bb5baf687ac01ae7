"""What each persona is there to try."""

from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.errors import JoseError

from netscript_dev_provider import PERSONAS, Persona, ProviderConfig
from netscript_dev_provider.testing import DevProvider
from netscript_kernel.clock import SettableClock
from tests.dev_provider.conftest import CLIENTS, Naps
from tests.dev_provider.relying_party import ISSUER, RelyingParty, answer, as_object


async def claims_of(app: RelyingParty, persona: str, clock: SettableClock) -> dict[str, object]:
    attempt = app.attempt()
    response = await app.exchange(await app.code(attempt, persona), attempt.verifier)
    return await app.verified(as_object(response)["id_token"], attempt.nonce, clock.now())


async def test_alice_and_bob_are_two_people_with_verified_addresses(
    app: RelyingParty, clock: SettableClock
) -> None:
    alice = await claims_of(app, "alice", clock)
    bob = await claims_of(app, "bob", clock)

    assert (alice["name"], alice["email"], alice["email_verified"]) == (
        "Alice Example",
        "alice@example.test",
        True,
    )
    assert (bob["email"], bob["email_verified"]) == ("bob@example.test", True)
    assert alice["sub"] != bob["sub"]


async def test_a_subject_is_the_same_at_every_sign_in_and_the_session_is_not(
    app: RelyingParty, clock: SettableClock
) -> None:
    first = await claims_of(app, "alice", clock)
    second = await claims_of(app, "alice", clock)

    assert first["sub"] == second["sub"]
    assert first["sid"] != second["sid"]


async def test_unverified_has_an_address_that_is_not_verified(
    app: RelyingParty, clock: SettableClock
) -> None:
    claims = await claims_of(app, "unverified", clock)

    assert (claims["email"], claims["email_verified"]) == ("unverified@example.test", False)


async def test_no_email_has_none_wherever_one_looks(app: RelyingParty) -> None:
    tokens = await app.tokens(persona="no-email")

    userinfo = as_object(await app.userinfo(tokens["access_token"]))

    assert userinfo["name"] == "Noah Nomail"
    assert not [name for name in userinfo if name.startswith("email")]


async def test_locked_is_sent_back_with_access_denied(app: RelyingParty) -> None:
    attempt = app.attempt()

    told = answer(await app.idp.sign_in(attempt.url, "locked"))

    assert (told["error"], told["state"], told["iss"]) == ("access_denied", attempt.state, ISSUER)
    assert "locked" in told["error_description"]
    assert "code" not in told


async def test_slow_keeps_the_token_endpoint_waiting(app: RelyingParty, naps: Naps) -> None:
    tokens = await app.tokens("openid offline_access", "slow")
    naps_after_code = list(naps.seconds)

    response = await app.refresh(tokens["refresh_token"])

    assert response.status_code == 200
    assert (naps_after_code, naps.seconds) == ([3.0], [3.0, 3.0])


async def test_nobody_else_waits(app: RelyingParty, naps: Naps) -> None:
    await app.tokens(persona="alice")

    assert naps.seconds == []


async def test_the_delay_is_configurable(naps: Naps) -> None:
    config = ProviderConfig(ISSUER, CLIENTS, slow_delay=timedelta(milliseconds=250))
    app = RelyingParty(DevProvider(config=config, sleep=naps))

    await app.tokens(persona="slow")

    assert naps.seconds == [0.25]


async def test_down_gets_503_from_the_token_endpoint_while_others_get_tokens(app: RelyingParty) -> None:
    attempt = app.attempt()
    code = await app.code(attempt, "down")

    response = await app.exchange(code, attempt.verifier)

    assert response.status_code == 503
    assert "id_token" in await app.tokens(persona="alice")


async def test_rotating_keys_signs_with_a_new_key_and_withdraws_the_old_one(
    app: RelyingParty, clock: SettableClock
) -> None:
    before = await app.keys()
    attempt = app.attempt()
    response = await app.exchange(await app.code(attempt, "rotating-keys"), attempt.verifier)
    id_token = as_object(response)["id_token"]

    after = await app.keys()

    await app.verified(id_token, attempt.nonce, clock.now())
    assert len(after.keys) == 1
    assert {key.kid for key in before.keys}.isdisjoint(key.kid for key in after.keys)
    with pytest.raises(JoseError):
        jwt.decode(id_token, before, algorithms=["RS256"])


async def test_a_provider_may_have_people_of_its_own(clock: SettableClock) -> None:
    carol = Persona("carol", "Carol Custom", "Only here.", {"email": "carol@acme.test"})
    app = RelyingParty(
        DevProvider(config=ProviderConfig(ISSUER, CLIENTS, personas=(carol,)), clock=clock.now)
    )

    claims = await claims_of(app, "carol", clock)

    assert (claims["name"], claims["email"]) == ("Carol Custom", "carol@acme.test")


def test_everybody_has_a_line_that_says_what_for() -> None:
    assert all(persona.purpose.endswith(".") for persona in PERSONAS)
    assert [persona.key for persona in PERSONAS] == [
        "alice",
        "bob",
        "unverified",
        "no-email",
        "locked",
        "slow",
        "down",
        "rotating-keys",
    ]
