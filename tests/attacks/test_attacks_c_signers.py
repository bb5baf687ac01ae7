"""Catalogue C3 and C5: id tokens that somebody else signed, and those that name their own key."""

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from netscript_dev_provider.misbehaviour import Misbehaviour
from tests.attacks.id_tokens import IMPOSTOR, hand_out, hand_out_claims, named, published_key
from tests.attacks.oracle import refused, refused_at_the_end
from tests.attacks.sites import Members
from tests.attacks.world import EVIL, ISSUER, World
from tests.kv_oauth.raw_tokens import signed
from tests.support.web_browser import WebBrowser

INVALID = (403, "id_token_invalid")
M = Misbehaviour


OTHER_KEYS: dict[str, RSAKey | ECKey | OKPKey] = {
    "RS256": IMPOSTOR,
    "PS512": IMPOSTOR,
    "ES256": ECKey.generate_key("P-256"),
    "Ed25519": OKPKey.generate_key("Ed25519"),
}


async def test_c3_a_key_that_nobody_published_signs_nobody_in(world: World, victim: WebBrowser) -> None:
    callback = await world.agree(victim)
    world.misbehave(M.FOREIGN_KEY)

    await refused(world, world.come_back(victim, callback), *INVALID)


@pytest.mark.parametrize("algorithm", OTHER_KEYS)
@pytest.mark.parametrize("kid", ["theirs", "ours", None])
async def test_c3_another_key_signs_nobody_in_under_whatever_name(
    world: World, victim: WebBrowser, algorithm: str, kid: str | None
) -> None:
    key = OTHER_KEYS[algorithm]
    kids = {"theirs": published_key(world).kid, "ours": key.thumbprint(), None: None}

    hand_out(world, lambda _, claims: signed(_kid(kids[kid]), claims, key, algorithm))

    await _expect_refusal(world, victim)


@pytest.mark.parametrize("kid", ["of the first", "of the second", None])
async def test_c3_a_key_of_another_of_our_providers_signs_nobody_in_at_this_one(
    two_providers: World, kid: str | None
) -> None:
    world, victim = two_providers, two_providers.browser()
    first, second = (idp.provider.keys.current for idp in world.idps.values())
    kids = {"of the first": first.kid, "of the second": second.kid, None: None}
    await _sign_in_at(world, world.browser(), "second")  # its keys are known here

    hand_out(world, lambda _, claims: signed(_kid(kids[kid]), claims, second))

    callback = await world.agree(victim, providerId="first")
    await refused(world, world.come_back(victim, callback), *INVALID)


async def test_c3_two_providers_whose_keys_have_the_same_name_are_not_mixed_up(two_providers: World) -> None:
    world = two_providers
    world.idps["second"].provider.keys.current = named(IMPOSTOR, str(published_key(world).kid))

    for provider in ("first", "second"):
        assert await _sign_in_at(world, world.browser(), provider) == 303

    second = world.idps["second"].provider.keys.current
    hand_out(world, lambda header, claims: signed(header, claims, second))
    assert await _sign_in_at(world, world.browser(), "first") == 403


async def test_c3_a_genuine_token_of_another_of_our_providers_signs_nobody_in_at_this_one(
    two_providers: World,
) -> None:
    world, victim = two_providers, two_providers.browser()
    second = world.idps["second"]

    hand_out(world, lambda _, claims: second.sign({**claims, "iss": second.issuer}))

    callback = await world.agree(victim, providerId="first")
    await refused(world, world.come_back(victim, callback), *INVALID)


async def _sign_in_at(world: World, browser: WebBrowser, provider: str) -> int:
    address = await world.begin(browser, providerId=provider)
    answer = await world.come_back(browser, await world.idps[provider].sign_in(address))
    return answer.status_code


@pytest.mark.parametrize("fault", [M.CRIT_HEADER, M.JKU_HEADER, M.JWK_HEADER], ids=str)
async def test_c5_a_provider_that_names_a_key_in_its_token_signs_nobody_in(
    world: World, victim: WebBrowser, fault: Misbehaviour
) -> None:
    callback = await world.agree(victim)
    world.misbehave(fault)

    await refused(world, world.come_back(victim, callback), *INVALID)


UNWANTED: dict[str, Members] = {
    "jku elsewhere": {"jku": f"{EVIL}/jwks"},
    "jku of the provider itself": {"jku": f"{ISSUER}/jwks"},
    "jku of this machine": {"jku": "file:///etc/passwd"},
    "x5u elsewhere": {"x5u": f"{EVIL}/cert"},
    "jwk": {"jwk": IMPOSTOR.as_dict(private=False)},
    "an empty jwk": {"jwk": {}},
    "jwk that is text": {"jwk": "none"},
    "crit of nothing": {"crit": []},
    "crit of a claim": {"crit": ["exp"]},
    "crit of what everybody knows": {"crit": ["alg"]},
    "crit of b64": {"crit": ["b64"], "b64": False},
    "b64 false": {"b64": False},
    "b64 true": {"b64": True},
}


@pytest.mark.parametrize("signer", ["provider", "impostor"])
@pytest.mark.parametrize("name", UNWANTED)
async def test_c5_a_header_that_brings_a_key_or_changes_the_rules_is_refused_and_nothing_is_fetched(
    world: World, victim: WebBrowser, name: str, signer: str
) -> None:
    key = published_key(world) if signer == "provider" else IMPOSTOR

    hand_out(world, lambda header, claims: signed({**header, **UNWANTED[name]}, claims, key))

    await _expect_refusal(world, victim)


@pytest.mark.parametrize("more", [{"x5c": ["MIIB"]}, {"x5t": "AA"}, {"x5t#S256": "AA"}], ids=str)
async def test_c5_a_certificate_in_the_header_neither_helps_nor_harms(world: World, more: Members) -> None:
    browser, victim = world.browser(), world.browser()
    hand_out_claims(world, more)
    await world.sign_in(browser)

    hand_out(world, lambda header, claims: signed({**header, **more}, claims, IMPOSTOR))

    await _expect_refusal(world, victim)


@pytest.mark.parametrize("kid", ["../jwks", f"{EVIL}/jwks", "' or 1=1 --", "\x00", "/dev/null", "x" * 8000])
async def test_c5_the_name_of_a_key_is_looked_up_and_never_followed(
    world: World, victim: WebBrowser, kid: str
) -> None:
    hand_out(world, lambda header, claims: signed({**header, "kid": kid}, claims, IMPOSTOR))

    await _expect_refusal(world, victim)


async def _expect_refusal(world: World, victim: WebBrowser) -> None:
    """Sign in, be refused, and see that nobody else was asked for a key."""
    await refused_at_the_end(world, victim, *INVALID)
    assert {request.url.host for request in world.wire.requests} == {"idp.localhost"}


def _kid(kid: str | None) -> Members:
    return {} if kid is None else {"kid": kid}
