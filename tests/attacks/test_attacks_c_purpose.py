"""Catalogue C8, C9 and C11: genuine tokens of another flow, for another access token, for another purpose."""

from collections.abc import Callable
from hashlib import sha256, sha512

import pytest

from netscript_dev_provider.misbehaviour import Misbehaviour
from netscript_kernel.ids import encode_base64url
from tests.attacks.addresses import query_of
from tests.attacks.id_tokens import TOKEN, claims_of, hand_out, hand_out_claims, kept_answers, published_key
from tests.attacks.opening import OFFLINE, open_world
from tests.attacks.oracle import refused_at_the_end
from tests.attacks.sites import Members
from tests.attacks.world import ISSUER, World
from tests.kv_oauth.raw_tokens import signed
from tests.support.web_browser import WebBrowser

INVALID, NONCE = "id_token_invalid", "nonce_mismatch"
US, OTHER = "auth-api-at-oidc", "another-client"
M = Misbehaviour


@pytest.mark.parametrize("fault", [M.WRONG_NONCE, M.MISSING_NONCE], ids=str)
async def test_c8_a_token_of_no_flow_or_of_another_one_is_refused(
    world: World, victim: WebBrowser, fault: Misbehaviour
) -> None:
    world.misbehave(fault)

    await refused_at_the_end(world, victim, 403, NONCE)


@pytest.mark.parametrize("whose", ["own", "another's"])
async def test_c8_a_token_of_an_earlier_flow_does_not_end_a_later_one(
    world: World, victim: WebBrowser, attacker: WebBrowser, whose: str
) -> None:
    kept = kept_answers(world)
    await world.sign_in(victim if whose == "own" else attacker, "bob")
    world.change(TOKEN, lambda _: kept[0])

    await refused_at_the_end(world, victim, 403, NONCE)


async def test_c8_a_token_of_another_flow_under_way_does_not_end_this_one(
    world: World, victim: WebBrowser, attacker: WebBrowser
) -> None:
    others = query_of(await world.begin(attacker))["nonce"]
    hand_out_claims(world, nonce=others)

    await refused_at_the_end(world, victim, 403, NONCE)


NONCES: dict[str, Callable[[str], object]] = {
    "cut short": lambda nonce: nonce[:-1],
    "with more": lambda nonce: f"{nonce}x",
    "after a space": lambda nonce: f" {nonce}",
    "padded": lambda nonce: f"{nonce}=",
    "in other letters": str.swapcase,
    "in a list": lambda nonce: [nonce],
    "in an object": lambda nonce: {"nonce": nonce},
    "hashed": lambda nonce: encode_base64url(sha256(nonce.encode()).digest()),
    "empty": lambda _: "",
    "null": lambda _: None,
    "true": lambda _: True,
}


@pytest.mark.parametrize("name", NONCES)
async def test_c8_what_only_resembles_the_nonce_is_another_one(
    world: World, victim: WebBrowser, name: str
) -> None:
    key = published_key(world)

    def make(header: Members, claims: Members) -> str:
        return signed(header, {**claims, "nonce": NONCES[name](claims["nonce"])}, key)

    hand_out(world, make)

    await refused_at_the_end(world, victim, 403, NONCE)


async def test_c9_a_token_for_another_access_token_is_refused(world: World, victim: WebBrowser) -> None:
    world.misbehave(M.WRONG_AT_HASH)

    event = await refused_at_the_end(world, victim, 403, INVALID)

    assert event.expected == "a valid at_hash"


async def test_c9_an_access_token_that_was_put_in_the_place_of_the_right_one_is_noticed(
    world: World, victim: WebBrowser
) -> None:
    world.change(TOKEN, lambda body: {**body, "access_token": "of-somebody-else-with-more-rights"})

    await refused_at_the_end(world, victim, 403, INVALID)


HASHES: dict[str, Callable[[str], object]] = {
    "empty": lambda _: "",
    "of another token": lambda _: _half("another-token"),
    "whole": lambda token: encode_base64url(sha256(token.encode()).digest()),
    "the other half": lambda token: encode_base64url(sha256(token.encode()).digest()[16:]),
    "in hex": lambda token: sha256(token.encode()).digest()[:16].hex(),
    "of another algorithm": lambda token: encode_base64url(sha512(token.encode()).digest()[:32]),
    "padded": lambda token: f"{_half(token)}==",
    "in other letters": lambda token: _half(token).swapcase(),
    "with space": lambda token: f"{_half(token)} ",
    "cut short": lambda token: _half(token)[:-2],
    "in a list": lambda token: [_half(token)],
    "a number": lambda _: 7,
    "true": lambda _: True,
    "the token itself": lambda token: token,
}


