"""Catalogue A3 to A7: what goes to the provider, and what somebody may wish for."""

import json
from base64 import urlsafe_b64decode
from hashlib import sha256

import httpx
import pytest

from netscript_kernel.ids import encode_base64url
from tests.attacks.addresses import query_of
from tests.attacks.oracle import refused
from tests.attacks.world import APP, CLIENT_SECRET, ISSUER, METADATA, SIGNIN, World
from tests.support.auth_api import FLOW_PREFIX
from tests.support.web_browser import WebBrowser

JSON = {"content-type": "application/json"}
MANY, SOME = 1000, 12
OF_THE_STANDARDS = frozenset(
    {
        *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce"),
        *("code_challenge", "code_challenge_method"),
    }
)
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
BITS = 128
LONG = "x" * 10_240


async def test_a3_a_thousand_authorization_requests_share_nothing_and_carry_nothing_else(
    world: World, victim: WebBrowser
) -> None:
    addresses = [await world.begin(victim) for _ in range(MANY)]

    queries = [query_of(address) for address in addresses]
    assert {frozenset(query) for query in queries} == {OF_THE_STANDARDS}
    assert {query["code_challenge_method"] for query in queries} == {"S256"}
    random = [query[name] for query in queries for name in ("state", "nonce", "code_challenge")]
    assert len(set(random)) == 3 * MANY
    assert min(len(urlsafe_b64decode(f"{text}==")) * 8 for text in random) >= BITS
    assert not [address for address in addresses if CLIENT_SECRET in address]


async def test_a3_every_verifier_fits_its_challenge_and_stays_off_the_address(
    world: World, victim: WebBrowser
) -> None:
    for _ in range(SOME):
        address = await world.begin(victim)

        await world.come_back(victim, await world.idp.sign_in(address))

        verifier = world.wire.forms("/token")[-1]["code_verifier"]
        assert 43 <= len(verifier) <= 128
        assert set(verifier) <= UNRESERVED
        assert query_of(address)["code_challenge"] == encode_base64url(sha256(verifier.encode()).digest())
        assert verifier not in address
    assert len({form["code_verifier"] for form in world.wire.forms("/token")}) == SOME


async def test_a3_the_flow_cookie_gives_away_neither_state_nor_nonce(
    world: World, victim: WebBrowser
) -> None:
    query = query_of(await world.begin(victim))

    (name,) = victim.jar.names(FLOW_PREFIX)

    cookie = f"{name}={victim.jar.value(name)}"
    pieces = [query[secret][at : at + 12] for secret in ("state", "nonce") for at in range(0, 30, 3)]
    assert not [piece for piece in pieces if piece in cookie]


UNKNOWN_PROVIDERS = [
    "nobody", "../x", "OIDC", "oidc ", "oidc\x00", "\u043eidc", "oidc,oidc", LONG,
    "<script>alert(1)</script>",
]  # fmt: skip


@pytest.mark.parametrize("provider", UNKNOWN_PROVIDERS, ids=lambda text: ascii(text)[:20])
async def test_a4_an_unknown_provider_is_refused_without_being_repeated(
    world: World, victim: WebBrowser, provider: str
) -> None:
    link = f"{SIGNIN}?{httpx.QueryParams({'providerId': provider})}"
    wish = json.dumps({"providerId": provider}).encode()
    told = "validation_error" if provider == LONG else "invalid_input"

    shown = await refused(world, victim.open(link), 422, "validation_error", told=told)
    answer = await refused(world, _post(victim, wish), 422, "validation_error", told=told)

    for text in (shown.text, answer.text):
        assert provider not in text or provider in "nobody"
        assert "script>" not in text
    assert list(answer.json()["data"]["fieldErrors"]) == ["providerId"]


@pytest.mark.parametrize("provider", ["5", "true", "[]", '["oidc"]', "{}", '{"$ne": ""}', "1e400", "NaN"])
async def test_a4_a_provider_that_is_no_text_is_refused(
    world: World, victim: WebBrowser, provider: str
) -> None:
    wish = f'{{"providerId": {provider}}}'.encode()
    is_json = provider not in {"1e400", "NaN"}

    expected = (422, "validation_error") if is_json else (400, "bad_request")
    await refused(world, _post(victim, wish), *expected)


