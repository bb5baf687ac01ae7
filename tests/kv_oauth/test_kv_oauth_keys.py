"""A provider's keys: which ones may have signed, and how often they are asked for."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwk
from joserfc.errors import SecurityWarning

from netscript_auth_core.errors import BackendUnavailableError, FlowRefusedError
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.presets.protocol import ASYMMETRIC_ALGORITHMS
from netscript_kernel.jose.keys import MOST_KEYS, VerificationKey, read_key_set
from tests.kv_oauth.pretend import FIRST_KEY, Counter, open_pretend

SECOND_KEY = jwk.RSAKey.generate_key(2048, {"kid": "two"})
EC_KEYS = {curve: jwk.ECKey.generate_key(curve) for curve in ("P-256", "P-384", "P-521")}
EDWARDS_KEY = jwk.OKPKey.generate_key("Ed25519")
SIGNERS: dict[str, jwk.Key] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), FIRST_KEY),
    **dict(zip(("ES256", "ES384", "ES512"), EC_KEYS.values(), strict=True)),
    "Ed25519": EDWARDS_KEY,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("algorithm", SIGNERS)
async def test_every_asymmetric_algorithm_is_good_with_a_key_of_its_kind(algorithm: str) -> None:
    async with open_pretend() as counter:
        _publish(counter, SIGNERS[algorithm])
        counter.idp.signing_key, counter.idp.algorithm = SIGNERS[algorithm], algorithm
        counter.idp.header = {}

        assert (await counter.sign_in()).issued.token


@pytest.mark.parametrize("algorithm", ["RS384", "ES256", "Ed25519"])
async def test_an_algorithm_that_the_provider_does_not_announce_is_refused(algorithm: str) -> None:
    async with open_pretend() as counter:
        counter.idp.metadata["id_token_signing_alg_values_supported"] = ["RS256"]
        _publish(counter, FIRST_KEY, SIGNERS[algorithm])
        counter.idp.signing_key, counter.idp.algorithm = SIGNERS[algorithm], algorithm
        counter.idp.header = {}

        await _expect_refusal(counter)


async def test_a_provider_that_announces_none_but_weak_algorithms_is_refused() -> None:
    async with open_pretend() as counter:
        counter.idp.metadata["id_token_signing_alg_values_supported"] = ["HS256", "none"]

        await _expect_refusal(counter)


async def test_without_a_key_id_one_of_several_keys_may_have_signed() -> None:
    async with open_pretend() as counter:
        _publish(counter, SECOND_KEY, FIRST_KEY, EC_KEYS["P-256"])
        counter.idp.header = {}

        assert (await counter.sign_in()).issued.token


@pytest.mark.parametrize("header", [{}, {"kid": "one"}], ids=["no kid", "kid"])
@pytest.mark.parametrize("names", [("one", "one"), ("one", "two")], ids=["same kid", "other kid"])
async def test_a_key_that_is_listed_twice_is_one_key(
    names: tuple[str, str], header: dict[str, object]
) -> None:
    async with open_pretend() as counter:
        counter.idp.keys = [{**_public(FIRST_KEY), "kid": name} for name in names]
        counter.idp.header = header

        assert (await counter.sign_in()).issued.token


async def test_without_a_key_id_a_signature_by_two_different_keys_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(VerificationKey, "verifies", _agree)
    async with open_pretend() as counter:
        _publish(counter, FIRST_KEY, SECOND_KEY)
        counter.idp.header = {}

        await _expect_refusal(counter)


async def test_a_known_key_that_did_not_sign_is_refused_without_another_look() -> None:
    async with open_pretend() as counter:
        counter.idp.signing_key = SECOND_KEY
        counter.idp.header = {"kid": "one"}

        await _expect_refusal(counter)

        assert counter.idp.count("/jwks") == 1


async def test_a_key_of_another_provider_is_refused() -> None:
    async with open_pretend() as counter:
        counter.idp.signing_key = SECOND_KEY
        counter.idp.header = {"kid": "two"}

        await _expect_refusal(counter)


@pytest.mark.parametrize(
    "entry",
    [
        {"use": "enc"},
        {"key_ops": ["encrypt"]},
        {"key_ops": "verify"},
        {"alg": "RS512"},
        {"kty": "EC"},
        {"kty": None},
        {"n": None},
        {"n": "!"},
        {"e": ""},
        {"e": "AQ"},
        {"d": "AQAB"},
        {"kid": "another"},
        {"kid": 1},
    ],
)
async def test_a_key_that_is_not_meant_for_this_does_not_verify(entry: dict[str, object]) -> None:
    async with open_pretend() as counter:
        counter.idp.keys = [{**_public(FIRST_KEY), **entry}]

        await _expect_refusal(counter)


@pytest.mark.parametrize("bits", [1024, 2040])
async def test_a_short_rsa_key_is_no_key(bits: int) -> None:
    with pytest.warns(SecurityWarning):
        weak = jwk.RSAKey.generate_key(bits, {"kid": "one"})
    async with open_pretend() as counter:
        counter.idp.signing_key = weak
        _publish(counter, weak)

        await _expect_refusal(counter)


async def test_entries_that_cannot_be_read_do_not_spoil_the_others() -> None:
    async with open_pretend() as counter:
        broken: list[Any] = [7, None, [], {}, {"kty": "AKP"}, {"kty": "oct", "k": "AAAA"}, {"kty": "RSA"}]
        counter.idp.keys = [*broken, _public(FIRST_KEY)]

        assert (await counter.sign_in()).issued.token


async def test_a_rotated_key_is_fetched_at_once_and_as_often_as_the_provider_rotates() -> None:
    async with open_pretend() as counter:
        await counter.sign_in()
        for turn in range(3):
            key = jwk.ECKey.generate_key("P-256", {"kid": f"turn-{turn}"})
            _publish(counter, key)
            counter.idp.signing_key, counter.idp.algorithm = key, "ES256"
            counter.idp.header = {"kid": f"turn-{turn}"}

            assert (await counter.sign_in()).issued.token

        assert counter.idp.count("/jwks") == 4


async def test_a_hundred_unknown_key_ids_cost_the_provider_one_request_per_cooldown() -> None:
    async with open_pretend() as counter:
        await counter.sign_in()
        asked = counter.idp.count("/jwks")

        for turn in range(100):
            counter.idp.header = {"kid": f"made-up-{turn}"}
            await _expect_refusal(counter)

        assert counter.idp.count("/jwks") == asked + 1
        counter.clock.advance(timedelta(seconds=30))
        await _expect_refusal(counter)
        assert counter.idp.count("/jwks") == asked + 2


async def test_unknown_key_ids_at_the_same_time_share_one_request() -> None:
    async with open_pretend() as counter:
        await counter.sign_in()
        counter.idp.header = {"kid": "made-up"}

        answers = await asyncio.gather(*(counter.sign_in() for _ in range(20)), return_exceptions=True)

        assert all(isinstance(answer, FlowRefusedError) for answer in answers)
        assert counter.idp.count("/jwks") == 2


async def test_keys_that_cannot_be_had_are_an_outage_and_no_refusal() -> None:
    async with open_pretend() as counter:
        counter.idp.overrides["/jwks"] = lambda _: httpx.Response(503)

        with pytest.raises(BackendUnavailableError):
            await counter.sign_in()

        del counter.idp.overrides["/jwks"]
        assert (await counter.sign_in()).issued.token


async def test_keys_are_kept_for_an_hour_and_in_an_outage_for_a_day() -> None:
    async with open_pretend() as counter:
        await counter.sign_in()
        counter.clock.advance(timedelta(minutes=59))
        await counter.sign_in()
        assert counter.idp.count("/jwks") == 1

        counter.idp.overrides["/jwks"] = lambda _: httpx.Response(500)
        counter.clock.advance(timedelta(hours=22))
        assert (await counter.sign_in()).issued.token

        counter.clock.advance(timedelta(hours=2))
        with pytest.raises(BackendUnavailableError):
            await counter.sign_in()


def test_only_so_many_keys_are_looked_at() -> None:
    document: dict[str, object] = {"keys": [{"kty": "oct", "k": "AA"}] * MOST_KEYS + [_public(FIRST_KEY)]}

    assert read_key_set(document, ASYMMETRIC_ALGORITHMS) == ()


@given(st.dictionaries(st.sampled_from(["kty", "n", "e", "crv", "x", "y", "use", "key_ops", "alg"]), JSON))
def test_no_key_whatever_it_is_made_of_is_an_error(changes: dict[str, Any]) -> None:
    for key in (FIRST_KEY, EC_KEYS["P-256"], EDWARDS_KEY):
        entries = [changes, {**_public(key), **changes}]

        assert len(read_key_set({"keys": entries}, ASYMMETRIC_ALGORITHMS)) <= 1


@given(JSON)
def test_no_key_set_whatever_it_is_made_of_is_an_error(keys: object) -> None:
    assert read_key_set({"keys": keys}, ASYMMETRIC_ALGORITHMS) == ()


def _agree(*_: object) -> bool:
    return True


def _public(key: jwk.Key) -> dict[str, Any]:
    return dict(key.as_dict(private=False))


def _publish(counter: Counter, *keys: jwk.Key) -> None:
    counter.idp.keys = [_public(key) for key in keys]


async def _expect_refusal(counter: Counter) -> None:
    with pytest.raises(FlowRefusedError) as refusal:
        await counter.sign_in()
    assert refusal.value.code is FlowReason.ID_TOKEN_INVALID
