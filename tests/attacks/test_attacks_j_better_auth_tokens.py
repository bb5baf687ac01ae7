"""J5: tokens of better-auth's jwt plugin: by its keys, in its algorithms, for us, and for a short time."""

import hmac
import json
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from typing import Any, cast

import httpx
import jwt
import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from netscript_auth_better_auth import Mode
from netscript_kernel.ids import encode_base64url
from tests.attacks.better_auth_world import SERVER, BetterAuthWorld, in_a_moment, open_better_auth_world

Key = OKPKey | ECKey | RSAKey
KEYS: dict[str, Key] = {
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
}
STRANGER = OKPKey.generate_key("Ed25519", {"kid": "ed"})
LIFE = timedelta(minutes=15)


@pytest.fixture
async def world() -> AsyncGenerator[BetterAuthWorld]:
    async with open_better_auth_world(Mode.JWT) as running:
        published = [{**key.as_dict(private=False), "alg": alg} for alg, key in KEYS.items()]
        running.keys_answer = httpx.Response(200, json={"keys": published})
        yield running


def _claims(world: BetterAuthWorld, **changes: object) -> dict[str, Any]:
    now = in_a_moment(world.clock, timedelta(0))
    whole = {
        "iat": now,
        "exp": in_a_moment(world.clock, LIFE),
        "iss": SERVER,
        "aud": SERVER,
        "sub": "alice-1",
        "id": "alice-1",
        "email": "alice@example.test",
        "emailVerified": True,
        "name": "Alice Adams",
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def _token(claims: dict[str, Any], alg: str = "EdDSA", key: Key | None = None, **header: object) -> str:
    signer = key or KEYS[alg]
    # By another library than the one that verifies.
    headers = {"kid": signer.kid, **header}
    return jwt.encode(claims, cast("Any", signer.private_key), algorithm=alg, headers=headers)


def _by_hand(header: Mapping[str, object], claims: dict[str, Any], secret: bytes | None) -> str:
    parts = [encode_base64url(json.dumps(part).encode()) for part in (header, claims)]
    signed = ".".join(parts).encode()
    signature = b"" if secret is None else hmac.digest(secret, signed, "sha256")
    return f"{signed.decode()}.{encode_base64url(signature)}"


async def _refused(world: BetterAuthWorld, token: str, reason: str = "session_unknown") -> None:
    assert await world.reason(authorization=f"Bearer {token}") == reason


@pytest.mark.parametrize("alg", KEYS)
async def test_j5_a_token_of_the_server_lets_its_person_in(world: BetterAuthWorld, alg: str) -> None:
    answer = await world.me(authorization=f"Bearer {_token(_claims(world), alg)}")

    assert answer.json()["user"]["name"] == "Alice Adams"


@pytest.mark.parametrize("alg", ["none", "HS256", "hs256", "RS512", "ES384"])
async def test_j5_a_token_in_another_algorithm_is_refused(world: BetterAuthWorld, alg: str) -> None:
    public = OctKey.import_key(json.dumps(KEYS["RS256"].as_dict(private=False))).raw_value
    for secret in (public, b"x" * 32, None):
        token = _by_hand({"alg": alg, "kid": "rsa"}, _claims(world), secret)
        if token.endswith("."):
            assert await world.reason(authorization=f"Bearer {token}") == "cookie_malformed"
        else:
            await _refused(world, token)


async def test_j5_a_key_is_good_for_its_own_algorithm_only(world: BetterAuthWorld) -> None:
    signed = _token(_claims(world), "RS256", kid="ed")

    await _refused(world, signed)


async def test_j5_a_token_by_somebody_elses_key_is_refused(world: BetterAuthWorld) -> None:
    await _refused(world, _token(_claims(world), key=STRANGER))


@pytest.mark.parametrize("kid", ["made-up", "../../jwks", ""])
async def test_j5_made_up_key_ids_cost_the_server_one_request(world: BetterAuthWorld, kid: str) -> None:
    await _refused(world, _token(_claims(world), key=STRANGER, kid=kid))
    before = len(world.asked)
    for number in range(20):
        await _refused(world, _token(_claims(world), key=STRANGER, kid=f"{kid}{number}"))

    assert len(world.asked) <= before + 1


@pytest.mark.parametrize("member", ["jku", "x5u", "jwk", "crit"])
async def test_j5_a_token_that_brings_its_own_key_or_rules_is_refused(
    world: BetterAuthWorld, member: str
) -> None:
    header = {"alg": "EdDSA", "kid": "ed", member: ["x"] if member == "crit" else "https://evil.example"}

    await _refused(world, _by_hand(header, _claims(world), b"x"), "cookie_malformed")


WRONG: dict[str, dict[str, object]] = {
    "another audience": {"aud": "https://other.example"},
    "no audience": {"aud": None},
    "an audience of nobody": {"aud": []},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "an issuer with more behind it": {"iss": f"{SERVER}.evil.example"},
    "no subject": {"sub": None},
    "a subject as a number": {"sub": 7},
    "no beginning": {"iat": None},
    "no end": {"exp": None},
    "an end as text": {"exp": "4102444800"},
    "an end as a boolean": {"exp": True},
    "an end in the year 275760": {"exp": 8_640_000_000_000},
    "an end before the beginning": {"exp": 1},
    "a session's cache": {"aud": "better-auth:session-cache"},
}


@pytest.mark.parametrize("what", WRONG)
async def test_j5_a_token_that_does_not_say_what_it_must_is_refused(
    world: BetterAuthWorld, what: str
) -> None:
    await _refused(world, _token(_claims(world, **WRONG[what])))


async def test_j5_another_kind_of_token_is_refused(world: BetterAuthWorld) -> None:
    for typ in ("better-auth.session-cache+jwt", "at+jwt", "logout+jwt"):
        await _refused(world, _token(_claims(world), typ=typ))


async def test_j5_a_token_is_good_until_its_end_and_not_a_moment_longer(world: BetterAuthWorld) -> None:
    token = _token(_claims(world))
    world.clock.advance(LIFE - timedelta(seconds=1))
    before = await world.me(authorization=f"Bearer {token}")

    world.clock.advance(timedelta(seconds=1))

    assert before.json()["authenticated"] is True
    await _refused(world, token, "session_expired")
    world.clock.advance(timedelta(seconds=60))
    await _refused(world, token, "session_expired")


async def test_j5_a_token_that_lives_for_longer_than_was_agreed_is_refused(world: BetterAuthWorld) -> None:
    await _refused(world, _token(_claims(world, exp=in_a_moment(world.clock, LIFE + timedelta(seconds=1)))))


@pytest.mark.parametrize("name", ["iat", "nbf"])
async def test_j5_a_token_from_the_future_is_refused(world: BetterAuthWorld, name: str) -> None:
    ahead = timedelta(seconds=61)
    changes = {name: in_a_moment(world.clock, ahead), "exp": in_a_moment(world.clock, ahead + LIFE)}
    changes.setdefault("iat", in_a_moment(world.clock, ahead))

    await _refused(world, _token(_claims(world, **changes)))


async def test_j5_a_person_who_is_banned_is_denied(world: BetterAuthWorld) -> None:
    await _refused(world, _token(_claims(world, banned=True)), "account_disabled")


async def test_j5_a_cookie_lets_nobody_in_by_token(world: BetterAuthWorld) -> None:
    token = _token(_claims(world))

    reason = await world.reason(cookie=f"__Secure-better-auth.session_token={token}")

    assert reason == "no_session"


async def test_j5_keys_that_were_never_to_be_had_are_an_outage(world: BetterAuthWorld) -> None:
    world.keys_answer = httpx.Response(502)

    answer = await world.me(authorization=f"Bearer {_token(_claims(world))}")

    assert answer.status_code == 503


@pytest.mark.parametrize("document", [{"keys": []}, {"keys": "none"}, {}, []])
async def test_j5_keys_that_nobody_can_use_are_an_outage(world: BetterAuthWorld, document: object) -> None:
    world.keys_answer = httpx.Response(200, json=document)

    answer = await world.me(authorization=f"Bearer {_token(_claims(world))}")

    assert answer.status_code == 503


async def test_j5_an_outage_of_the_server_is_not_noticed_once_its_keys_are_known(
    world: BetterAuthWorld,
) -> None:
    await world.me(authorization=f"Bearer {_token(_claims(world))}")
    world.keys_answer = httpx.Response(502)
    world.clock.advance(timedelta(hours=2))

    answer = await world.me(authorization=f"Bearer {_token(_claims(world))}")

    assert answer.json()["authenticated"] is True