async def test_a4_a_provider_that_is_named_twice_is_refused_not_chosen(
    two_providers: World,
) -> None:
    browser = two_providers.browser()
    link = f"{SIGNIN}?providerId=first&providerId=second"

    await refused(two_providers, browser.open(link), 422, "validation_error")


@pytest.mark.parametrize(
    "scopes", [["admin"], ["offline_access"], ["openid", "admin"], ["openid admin"], ["OPENID"], ["open\tid"]]
)
async def test_a5_more_scopes_than_configured_are_refused(
    world: World, victim: WebBrowser, scopes: list[str]
) -> None:
    wish = json.dumps({"scopes": scopes}).encode()
    link = f"{SIGNIN}?{httpx.QueryParams({'scopes': ' '.join(scopes)})}"

    told = "invalid_input"
    await refused(world, _post(victim, wish), 422, "validation_error", told=told)
    await refused(world, victim.open(link), 422, "validation_error", told=told)


async def test_a5_what_the_provider_grants_beyond_that_gives_no_role_here(
    world: World, victim: WebBrowser
) -> None:
    world.change("/token", lambda body: {**body, "scope": "openid email profile admin"})

    await world.sign_in(victim)

    session = await world.backends[0].sessions.get(await world.handle(victim))
    assert session is not None
    assert world.backends[0].principals.principal(session).roles == ()


@pytest.mark.parametrize(
    "hint",
    [
        f"&prompt=none&redirect_uri={APP}",
        "bob\r\nSet-Cookie: a=b\r\n\r\n<html>",
        "bob#&state=mine",
        "bob%26prompt%3dnone",
        "bob;prompt=none",
        "bob\u2028\u2029\x85",
        "\x00",
    ],
    ids=ascii,
)
async def test_a6_a_login_hint_stays_the_value_of_one_parameter(
    world: World, victim: WebBrowser, hint: str
) -> None:
    address = await world.begin(victim, loginHint=hint)
    answer = await _post(victim, json.dumps({"loginHint": hint}).encode())

    for each in (address, answer.json()["redirectUrl"]):
        query = query_of(each)
        assert query["login_hint"] == hint
        assert query.keys() == {*OF_THE_STANDARDS, "login_hint"}
        assert each.startswith(f"{ISSUER}/authorize?")
        assert each.isascii()
        assert each.isprintable()
    assert all(line.startswith(FLOW_PREFIX) for line in answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize("hint", ['"\\ud800"', f'"{"x" * 321}"', "5", '["bob"]'], ids=lambda text: text[:12])
async def test_a6_a_login_hint_that_no_address_can_carry_is_refused(
    world: World, victim: WebBrowser, hint: str
) -> None:
    wish = f'{{"loginHint": {hint}}}'.encode()

    is_text = hint != '"\\ud800"'
    expected = (422, "validation_error") if is_text else (400, "bad_request")
    await refused(world, _post(victim, wish), *expected)


@pytest.mark.parametrize("methods", [None, ["plain"], [], ["plain", "none"]], ids=str)
async def test_a7_no_metadata_talks_us_out_of_s256(
    world: World, victim: WebBrowser, methods: list[str] | None
) -> None:
    world.change(METADATA, lambda body: {**body, "code_challenge_methods_supported": methods})

    query = query_of(await world.begin(victim))

    assert query["code_challenge_method"] == "S256"
    assert len(query["code_challenge"]) == 43


async def test_a7_a_provider_that_forgets_pkce_in_the_middle_is_sent_the_verifier_nevertheless(
    world: World, victim: WebBrowser
) -> None:
    callback = await world.agree(victim)
    world.change(METADATA, lambda body: {**body, "code_challenge_methods_supported": None})

    answer = await world.come_back(victim, callback)

    assert answer.status_code == httpx.codes.SEE_OTHER
    assert len(world.wire.forms("/token")[0]["code_verifier"]) >= 43


async def _post(browser: WebBrowser, wish: bytes) -> httpx.Response:
    return await browser.fetch(SIGNIN, method="POST", body=wish, headers=JSON)
