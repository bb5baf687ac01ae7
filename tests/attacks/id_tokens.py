"""Id tokens as somebody would write them who may not."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable

from joserfc.jwk import Key, RSAKey
from joserfc.jws import JWSRegistry

from netscript_kernel.ids import encode_base64url
from tests.attacks.sites import Members
from tests.attacks.world import World

JWKS = "/jwks"
TOKEN = "/token"
IMPOSTOR = RSAKey.generate_key(2048, {"kid": "impostor"})

Make = Callable[[Members, Members], str]


def hand_out(world: World, make: Make) -> None:
    """Have the token endpoint hand out what is made of header and claims of the genuine id token."""

    def change(body: Members) -> Members:
        header, claims, _ = body["id_token"].split(".")
        return {**body, "id_token": make(members_of(header), members_of(claims))}

    world.change(TOKEN, change)


def hand_out_claims(world: World, header: Members | None = None, **claims: object) -> None:
    """Have it hand out tokens signed as the genuine ones are, with these members instead or besides."""
    key = published_key(world)

    def make(own_header: Members, own: Members) -> str:
        return signed({**own_header, **(header or {})}, {**own, **claims}, key)

    hand_out(world, make)


def kept_answers(world: World) -> list[Members]:
    """Keep what the token endpoint answers from now on."""
    kept: list[Members] = []

    def change(body: Members) -> Members:
        kept.append(body)
        return body

    world.change(TOKEN, change)
    return kept


def published_key(world: World) -> RSAKey:
    """The key with which the first provider signs."""
    return world.idp.provider.keys.current


def publish(world: World, *keys: Key | Members) -> None:
    """Have the provider publish these keys."""
    entries = [dict(key.as_dict(private=False)) if isinstance(key, Key) else key for key in keys]
    world.change(JWKS, lambda _: {"keys": entries})


def named(key: RSAKey, kid: str) -> RSAKey:
    """Return the same key under another name."""
    return RSAKey.import_key({**key.as_dict(private=True), "kid": kid})


def written(header: object, claims: object, signature: bytes = b"") -> str:
    """Write a token of any three parts, with numbers that no other writer would let pass."""
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(map(encode_base64url, parts))


def signed(header: Members, claims: Members, key: Key, algorithm: str = "RS256") -> str:
    """Write a token that this key signed, whatever else its header says."""
    unsigned = written({"alg": algorithm, **header}, claims)
    signature = JWSRegistry.algorithms[algorithm].sign(signed_part(unsigned), key)
    return unsigned + encode_base64url(signature)


def signed_part(token: str) -> bytes:
    """What the signature of a token covers."""
    return token.rpartition(".")[0].encode()


def members_of(part: str) -> Members:
    """Return the members of a part of a token."""
    members: Members = json.loads(urlsafe_b64decode(part + "=="))
    return members


def claims_of(token: str) -> Members:
    """Return what a token says."""
    return members_of(token.split(".")[1])
