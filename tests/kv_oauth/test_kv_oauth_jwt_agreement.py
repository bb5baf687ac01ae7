"""Four libraries, one key set: what we take for signed all of them do, and what one refuses we refuse."""

import hmac
import json
import string
from collections.abc import Callable

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives import hashes
from hypothesis import example, given
from hypothesis import strategies as st
from jose import jwt as jose_jwt
from joserfc import jwt as joserfc_jwt

from tests.kv_oauth.forged_signatures import (
    BLOCKS,
    ECDSA,
    EDWARDS,
    GOOD_BLOCK,
    RSA_NUMBERS,
    beyond_the_order,
    ecdsa,
    edwards,
    mirrored,
    pss,
    rsa_block,
    rsa_number,
)
from tests.kv_oauth.jwt_verdicts import CLAIMS, KNOWN, SIGNER_OF, SIGNERS, opinions, our_opinion
from tests.kv_oauth.raw_tokens import signed, signed_part, with_signature, written
from tests.kv_oauth.test_kv_oauth_keys import JSON

ours = our_opinion()
ALGORITHMS = sorted(SIGNER_OF)
CURVES = [("ES256", "p256"), ("ES384", "p384"), ("ES512", "p521")]


async def _expect_all(token: str, *, accept: bool) -> None:
    """Make sure that everybody who has an opinion has this one."""
    by_library = opinions(token)
    assert by_library
    assert set(by_library.values()) == {accept}, by_library
    assert await ours(token) is accept


def _by_joserfc(algorithm: str) -> str:
    signer = SIGNER_OF[algorithm]
    header = {"alg": algorithm, "kid": signer}
    return joserfc_jwt.encode(header, dict(CLAIMS), SIGNERS[signer], [algorithm])


def _by_pyjwt(algorithm: str) -> str:
    signer = SIGNER_OF[algorithm]
    pem = SIGNERS[signer].as_pem(private=True)
    return pyjwt.encode(dict(CLAIMS), pem, algorithm, headers={"kid": signer})


def _by_jose(algorithm: str) -> str:
    signer = SIGNER_OF[algorithm]
    pem = SIGNERS[signer].as_pem(private=True).decode()
    return jose_jwt.encode(dict(CLAIMS), pem, algorithm, headers={"kid": signer})


WRITERS: dict[str, Callable[[str], str]] = {"joserfc": _by_joserfc, "pyjwt": _by_pyjwt, "jose": _by_jose}
# joserfc signs under the old name of Ed25519 only with a warning.
WRITTEN = [
    (name, algorithm)
    for name in WRITERS
    for algorithm in ALGORITHMS
    if algorithm in KNOWN[name] and (name, algorithm) != ("joserfc", "EdDSA")
]


@pytest.mark.parametrize(("writer", "algorithm"), WRITTEN)
async def test_what_any_library_signs_all_accept(writer: str, algorithm: str) -> None:
    await _expect_all(WRITERS[writer](algorithm), accept=True)


@pytest.mark.parametrize(("algorithm", "signer"), CURVES)
async def test_the_other_signature_of_a_curve_is_as_good_to_all(algorithm: str, signer: str) -> None:
    await _expect_all(mirrored(algorithm, signer), accept=True)


@pytest.mark.parametrize("form", ECDSA)
@pytest.mark.parametrize(("algorithm", "signer"), CURVES)
async def test_no_other_form_of_an_ecdsa_signature_is_one(algorithm: str, signer: str, form: str) -> None:
    await _expect_all(ecdsa(algorithm, signer, form), accept=False)


@pytest.mark.parametrize("part", ["r", "s"])
async def test_no_number_beyond_the_order_of_the_curve_is_taken_for_the_one_that_it_equals(part: str) -> None:
    await _expect_all(beyond_the_order(part), accept=False)


async def test_a_block_that_is_padded_by_hand_as_the_standard_says_is_good() -> None:
    await _expect_all(rsa_block(GOOD_BLOCK), accept=True)


@pytest.mark.parametrize("name", BLOCKS)
async def test_no_hole_in_the_padding_of_rsa_lets_anything_through(name: str) -> None:
    await _expect_all(rsa_block(BLOCKS[name]), accept=False)


@pytest.mark.parametrize("name", RSA_NUMBERS)
async def test_no_number_but_the_signature_is_the_signature_of_rsa(name: str) -> None:
    await _expect_all(rsa_number(RSA_NUMBERS[name]), accept=False)


