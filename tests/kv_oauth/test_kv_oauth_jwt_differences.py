"""Where the four libraries differ about a token with a good signature, and why we side as we do."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import jwt as pyjwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jose import jwt as jose_jwt
from jose.exceptions import JOSEError

from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_kv_oauth.provider.id_token_claims import CLOCK_SKEW, check_claims
from netscript_kernel.jose.jws import parse_jws
from tests.kv_oauth.jwt_verdicts import CLAIMS, JWKS, SIGNERS, WANTED, opinions, our_opinion
from tests.kv_oauth.raw_tokens import joined, sealed, signed

KEY, HEADER = SIGNERS["rsa"], {"alg": "RS256", "kid": "rsa"}
GOOD = signed(HEADER, dict(CLAIMS), KEY)
HEAD, PAYLOAD, SIGNATURE = GOOD.split(".")
PLAIN = json.dumps(dict(CLAIMS)).encode()
ours = our_opinion()


def _header(**more: object) -> str:
    return signed({**HEADER, **more}, dict(CLAIMS), KEY)


def _raw(header: bytes = json.dumps(HEADER).encode(), payload: bytes = PLAIN) -> str:
    return sealed(joined(header, payload), KEY, "RS256")


@dataclass(frozen=True)
class Difference:
    """A token, and what is thought of it.

    Attributes:
        by: Who accepts it.
        why: Why we do, or do not.
    """

    token: str
    by: frozenset[str]
    why: str


def _by(*names: str) -> frozenset[str]:
    return frozenset(names)


ALL: Final = _by("joserfc", "pyjwt", "jose")
ONE_SPELLING = "one token has one spelling: what is compared or kept as text must not have twins"
NO_JSON = "no JSON (RFC 8259); two readers of it may see two things"
NO_KEYS = "a key is never taken from where the token points (RFC 8725 section 3.10)"
NO_EXTENSIONS = "an extension that must be understood, or that changes what is signed; we understand none"

STRICTER: dict[str, Difference] = {
    "padding": Difference(f"{GOOD}==", _by("pyjwt", "jose"), ONE_SPELLING),
    "half of the padding": Difference(f"{GOOD}=", _by("jose"), ONE_SPELLING),
    "bits left over": Difference(GOOD[:-1] + chr(ord(GOOD[-1]) + 1), _by("jose"), ONE_SPELLING),
    "crit that nobody knows": Difference(_header(crit=["x"], x=1), _by("jose"), NO_EXTENSIONS),
    "crit of nothing": Difference(_header(crit=[]), _by("joserfc", "jose"), NO_EXTENSIONS),
    "crit of b64": Difference(_header(crit=["b64"], b64=True), ALL, NO_EXTENSIONS),
    "b64": Difference(_header(b64=True), ALL, NO_EXTENSIONS),
    "b64 false": Difference(_header(b64=False), _by("jose"), NO_EXTENSIONS),
    "jku": Difference(_header(jku="https://evil.example/jwks"), ALL, NO_KEYS),
    "x5u": Difference(_header(x5u="https://evil.example/cert"), ALL, NO_KEYS),
    "jwk": Difference(_header(jwk={}), ALL, NO_KEYS),
    "typ of an access token": Difference(
        _header(typ="at+jwt"), ALL, "a token for another purpose (RFC 8725 section 3.11)"
    ),
    "typ that is no text": Difference(_header(typ=[1]), _by("pyjwt", "jose"), "no type at all"),
    "a mark in front": Difference(
        _raw(b"\xef\xbb\xbf" + json.dumps(HEADER).encode()), _by("joserfc", "pyjwt"), NO_JSON
    ),
    "UTF-16": Difference(_raw(json.dumps(HEADER).encode("utf-16")), _by("joserfc", "pyjwt"), NO_JSON),
    "a payload in UTF-16": Difference(
        _raw(payload=PLAIN.decode().encode("utf-16")), _by("joserfc", "pyjwt"), NO_JSON
    ),
    "NaN in the header": Difference(_header(x=float("nan")), _by("pyjwt", "jose"), NO_JSON),
    "NaN in the payload": Difference(signed(HEADER, {**CLAIMS, "x": float("nan")}, KEY), ALL, NO_JSON),
    "half a character": Difference(signed(HEADER, {**CLAIMS, "x": "\ud800"}, KEY), ALL, NO_JSON),
    "no end": Difference(
        signed(HEADER, {**CLAIMS, "x": "x" * 20_000}, KEY), ALL, "no id token is so long, and reading costs"
    ),
}
LAXER: dict[str, Difference] = {
    "a header that joserfc does not know": Difference(
        _header(zip="DEF"), _by("pyjwt", "jose"), "unknown members must be ignored (RFC 7515 section 4)"
    ),
    "kid null": Difference(_header(kid=None), _by("jose"), "null says nothing: every key is tried"),
    "typ null": Difference(_header(typ=None), _by("pyjwt", "jose"), "null says nothing"),
}


@pytest.mark.parametrize("name", STRICTER)
async def test_what_some_library_lets_pass_and_we_do_not(name: str) -> None:
    difference = STRICTER[name]

    assert {library for library, accepts in opinions(difference.token).items() if accepts} == difference.by
    assert not await ours(difference.token), difference.why


@pytest.mark.parametrize("name", LAXER)
async def test_what_some_library_refuses_for_another_reason_than_the_signature_and_we_do_not(
    name: str,
) -> None:
    difference = LAXER[name]

    assert {library for library, accepts in opinions(difference.token).items() if accepts} == difference.by
    assert await ours(difference.token), difference.why


# The libraries cannot be told the time: nothing here ends or begins within an hour of now.
NOW: Final = int(time.time())
HOUR: Final = 3600
WANTED_NOW: Final = replace(WANTED, now=float(NOW))
TIMES = st.sampled_from(
    [NOW - 30 * HOUR, NOW - HOUR, NOW - HOUR - 0.5, NOW + HOUR, NOW + 30 * HOUR, "1", None]
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "iss": st.sampled_from(
            ["https://idp.example", "https://idp.example/", "https://evil.example", 7, None]
        ),
        "aud": st.sampled_from(
            ["app", "other", ["app"], ["other"], [], ["app", "other"], [["app"]], {"app": 1}, None, 7]
        ),
        "azp": st.sampled_from(["app", "other"]),
        "exp": TIMES,
        "iat": TIMES,
        "nbf": TIMES,
        "sub": st.sampled_from(["somebody", "", 7, None, ["somebody"]]),
    },
)


@given(CHANGES)
def test_claims_that_we_accept_satisfy_the_other_libraries(changes: dict[str, Any]) -> None:
    claims = {**CLAIMS, "iat": NOW - HOUR, "exp": NOW + HOUR, **changes}
    token = signed(HEADER, claims, KEY)
    try:
        check_claims(parse_jws(token), WANTED_NOW)
    except FlowRefusedError:
        return

    assert _pyjwt_accepts(token)
    # It takes no number with a fraction for a time, which RFC 7519 section 2 allows.
    has_fraction = any(isinstance(claims.get(name), float) for name in ("exp", "iat", "nbf"))
    assert has_fraction or _jose_accepts(token)


def _pyjwt_accepts(token: str) -> bool:
    options: Mapping[str, Any] = {"require": ["exp", "iat", "iss", "aud", "sub"]}
    try:
        pyjwt.decode(
            token,
            pyjwt.PyJWK(JWKS[0], "RS256"),
            algorithms=["RS256"],
            audience="app",
            issuer="https://idp.example",
            leeway=CLOCK_SKEW,
            options=options,  # type: ignore[arg-type]  # a literal would do
        )
    except pyjwt.PyJWTError:
        return False
    return True


def _jose_accepts(token: str) -> bool:
    try:
        jose_jwt.decode(
            token,
            JWKS[0],
            algorithms=["RS256"],
            audience="app",
            issuer="https://idp.example",
            options={"leeway": int(CLOCK_SKEW.total_seconds())},
        )
    except JOSEError:
        return False
    return True
