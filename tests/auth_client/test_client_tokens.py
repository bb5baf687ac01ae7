"""Access tokens: exactly those that auth-api signed for this service, and only while they last."""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from netscript_auth_client import Caller, Nobody
from netscript_auth_client.reasons import NobodyReason
from netscript_auth_core.errors import BackendUnavailableError
from tests.auth_client.asgi_calls import http_scope
from tests.auth_client.local_world import LocalWorld, local_world
from tests.auth_client.pretend_auth_api import ALIVE, PUBLIC_URL
from tests.auth_client.token_signer import AUDIENCE, JWKS, TokenSigner, publish

INVALID = Nobody("token_invalid")


async def test_a_token_of_auth_api_lets_its_holder_in() -> None:
    async with local_world() as world:
        caller = await world.ask(world.signer.sign())

    assert isinstance(caller, Caller)
    principal = caller.principal
    assert (principal.user_id, principal.session_handle) == ("usr_alice", "ses_one")
    assert (principal.scopes, principal.roles) == (("openid", "orders:read"), ("clerk",))
    assert (principal.backend, principal.provider_id) == ("kv-oauth", "google")
    assert (caller.name, caller.email) == ("Alice", "alice@acme.example")
    assert caller.authenticated_at == world.clock.now() - timedelta(seconds=60)


async def test_a_token_that_does_not_say_when_somebody_was_there_claims_no_time() -> None:
    async with local_world() as world:
        caller = await world.ask(world.signer.sign(auth_time=...))

    assert isinstance(caller, Caller)
    assert caller.authenticated_at is None


async def test_an_address_that_is_not_verified_is_not_told() -> None:
    async with local_world() as world:
        callers = [
            await world.ask(world.signer.sign(email_verified=each)) for each in (False, "true", 1, ...)
        ]

    assert [caller.email for caller in callers if isinstance(caller, Caller)] == [None] * 4


async def test_cookies_let_nobody_in_and_neither_does_nothing() -> None:
    async with local_world() as world:
        cookie = (b"cookie", b"__Host-netscript-session=" + world.signer.sign().encode())
        outcomes = [await world.authority.authenticate(http_scope("/x", *each)) for each in ((), (cookie,))]

    assert outcomes == [Nobody("no_session")] * 2


WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "the issuer with a slash": {"iss": "https://acme.example/"},
    "no issuer": {"iss": ...},
    "another audience": {"aud": "billing"},
    "a list of audiences": {"aud": ["orders"]},
    "no audience": {"aud": ...},
    "no subject": {"sub": ...},
    "an empty subject": {"sub": ""},
    "a subject that is a number": {"sub": 7},
    "a subject of 256 characters": {"sub": "x" * 256},
    "no session": {"sid": ...},
    "a sign-in of no time": {"auth_time": None},
    "a sign-in that is true": {"auth_time": True},
    "a sign-in to come": {"auth_time": 10**10},
    "no end": {"exp": ...},
    "an end that is text": {"exp": "1767225900"},
    "an end that is no integer": {"exp": 1767225900.5},
    "an end that is true": {"exp": True},
    "an end in the year 275760": {"exp": 8640000000000},
    "no beginning": {"iat": ...},
    "a beginning to come": {"iat": 1767225600 + 6, "exp": 1767225600 + 306},
    "a validity to come": {"nbf": 1767225600 + 6},
    "a validity that is text": {"nbf": "0"},
    "a life of 901 seconds": {"exp": 1767225600 + 901},
    "an end before the beginning": {"exp": 1767225600 - 1},
    "scopes in a list": {"scope": ["openid"]},
    "roles that are text": {"roles": "admin"},
    "a role that is a number": {"roles": ["clerk", 1]},
    "a name that is a number": {"name": 1},
    "no backend": {"backend": ...},
}


@pytest.mark.parametrize("claims", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS.keys())
async def test_a_token_with_other_claims_lets_nobody_in(claims: dict[str, Any]) -> None:
    async with local_world() as world:
        assert int(world.clock.unix()) == 1767225600

        outcome = await world.ask(world.signer.sign(**claims))

    assert outcome == INVALID


WRONG_HEADERS: dict[str, dict[str, Any]] = {
    "an id token": {"typ": "JWT"},
    "a logout token": {"typ": "logout+jwt"},
    "no type": {"typ": ...},
    "no algorithm": {"alg": "none"},
    "another algorithm": {"alg": "ES384"},
    "a symmetric algorithm": {"alg": "HS256"},
    "no key id": {"kid": ...},
    "a key id that is a number": {"kid": 1},
    "an address of keys": {"jku": "https://evil.example/jwks.json"},
    "a key of its own": {"jwk": {"kty": "EC"}},
    "a critical extension": {"crit": ["exp"]},
    "a payload that is not encoded": {"b64": False},
}


@pytest.mark.parametrize("header", WRONG_HEADERS.values(), ids=WRONG_HEADERS.keys())
async def test_a_token_with_another_header_lets_nobody_in(header: dict[str, Any]) -> None:
    async with local_world() as world:
        outcome = await world.ask(world.signer.sign(header))

    assert outcome == INVALID
    assert {request.url.host for request in world.api.requests} == {"127.0.0.1"}


