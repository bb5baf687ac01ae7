"""Catalogue C1 and C2: id tokens without a signature, and by what everybody knows."""

import hmac
import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import RSAKey

from netscript_dev_provider.misbehaviour import Misbehaviour
from netscript_kernel.ids import encode_base64url
from tests.attacks.id_tokens import hand_out, publish, published_key
from tests.attacks.oracle import refused, refused_at_the_end
from tests.attacks.sites import Members
from tests.attacks.world import CLIENT_SECRET, METADATA, World
from tests.kv_oauth.raw_tokens import signed, signed_part, written
from tests.support.web_browser import WebBrowser

INVALID = (403, "id_token_invalid")
M = Misbehaviour


@pytest.mark.parametrize("fault", [M.ALG_NONE, M.HS256_WITH_CLIENT_SECRET, M.HS256_WITH_PUBLIC_KEY], ids=str)
async def test_c1_c2_what_the_provider_signs_with_nothing_or_by_hmac_signs_nobody_in(
    world: World, victim: WebBrowser, fault: Misbehaviour
) -> None:
    callback = await world.agree(victim)
    world.misbehave(fault)

    await refused(world, world.come_back(victim, callback), *INVALID)

    assert await world.who(victim) is None


NAMES: list[object] = [
    *("none", "None", "NONE", "nOnE", " none", "none ", "none\x00", "n\u043ene", "\uff4eone", "", "null"),
    *(None, ["none"], ["RS256"], {"alg": "RS256"}, 0, False, True),
    *("rs256", "RS256 ", "RS256\x00", "RSA256", "RS1", "HS256,RS256", "dir", "RSA-OAEP", "ES256K", "EdDSA"),
]


@pytest.mark.parametrize("signature", ["none", "any", "genuine"])
@pytest.mark.parametrize("alg", NAMES, ids=ascii)
async def test_c1_no_other_spelling_of_an_algorithm_gets_by(
    world: World, victim: WebBrowser, alg: object, signature: str
) -> None:
    key = published_key(world)

    def make(header: Members, claims: Members) -> str:
        made = written({**header, "alg": alg}, claims)
        genuine = signed(header, claims, key).rpartition(".")[2]
        return made + {"none": "", "any": "QUJD", "genuine": genuine}[signature]

    hand_out(world, make)

    await refused_at_the_end(world, victim, *INVALID)


@pytest.mark.parametrize("tail", ["", ".", "..", ".AA.AA", ".AA.AA.AA", ".\n", ". ", ".="], ids=ascii)
async def test_c1_a_token_of_another_number_of_parts_is_none(
    world: World, victim: WebBrowser, tail: str
) -> None:
    hand_out(world, lambda header, claims: written({**header, "alg": "none"}, claims)[:-1] + tail)

    await refused_at_the_end(world, victim, *INVALID)


@pytest.mark.parametrize("signature", ["", "QUJD"], ids=["unsigned", "signed by nobody"])
@pytest.mark.parametrize(
    "header", ["{}", '{"alg":"none","alg":"RS256"}', '{"alg":"RS256","alg":"none"}', '{"ALG":"none"}', "[]"]
)
async def test_c1_a_header_with_no_algorithm_or_with_two_does_without_no_signature(
    world: World, victim: WebBrowser, header: str, signature: str
) -> None:
    def make(_: Members, claims: Members) -> str:
        return f"{encode_base64url(header.encode())}.{written({}, claims).split('.')[1]}.{signature}"

    hand_out(world, make)

    await refused_at_the_end(world, victim, *INVALID)


def _jwk(key: RSAKey) -> Members:
    return {**key.as_dict(private=False), "alg": "RS256", "use": "sig"}


def _public(encoding: Encoding, form: PublicFormat) -> Callable[[RSAKey], bytes]:
    return lambda key: key.public_key.public_bytes(encoding, form)


SPKI, PKCS1 = PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1
PUBLIC_SECRETS: dict[str, Callable[[RSAKey], bytes]] = {
    "the client's secret": lambda _: CLIENT_SECRET.encode(),
    "the client's id": lambda _: b"auth-api-at-oidc",
    "nothing": lambda _: b"",
    "PEM": _public(Encoding.PEM, SPKI),
    "PEM without its last line end": lambda key: _public(Encoding.PEM, SPKI)(key).rstrip(b"\n"),
    "PEM with other line ends": lambda key: _public(Encoding.PEM, SPKI)(key).replace(b"\n", b"\r\n"),
    "PEM of PKCS 1": _public(Encoding.PEM, PKCS1),
    "DER": _public(Encoding.DER, SPKI),
    "DER of PKCS 1": _public(Encoding.DER, PKCS1),
    "JWK as it is published": lambda key: json.dumps(_jwk(key)).encode(),
    "JWK without spaces": lambda key: json.dumps(_jwk(key), separators=(",", ":")).encode(),
    "JWK in order": lambda key: json.dumps(_jwk(key), separators=(",", ":"), sort_keys=True).encode(),
    "key set": lambda key: json.dumps({"keys": [_jwk(key)]}, separators=(",", ":")).encode(),
    "modulus as text": lambda key: str(_jwk(key)["n"]).encode(),
    "modulus": lambda key: key.public_key.public_numbers().n.to_bytes(256, "big"),
    "the key's id": lambda key: str(key.kid).encode(),
}


@pytest.mark.parametrize("digest", ["256", "384", "512"])
@pytest.mark.parametrize("secret", PUBLIC_SECRETS)
async def test_c2_nothing_that_others_know_makes_a_signature_by_hmac(
    world: World, victim: WebBrowser, secret: str, digest: str
) -> None:
    known = PUBLIC_SECRETS[secret](published_key(world))

    hand_out(world, lambda header, claims: _by_hmac(known, digest, header, claims))

    await refused_at_the_end(world, victim, *INVALID)


async def test_c2_a_secret_that_the_provider_publishes_as_a_key_verifies_nothing(
    world: World, victim: WebBrowser
) -> None:
    known = b"published by mistake, for everybody to see"
    oct_key = {"kty": "oct", "k": encode_base64url(known), "kid": "oct", "alg": "HS256", "use": "sig"}
    publish(world, published_key(world), oct_key)
    world.change(METADATA, lambda body: {**body, "id_token_signing_alg_values_supported": ["HS256", "RS256"]})

    hand_out(world, lambda header, claims: _by_hmac(known, "256", {**header, "kid": "oct"}, claims))

    await refused_at_the_end(world, victim, *INVALID)


def _by_hmac(secret: bytes, digest: str, header: Members, claims: Members) -> str:
    unsigned = written({**header, "alg": f"HS{digest}"}, claims)
    return unsigned + encode_base64url(hmac.digest(secret, signed_part(unsigned), f"sha{digest}"))