@pytest.mark.parametrize("name", HASHES)
async def test_c9_a_hash_that_is_not_exactly_this_tokens_half_is_refused(
    world: World, victim: WebBrowser, name: str
) -> None:
    key = published_key(world)

    def change(body: Members) -> Members:
        claims = {**claims_of(body["id_token"]), "at_hash": HASHES[name](body["access_token"])}
        return {**body, "id_token": signed({"kid": key.kid}, claims, key)}

    world.change(TOKEN, change)

    await refused_at_the_end(world, victim, 403, INVALID)


def _half(token: str) -> str:
    return encode_base64url(sha256(token.encode()).digest()[:16])


async def test_c11_a_logout_token_is_refused_by_its_type(world: World, victim: WebBrowser) -> None:
    world.misbehave(M.LOGOUT_TOKEN_TYP)

    await refused_at_the_end(world, victim, 403, INVALID)


OTHER_TYPES = [
    *("at+jwt", "application/at+jwt", "AT+JWT", "logout+jwt", "application/logout+jwt", "secevent+jwt"),
    *("token-introspection+jwt", "oauth-authz-req+jwt", "dpop+jwt", "client-authentication+jwt", "vc+sd-jwt"),
    *("JWS", "JOSE", "jwt;v=1", "JWT ", "application/application/jwt", "text/jwt", "", "id+jwt"),
]


@pytest.mark.parametrize("typ", OTHER_TYPES)
async def test_c11_no_other_type_passes_whatever_the_token_says(
    world: World, victim: WebBrowser, typ: str
) -> None:
    hand_out_claims(world, {"typ": typ})

    event = await refused_at_the_end(world, victim, 403, INVALID)

    assert event.expected == "typ JWT or none"


LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
OTHERS: dict[str, tuple[Members, str]] = {
    "an access token": ({"scope": "openid", "client_id": US, "jti": "1"}, NONCE),
    "a logout token": ({"events": {LOGOUT: {}}, "sid": "1", "jti": "1"}, NONCE),
    "userinfo, signed": ({"exp": None, "iat": None, "name": "Alice"}, INVALID),
    "an authorization response": ({"code": "c", "state": "s", "iat": None}, INVALID),
    "an introspection": ({"token_introspection": {"active": True}, "exp": None}, INVALID),
    "an assertion of ours": ({"iss": US, "sub": US, "aud": ISSUER}, NONCE),
    "a token of a refresh": ({}, NONCE),
    "a token for another application": ({"aud": OTHER, "azp": OTHER, "nonce": "ours"}, INVALID),
}


@pytest.mark.parametrize("name", OTHERS)
async def test_c11_another_token_of_the_same_provider_is_no_id_token(
    world: World, victim: WebBrowser, name: str
) -> None:
    own, reason = OTHERS[name]
    is_of_flow = own.get("nonce") == "ours"

    def make(_: Members, claims: Members) -> str:
        about = {each: claims[each] for each in ("iss", "sub", "aud", "iat", "exp")}
        said = {**about, **own, **({"nonce": claims["nonce"]} if is_of_flow else {})}
        return world.idp.sign({each: value for each, value in said.items() if value is not None}, "JWT")

    hand_out(world, make)

    await refused_at_the_end(world, victim, 403, reason)


async def test_c11_the_access_token_in_the_place_of_the_id_token_is_none(
    world: World, victim: WebBrowser
) -> None:
    world.change(TOKEN, lambda body: {**body, "id_token": body["access_token"]})

    await refused_at_the_end(world, victim, 403, INVALID)


async def test_c11_a_genuine_token_of_a_refresh_signs_nobody_in() -> None:
    async with open_world(scopes=OFFLINE) as world:
        browser = world.browser()
        await world.sign_in(browser)
        kept = kept_answers(world)
        await world.backend.sessions.refresh(await world.handle(browser))
        world.change(TOKEN, lambda _: kept[0])

        await refused_at_the_end(world, world.browser(), 403, NONCE)
