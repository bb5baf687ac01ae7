"""Catalogue C4: which of a provider's keys may have signed, and how often anybody makes us ask for them."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from joserfc.jwk import ECKey, RSAKey

from netscript_auth_core.key_set import COOLDOWN
from netscript_dev_provider.misbehaviour import Misbehaviour
from tests.attacks.id_tokens import IMPOSTOR, JWKS, hand_out, named, publish, published_key
from tests.attacks.oracle import refused, refused_at_the_end
from tests.attacks.sites import Members
from tests.attacks.world import World
from tests.kv_oauth.raw_tokens import signed
from tests.support.web_browser import WebBrowser

INVALID = (403, "id_token_invalid")
OTHER_KIND = ECKey.generate_key("P-256", {"kid": "other-kind"})
UNHEARD_OF, AT_ONCE = 40, 20


async def test_c4_without_a_key_id_the_only_key_is_tried(world: World, victim: WebBrowser) -> None:
    world.misbehave(Misbehaviour.NO_KID)

    await world.sign_in(victim)

    assert await world.who(victim) == "Alice Example"


@pytest.mark.parametrize("signer", ["first", "second", "neither"])
async def test_c4_without_a_key_id_one_of_several_keys_must_have_signed(
    world: World, victim: WebBrowser, signer: str
) -> None:
    first = published_key(world)
    second, neither = named(IMPOSTOR, "second"), RSAKey.generate_key(2048)
    keys = {"first": first, "second": second, "neither": neither}
    publish(world, first, second, OTHER_KIND)
    hand_out(world, lambda _, claims: signed({}, claims, keys[signer]))

    if signer == "neither":
        await refused_at_the_end(world, victim, *INVALID)
    else:
        await world.sign_in(victim)

    assert (await world.who(victim) is None) == (signer == "neither")


@pytest.mark.parametrize("names", [("a", "a"), ("a", "b"), (None, None)], ids=str)
@pytest.mark.parametrize("kid", ["a", None])
async def test_c4_a_key_that_is_listed_twice_is_one_key(
    world: World, victim: WebBrowser, names: tuple[str | None, str | None], kid: str | None
) -> None:
    key = published_key(world)
    publish(world, *(_entry(key, name) for name in names))
    hand_out(world, lambda _, claims: signed(_kid(kid), claims, key))
    is_there = kid in {None, *names}

    answer = await _sign_in(world, victim)

    assert answer.status_code == (303 if is_there else 403)


@pytest.mark.parametrize("signer", ["first", "second"])
async def test_c4_two_keys_of_one_name_are_both_tried(world: World, victim: WebBrowser, signer: str) -> None:
    keys = {"first": published_key(world), "second": IMPOSTOR}
    publish(world, *(_entry(key, "same") for key in keys.values()))
    hand_out(world, lambda _, claims: signed({"kid": "same"}, claims, keys[signer]))

    await world.sign_in(victim)

    assert await world.who(victim) == "Alice Example"


@pytest.mark.parametrize(
    "change",
    [{"use": "enc"}, {"key_ops": ["sign"]}, {"alg": "RS384"}, {"alg": "none"}, {"kty": "rsa"}, {"e": "AQ"}],
    ids=str,
)
async def test_c4_a_key_that_is_published_for_something_else_verifies_nothing(
    world: World, victim: WebBrowser, change: Members
) -> None:
    publish(world, {**_entry(published_key(world), published_key(world).kid), **change})

    await refused_at_the_end(world, victim, *INVALID)


async def test_c4_a_key_of_another_kind_is_not_tried_for_an_algorithm_that_is_not_its_own(
    world: World, victim: WebBrowser
) -> None:
    publish(world, published_key(world), OTHER_KIND)
    forged = {"kid": OTHER_KIND.kid}
    hand_out(world, lambda _, claims: signed(forged, claims, IMPOSTOR))

    await refused_at_the_end(world, victim, *INVALID)


async def test_c4_a_key_that_was_changed_right_before_signing_is_fetched_at_once(world: World) -> None:
    first, later = world.browser(), world.browser()
    await world.sign_in(first)
    before = world.wire.paths[JWKS]

    await world.sign_in(later, "rotating-keys")

    assert await world.who(later) == "Rita Rotation"
    assert world.wire.paths[JWKS] == before + 1


async def test_c4_a_key_that_was_withdrawn_signs_nobody_in_once_the_keys_are_stale(
    world: World, victim: WebBrowser
) -> None:
    leaked = published_key(world)
    await world.sign_in(world.browser())
    world.idp.provider.keys.rotate()
    hand_out(world, lambda _, claims: signed({"kid": leaked.kid}, claims, leaked))
    world.clock.advance(timedelta(hours=1))

    await refused_at_the_end(world, victim, *INVALID)


async def test_c4_any_number_of_unheard_of_key_ids_makes_us_ask_once_in_a_while(world: World) -> None:
    await world.sign_in(world.browser())
    before = world.wire.paths[JWKS]
    numbers = iter(range(10 * UNHEARD_OF))
    hand_out(world, lambda _, claims: signed({"kid": f"made-up-{next(numbers)}"}, claims, IMPOSTOR))

    for _ in range(UNHEARD_OF // AT_ONCE):
        answers = await asyncio.gather(*(_sign_in(world, world.browser()) for _ in range(AT_ONCE)))
        assert {answer.status_code for answer in answers} == {403}

    assert world.wire.paths[JWKS] == before + 1
    world.clock.advance(COOLDOWN)
    await _sign_in(world, world.browser())
    assert world.wire.paths[JWKS] == before + 2


async def test_c4_key_ids_made_up_by_some_keep_nobody_else_out(world: World, victim: WebBrowser) -> None:
    genuine = published_key(world)
    hand_out(world, lambda _, claims: signed({"kid": "made-up"}, claims, IMPOSTOR))
    await _sign_in(world, world.browser())
    hand_out(world, lambda header, claims: signed(header, claims, genuine))

    await world.sign_in(victim)

    assert await world.who(victim) == "Alice Example"


@pytest.mark.parametrize("fault", [Misbehaviour.JWKS_500, Misbehaviour.HUGE_JWKS], ids=str)
async def test_c4_keys_that_cannot_be_had_are_an_outage_and_no_refusal(
    world: World, victim: WebBrowser, fault: Misbehaviour
) -> None:
    callback = await world.agree(victim)
    world.misbehave(fault)

    await refused(world, world.come_back(victim, callback), 503, "backend_unavailable")

    world.misbehave()
    await world.sign_in(victim)
    assert await world.who(victim) == "Alice Example"


@pytest.mark.parametrize("keys", [[], None, {}, "", [None, 1, [], {}], [{"kty": "RSA"}]], ids=str)
async def test_c4_a_set_without_a_usable_key_verifies_nothing(
    world: World, victim: WebBrowser, keys: object
) -> None:
    world.change(JWKS, lambda _: {"keys": keys})

    await refused_at_the_end(world, victim, *INVALID)


def _entry(key: RSAKey, kid: str | None) -> Members:
    members = {name: value for name, value in key.as_dict(private=False).items() if name != "kid"}
    return members if kid is None else {**members, "kid": kid}


async def _sign_in(world: World, browser: WebBrowser) -> httpx.Response:
    return await world.come_back(browser, await world.agree(browser))


def _kid(kid: str | None) -> Members:
    return {} if kid is None else {"kid": kid}