@pytest.mark.parametrize("mask", [hashes.SHA256, hashes.SHA384], ids=lambda mask: mask.name)
@pytest.mark.parametrize("salt", [0, 20, 32, 64, 222])
async def test_pss_is_good_with_the_salt_and_the_mask_of_its_digest_alone(
    salt: int, mask: type[hashes.SHA256 | hashes.SHA384]
) -> None:
    is_standard = salt == 32 and mask is hashes.SHA256

    await _expect_all(pss(salt, mask()), accept=is_standard)


@pytest.mark.parametrize("form", EDWARDS)
@pytest.mark.parametrize("algorithm", ["EdDSA", "Ed25519"])
async def test_no_other_form_of_an_edwards_signature_is_one(algorithm: str, form: str) -> None:
    await _expect_all(edwards(algorithm, form), accept=False)


@pytest.mark.parametrize("claimed", ALGORITHMS)
@pytest.mark.parametrize("used", ALGORITHMS)
async def test_a_signature_is_good_under_the_name_of_its_algorithm_and_no_other(
    used: str, claimed: str
) -> None:
    signer = SIGNER_OF[used]
    token = signed({"alg": claimed, "kid": signer}, dict(CLAIMS), SIGNERS[signer], used)

    is_same = used == claimed or {used, claimed} == {"EdDSA", "Ed25519"}
    await _expect_all(token, accept=is_same)


@pytest.mark.parametrize("kid", [*SIGNERS, "unheard-of"])
@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_a_signature_is_good_by_the_named_key_alone(algorithm: str, kid: str) -> None:
    signer = SIGNER_OF[algorithm]
    token = signed({"kid": kid}, dict(CLAIMS), SIGNERS[signer], algorithm)

    await _expect_all(token, accept=kid == signer)


@pytest.mark.parametrize("digest", ["256", "384", "512"])
@pytest.mark.parametrize("signer", SIGNERS)
async def test_no_public_key_serves_as_the_secret_of_an_hmac(signer: str, digest: str) -> None:
    key = SIGNERS[signer]
    public = dict(key.as_dict(private=False))
    secrets = [key.as_pem(private=False), key.as_der(private=False), json.dumps(public).encode()]
    unsigned = written({"alg": f"HS{digest}", "kid": signer}, dict(CLAIMS))

    for secret in (*secrets, secrets[0].strip(), str(public.get("n", public.get("x"))).encode()):
        mac = hmac.digest(secret, signed_part(unsigned), f"sha{digest}")
        assert not await ours(with_signature(unsigned, mac))


GOOD = {
    algorithm: signed({"kid": signer}, dict(CLAIMS), SIGNERS[signer], algorithm)
    for algorithm, signer in SIGNER_OF.items()
}
TEXT = string.ascii_letters + string.digits + "-_.=+/ \n"


@given(
    st.sampled_from(ALGORITHMS), st.integers(0), st.sampled_from(TEXT), st.sampled_from(["put", "add", "cut"])
)
async def test_no_token_with_one_other_character_is_accepted_by_us(
    algorithm: str, at: int, character: str, how: str
) -> None:
    good = GOOD[algorithm]
    place = at % len(good)
    changed = good[:place] + ("" if how == "cut" else character) + good[place + (how != "add") :]

    accepted = await ours(changed)

    assert accepted == (changed == good)
    assert not accepted or all(opinions(changed).values())


@given(st.sampled_from(ALGORITHMS), st.binary(max_size=140))
@example("ES256", bytes(64))
@example("Ed25519", bytes(64))
async def test_no_octets_are_a_signature_by_chance(algorithm: str, signature: bytes) -> None:
    token = with_signature(GOOD[algorithm], signature or b"\0")

    assert not await ours(token)
    assert not any(opinions(token).values())


NAMES = st.sampled_from(
    ["alg", "kid", "typ", "cty", "crit", "b64", "jku", "jwk", "x5u", "x5c", "x5t", "zip", "a"]
)


@given(st.sampled_from(ALGORITHMS), st.dictionaries(NAMES, JSON, max_size=3))
async def test_whatever_a_genuine_header_says_besides_what_we_take_for_signed_all_do(
    algorithm: str, more: dict[str, object]
) -> None:
    signer = SIGNER_OF[algorithm]
    token = signed({"kid": signer, **more}, dict(CLAIMS), SIGNERS[signer], algorithm)

    if not await ours(token):
        return

    refusing = {name for name, accepts in opinions(token).items() if not accepts}
    assert refusing <= _excused(more)


def _excused(header: dict[str, object]) -> set[str]:
    """Who may refuse a header that we take; ``test_kv_oauth_jwt_differences`` says why."""
    excused: set[str] = set()
    if any(header.get(name, "") is None for name in ("kid", "typ", "alg")):
        excused |= {"pyjwt", "joserfc"}
    if header.keys() & {"zip", "a", "cty", "x5c", "x5t"}:
        excused.add("joserfc")
    return excused
