"""Faults of tokens: claims and header of the id token and of the logout token, and the signature of both."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Final

from netscript_dev_provider.changes import Change, Members, drop, each, move_times, put
from netscript_dev_provider.config import Client
from netscript_dev_provider.keys import SigningKeys
from netscript_dev_provider.misbehaviour import Misbehaviour

IMPOSTOR: Final = "http://impostor.localhost"
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
_HOUR: Final = 3600

Sign = Callable[[bytes], bytes]


def _share_audience(claims: Members) -> None:
    claims["aud"] = [claims["aud"], "another-client"]


CLAIM_FAULTS: Final[Mapping[Misbehaviour, Change]] = {
    # Times come first: they count from ``iat``, which a later one takes away.
    Misbehaviour.EXPIRED: move_times(exp=-_HOUR, iat=-2 * _HOUR),
    Misbehaviour.IAT_IN_FUTURE: move_times(exp=2 * _HOUR, iat=_HOUR),
    Misbehaviour.NBF_IN_FUTURE: move_times(nbf=_HOUR),
    Misbehaviour.OLD_AUTH_TIME: move_times(auth_time=-24 * _HOUR),
    Misbehaviour.AUTH_TIME_IN_FUTURE: move_times(auth_time=_HOUR),
    Misbehaviour.AUTH_TIME_AS_TEXT: put("auth_time", "just now"),
    Misbehaviour.MISSING_AUTH_TIME: drop("auth_time"),
    Misbehaviour.EXP_AS_TEXT: put("exp", "tomorrow"),
    Misbehaviour.EXP_NOT_A_NUMBER: put("exp", float("nan")),
    Misbehaviour.EXP_IN_FAR_FUTURE: put("exp", 8_640_000_000_000),
    Misbehaviour.MISSING_EXP: drop("exp"),
    Misbehaviour.MISSING_IAT: drop("iat"),
    Misbehaviour.WRONG_ISS_IN_ID_TOKEN: put("iss", IMPOSTOR),
    Misbehaviour.MISSING_ISS_IN_ID_TOKEN: drop("iss"),
    Misbehaviour.AUD_LIST_WITHOUT_AZP: _share_audience,
    Misbehaviour.AUD_LIST_WITH_WRONG_AZP: each(_share_audience, put("azp", "another-client")),
    Misbehaviour.AUD_LIST_WITHOUT_US: put("aud", ["another-client", "a-third-client"]),
    Misbehaviour.WRONG_AUD: put("aud", "another-client"),
    Misbehaviour.MISSING_AUD: drop("aud"),
    Misbehaviour.MISSING_SUB: drop("sub"),
    Misbehaviour.EMPTY_SUB: put("sub", ""),
    Misbehaviour.NUMERIC_SUB: put("sub", 123),
    Misbehaviour.LONG_SUB: put("sub", "s" * 300),
    Misbehaviour.WRONG_NONCE: put("nonce", "the-nonce-of-another-flow"),
    Misbehaviour.MISSING_NONCE: drop("nonce"),
    Misbehaviour.WRONG_AT_HASH: put("at_hash", "the-hash-of-another-one"),
}

HEADER_FAULTS: Final[Mapping[Misbehaviour, Change]] = {
    Misbehaviour.CRIT_HEADER: each(put("crit", ["x-unheard-of"]), put("x-unheard-of", "yes")),
    Misbehaviour.JKU_HEADER: put("jku", f"{IMPOSTOR}/jwks"),
    Misbehaviour.NO_KID: drop("kid"),
    Misbehaviour.UNKNOWN_KID: put("kid", "a-key-that-nobody-published"),
    Misbehaviour.LOGOUT_TOKEN_TYP: put("typ", "logout+jwt"),
}


LOGOUT_CLAIM_FAULTS: Final[Mapping[Misbehaviour, Change]] = {
    Misbehaviour.LOGOUT_OLD: move_times(iat=-_HOUR),
    Misbehaviour.LOGOUT_EXPIRED: move_times(exp=-_HOUR),
    Misbehaviour.LOGOUT_WITHOUT_EXP: drop("exp"),
    Misbehaviour.LOGOUT_WRONG_ISS: put("iss", IMPOSTOR),
    Misbehaviour.LOGOUT_WRONG_AUD: put("aud", "another-client"),
    Misbehaviour.LOGOUT_WITHOUT_EVENTS: drop("events"),
    Misbehaviour.LOGOUT_OTHER_EVENT: put("events", {"http://schemas.openid.net/event/another": {}}),
    Misbehaviour.LOGOUT_EVENT_NOT_AN_OBJECT: put("events", [LOGOUT_EVENT]),
    Misbehaviour.LOGOUT_WITH_NONCE: put("nonce", "a-nonce-of-some-flow"),
    Misbehaviour.LOGOUT_WITHOUT_SUB_AND_SID: each(drop("sub"), drop("sid")),
    Misbehaviour.LOGOUT_WITHOUT_JTI: drop("jti"),
    Misbehaviour.LOGOUT_SAME_JTI: put("jti", "the-jti-of-every-logout-token"),
}

LOGOUT_HEADER_FAULTS: Final[Mapping[Misbehaviour, Change]] = {
    Misbehaviour.LOGOUT_WRONG_TYP: put("typ", "at+jwt"),
}


def _unsigned(header: Members, _: Client, __: SigningKeys) -> Sign:
    header["alg"] = "none"
    return lambda _: b""


def _mac_by_client_secret(header: Members, client: Client, _: SigningKeys) -> Sign:
    return _mac(header, (client.client_secret or client.client_id).encode())


def _mac_by_public_key(header: Members, _: Client, keys: SigningKeys) -> Sign:
    return _mac(header, keys.current.as_pem(private=False))


def _mac(header: Members, secret: bytes) -> Sign:
    header["alg"] = "HS256"
    return lambda message: hmac.digest(secret, message, hashlib.sha256)


def _by_impostor(_: Members, __: Client, keys: SigningKeys) -> Sign:
    return keys.sign_as_impostor


def _by_embedded_key(header: Members, _: Client, keys: SigningKeys) -> Sign:
    header["jwk"] = keys.foreign.as_dict(private=False)
    return keys.sign_as_impostor


SIGNATURE_FAULTS: Final[Mapping[Misbehaviour, Callable[[Members, Client, SigningKeys], Sign]]] = {
    Misbehaviour.FOREIGN_KEY: _by_impostor,
    Misbehaviour.JWK_HEADER: _by_embedded_key,
    Misbehaviour.HS256_WITH_CLIENT_SECRET: _mac_by_client_secret,
    Misbehaviour.HS256_WITH_PUBLIC_KEY: _mac_by_public_key,
    Misbehaviour.ALG_NONE: _unsigned,
}
"""Each takes the header, which it may change, and returns what makes the signature; the last one wins."""