async def test_the_type_may_be_written_as_a_media_type() -> None:
    async with local_world() as world:
        outcome = await world.ask(world.signer.sign({"typ": "application/AT+JWT"}))

    assert isinstance(outcome, Caller)


async def test_a_signature_of_anybody_else_lets_nobody_in() -> None:
    async with local_world() as world:
        stranger = TokenSigner(world.clock)
        token = world.signer.sign()
        head, claims, signature = token.split(".")
        forged = [
            stranger.sign(),
            f"{head}.{claims}.",
            f"{head}.{claims}",
            f"{head}.{claims}.{signature[:-4]}",
            f"{head}.{stranger.sign(sub='usr_mallory').split('.')[1]}.{signature}",
            f"{head}.{claims}.{signature}=",
            f"{token}.",
            "e30.e30.e30",
            world.signer.sign_claims(["sub"]),
        ]

        outcomes = [await world.ask(each) for each in forged]

    assert outcomes == [INVALID] * len(forged)


async def test_the_public_key_is_no_shared_secret() -> None:
    async with local_world() as world:
        head, claims, _ = world.signer.sign({"alg": "HS256"}).split(".")
        public = world.signer.key.as_pem(private=False)
        signature = hmac.digest(public, f"{head}.{claims}".encode(), "sha256")
        forged = urlsafe_b64encode(signature).decode().rstrip("=")

        outcome = await world.ask(f"{head}.{claims}.{forged}")

    assert outcome == INVALID


async def advance(world: LocalWorld, seconds: float) -> None:
    """Let time pass in which the feed is heard."""
    world.clock.advance(timedelta(seconds=seconds))
    await world.hear(world.feed.channels[0], ALIVE)


@pytest.mark.parametrize("is_known", [True, False])
async def test_a_token_ends_at_its_end_and_the_leeway(is_known: bool) -> None:
    async with local_world() as world:
        token = world.signer.sign()
        if is_known:
            await world.ask(token)
        await advance(world, 304.9)

        before = await world.ask(token)
        await advance(world, 0.1)
        after = [await world.ask(token), await world.ask(token)]

    assert isinstance(before, Caller)
    assert after == [Nobody("token_expired")] * 2


async def test_a_clock_that_is_a_little_behind_is_no_reason_to_refuse() -> None:
    async with local_world() as world:
        now = int(world.clock.unix())

        outcome = await world.ask(world.signer.sign(iat=now + 5, nbf=now + 5, exp=now + 305))

    assert isinstance(outcome, Caller)


async def test_keys_are_asked_for_once_and_a_known_token_costs_no_signature() -> None:
    async with local_world() as world:
        token = world.signer.sign()
        callers = [await world.ask(token) for _ in range(3)]

    assert world.key_requests == 1
    assert callers[0] is callers[1] is callers[2]


@pytest.mark.parametrize("scheme", [b"Bearer ", b"bearer ", b"BEARER   "])
async def test_a_known_token_is_known_however_its_scheme_is_written(
    scheme: bytes,
) -> None:
    async with local_world() as world:
        token = world.signer.sign()
        known = await world.ask(token)

        outcome = await world.authority.authenticate(
            http_scope("/x", (b"authorization", scheme + token.encode()))
        )

        assert outcome is known


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (b"Basic ", b"", NobodyReason.NO_SESSION),
        (b"", b"", NobodyReason.NO_SESSION),
        (b"Bearer", b"", NobodyReason.TOKEN_INVALID),
        (b"Bearer\t", b"", NobodyReason.TOKEN_INVALID),
        (b"Bearer ", b" ", NobodyReason.TOKEN_INVALID),
        (b"Bearer ", b", Bearer x", NobodyReason.TOKEN_INVALID),
    ],
)
async def test_a_known_token_lets_nobody_in_by_a_header_that_is_no_bearer_token(
    before: bytes, after: bytes, reason: NobodyReason
) -> None:
    async with local_world() as world:
        token = world.signer.sign()
        await world.ask(token)

        outcome = await world.authority.authenticate(
            http_scope("/x", (b"authorization", before + token.encode() + after))
        )

        assert outcome == Nobody(reason)


async def test_a_made_up_key_id_before_a_rotation_has_nobody_refused_and_is_over_in_five_seconds() -> None:
    async with local_world() as world:
        await world.ask(world.signer.sign({"kid": "made-up"}))
        second = TokenSigner(world.clock, "two")
        publish(world.api, second.public)
        await advance(world, 3)

        with pytest.raises(BackendUnavailableError) as unknown:
            await world.ask(second.sign())
        await advance(world, 2)
        later = await world.ask(second.sign())

    assert unknown.value.retry_after == timedelta(seconds=2)
    assert isinstance(later, Caller)


async def test_what_a_withdrawn_key_signed_before_the_keys_were_fetched_is_refused_each_time() -> None:
    async with local_world() as world:
        token = world.signer.sign()
        publish(world.api, TokenSigner(world.clock, "two").public)
        await advance(world, 6)

        outcomes = [await world.ask(token) for _ in range(3)]

    assert outcomes == [INVALID] * 3


