"""Id tokens as somebody would write them who may not."""

from collections.abc import Callable

from joserfc.jwk import Key, RSAKey

from tests.attacks.sites import Members
from tests.attacks.world import World
from tests.kv_oauth.raw_tokens import members_of, signed

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


def claims_of(token: str) -> Members:
    """Return what a token says."""
    return members_of(token.split(".")[1])