async def test_a_new_key_is_found_at_once_and_made_up_ones_cost_one_request() -> None:
    async with local_world() as world:
        await world.ask(world.signer.sign())
        second = TokenSigner(world.clock, "two")
        publish(world.api, world.signer.public, second.public)

        found = await world.ask(second.sign())
        made_up = await world.ask(second.sign({"kid": "made-up"}))
        for turn in range(20):
            with pytest.raises(BackendUnavailableError):
                await world.ask(second.sign({"kid": f"made-up-{turn}"}))

    assert isinstance(found, Caller)
    assert made_up == INVALID
    assert world.key_requests == 3


async def test_what_a_withdrawn_key_signed_is_verified_anew() -> None:
    async with local_world() as world:
        token, second = world.signer.sign(), TokenSigner(world.clock, "two")
        before = await world.ask(token)
        publish(world.api, second.public)
        await world.ask(second.sign())

        after = await world.ask(token)

    assert isinstance(before, Caller)
    assert after == INVALID


@pytest.mark.parametrize("is_known", [True, False])
async def test_five_minutes_after_a_key_is_withdrawn_nothing_that_it_signed_lets_anybody_in(
    is_known: bool,
) -> None:
    async with local_world() as world:
        await world.ask(world.signer.sign())
        await advance(world, 149)
        forged = world.signer.sign(exp=int(world.clock.unix()) + 900)
        if is_known:
            await world.ask(forged)
        publish(world.api, TokenSigner(world.clock, "two").public)
        await advance(world, 151)

        outcome = await world.ask(forged)

    assert outcome == INVALID


async def test_two_keys_of_one_id_verify_nothing() -> None:
    async with local_world() as world:
        publish(world.api, world.signer.public, TokenSigner(world.clock).public)

        outcome = await world.ask(world.signer.sign())

    assert outcome == INVALID


async def test_a_key_for_something_else_verifies_nothing() -> None:
    async with local_world() as world:
        other = ECKey.generate_key("P-384", {"kid": "other"}).as_dict(private=False)
        publish(world.api, {**world.signer.public, "use": "enc"}, other)

        with pytest.raises(BackendUnavailableError, match="no key for ES256"):
            await world.ask(world.signer.sign())


ODD_KEYS = {
    "HTML": httpx.Response(200, html="x"),
    "404": httpx.Response(404, json={}),
    "302": httpx.Response(302, headers={"location": "https://evil.example/"}),
    "500": httpx.Response(500),
    "no keys": httpx.Response(200, json={"keys": []}),
    "keys that are text": httpx.Response(200, json={"keys": "x"}),
}


@pytest.mark.parametrize("answer", ODD_KEYS.values(), ids=ODD_KEYS.keys())
async def test_without_keys_it_cannot_be_found_out(answer: httpx.Response) -> None:
    async with local_world() as world:
        world.api.answers[JWKS] = answer

        with pytest.raises(BackendUnavailableError):
            await world.ask(world.signer.sign())


async def test_keys_that_are_known_outlive_an_outage() -> None:
    async with local_world() as world:
        await world.ask(world.signer.sign())
        world.api.answers[JWKS] = httpx.Response(500)
        await advance(world, 3601)

        outcome = await world.ask(world.signer.sign())

    assert isinstance(outcome, Caller)


async def test_no_token_shows_in_what_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with local_world() as world:
        several: list[dict[str, Any]] = [{}, {"aud": "billing"}, {"exp": 1}]
        for claims in several:
            token = world.signer.sign(**claims)
            await world.ask(token)
            assert token.rpartition(".")[2] not in caplog.text
            assert json.dumps(claims) not in caplog.text


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        (
            {"iss": "http://localhost:8094"},
            f"it is by 'http://localhost:8094'; NETSCRIPT_CALLERS_PUBLIC_URL says '{PUBLIC_URL}'",
        ),
        ({"aud": "wares"}, f"it is for 'wares'; NETSCRIPT_CALLERS_AUDIENCE says '{AUDIENCE}'"),
        ({"aud": "\x1b[2J" + "x" * 999}, "it is for '\\x1b[2Jxxx"),
    ],
)
async def test_a_token_by_or_for_somebody_else_is_warned_of_once(
    claims: dict[str, Any], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with local_world() as world:
        for _ in range(3):
            assert await world.ask(world.signer.sign(**claims)) == INVALID

    (warning,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert told in warning.getMessage()
    assert len(warning.getMessage()) < 400
    assert warning.getMessage().isprintable()


async def test_what_nobody_of_ours_signed_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with local_world() as world:
        stranger = TokenSigner(world.clock)

        assert await world.ask(stranger.sign(iss="https://stranger")) == INVALID

    assert "stranger" not in caplog.text


async def test_ten_different_ones_are_warned_of_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    async with local_world() as world:
        for number in range(12):
            await world.ask(world.signer.sign(aud=f"service-{number}"))

    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 10
