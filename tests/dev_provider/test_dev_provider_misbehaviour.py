"""Every misbehaviour is visible on the wire, and none of them without being switched on."""

import base64
import hashlib
import hmac
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from netscript_dev_provider import Misbehaviour
from netscript_kernel.clock import SettableClock
from tests.dev_provider.relying_party import Attempt, JsonObject, RelyingParty, as_object, at_hash

M = Misbehaviour
HOUR = 3600
OURS = "app"
SUBJECT = "dev|alice"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a relying party saw of one sign-in."""

    attempt: Attempt
    callback: list[tuple[str, str]]
    token: httpx.Response
    userinfo: httpx.Response
    jwks: httpx.Response
    metadata: httpx.Response
    logout_token: str
    now: int

    @property
    def tokens(self) -> JsonObject:
        return as_object(self.token)

    @property
    def header(self) -> JsonObject:
        return self._part(0)

    @property
    def claims(self) -> JsonObject:
        return self._part(1)

    @property
    def logout_header(self) -> JsonObject:
        return _part_of(self.logout_token, 0)

    @property
    def logout(self) -> JsonObject:
        return _part_of(self.logout_token, 1)

    def _part(self, index: int) -> JsonObject:
        return _part_of(self.tokens["id_token"], index)

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.callback if key == name]

    def is_signed_with(self, key: RSAKey) -> bool:
        """Tell whether the token would be right but for its header."""
        message, _, signature = self.tokens["id_token"].rpartition(".")
        algorithm = jws.JWSRegistry.algorithms["RS256"]
        return algorithm.verify(message.encode(), _unpadded(signature), key)

    def has_mac(self, secret: bytes) -> bool:
        message, _, signature = self.tokens["id_token"].rpartition(".")
        return hmac.compare_digest(
            hmac.digest(secret, message.encode(), hashlib.sha256), _unpadded(signature)
        )

    @property
    def published_key(self) -> RSAKey:
        return RSAKey.import_key(as_object(self.jwks)["keys"][0])

    @property
    def is_honest(self) -> bool:
        try:
            jws.deserialize_compact(self.tokens["id_token"], self.published_key, ["RS256"])
        except JoseError:
            return False
        return True


def _part_of(token: str, index: int) -> JsonObject:
    part: JsonObject = json.loads(_unpadded(token.split(".")[index]))
    return part


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def look(app: RelyingParty, clock: SettableClock) -> Seen:
    """Sign in with whatever is switched on; the access token is fetched honestly, for userinfo's sake."""
    switched_on = set(app.idp.provider.misbehaviours)
    app.idp.misbehave()
    access_token = (await app.tokens())["access_token"]
    attempt = app.attempt()
    code = await app.code(attempt)
    app.idp.misbehave(*switched_on)
    callback_url = await app.idp.sign_in(app.attempt(state=attempt.state).url)
    return Seen(
        attempt=attempt,
        callback=parse_qsl(urlsplit(callback_url).query),
        token=await app.exchange(code, attempt.verifier),
        userinfo=await app.userinfo(access_token),
        jwks=await app.http.get("/jwks"),
        metadata=await app.http.get("/.well-known/openid-configuration"),
        logout_token=app.idp.logout_of_latest("alice", with_sub=True),
        now=int(clock.now().timestamp()),
    )


WITNESSES: dict[Misbehaviour, Callable[[Seen], bool]] = {
    M.WRONG_ISS_IN_ID_TOKEN: lambda s: s.claims["iss"] == "http://impostor.localhost",
    M.MISSING_ISS_IN_ID_TOKEN: lambda s: "iss" not in s.claims,
    M.WRONG_AUD: lambda s: s.claims["aud"] == "another-client",
    M.MISSING_AUD: lambda s: "aud" not in s.claims,
    M.AUD_LIST_WITHOUT_US: lambda s: len(s.claims["aud"]) == 2 and OURS not in s.claims["aud"],
    M.AUD_LIST_WITHOUT_AZP: lambda s: s.claims["aud"] == [OURS, "another-client"] and "azp" not in s.claims,
    M.AUD_LIST_WITH_WRONG_AZP: lambda s: OURS in s.claims["aud"] and s.claims["azp"] == "another-client",
    M.MISSING_SUB: lambda s: "sub" not in s.claims,
    M.EMPTY_SUB: lambda s: s.claims["sub"] == "",
    M.NUMERIC_SUB: lambda s: s.claims["sub"] == 123,
    M.LONG_SUB: lambda s: len(s.claims["sub"]) > 255,
    M.WRONG_NONCE: lambda s: s.claims["nonce"] not in {"", s.attempt.nonce},
    M.MISSING_NONCE: lambda s: "nonce" not in s.claims,
    M.EXPIRED: lambda s: s.claims["iat"] < s.claims["exp"] == s.now - HOUR,
    M.MISSING_EXP: lambda s: "exp" not in s.claims,
    M.EXP_AS_TEXT: lambda s: s.claims["exp"] == "tomorrow",
    M.EXP_NOT_A_NUMBER: lambda s: math.isnan(s.claims["exp"]),
    M.EXP_IN_FAR_FUTURE: lambda s: s.claims["exp"] == 8_640_000_000_000,
    M.IAT_IN_FUTURE: lambda s: s.now + HOUR == s.claims["iat"] < s.claims["exp"],
    M.MISSING_IAT: lambda s: "iat" not in s.claims,
    M.NBF_IN_FUTURE: lambda s: s.claims["nbf"] == s.now + HOUR,
    M.OLD_AUTH_TIME: lambda s: s.claims["auth_time"] == s.now - 24 * HOUR,
    M.MISSING_AUTH_TIME: lambda s: "auth_time" not in s.claims,
    M.AUTH_TIME_IN_FUTURE: lambda s: s.claims["auth_time"] == s.now + HOUR,
    M.AUTH_TIME_AS_TEXT: lambda s: s.claims["auth_time"] == "just now",
    M.WRONG_AT_HASH: lambda s: s.claims["at_hash"] not in {"", at_hash(s.tokens["access_token"])},
    M.CRIT_HEADER: lambda s: s.header["crit"] == ["x-unheard-of"] and s.is_signed_with(s.published_key),
    M.JKU_HEADER: lambda s: "impostor" in s.header["jku"] and s.is_signed_with(s.published_key),
    M.NO_KID: lambda s: "kid" not in s.header and s.is_honest,
    M.UNKNOWN_KID: lambda s: s.header["kid"] != s.published_key.kid and s.is_signed_with(s.published_key),
    M.LOGOUT_TOKEN_TYP: lambda s: s.header["typ"] == "logout+jwt" and s.is_honest,
    M.LOGOUT_WRONG_ISS: lambda s: s.logout["iss"] == "http://impostor.localhost",
    M.LOGOUT_WRONG_AUD: lambda s: s.logout["aud"] == "another-client",
    M.LOGOUT_OLD: lambda s: s.logout["iat"] == s.now - HOUR < s.now < s.logout["exp"],
    M.LOGOUT_EXPIRED: lambda s: s.logout["exp"] == s.now - HOUR,
    M.LOGOUT_WITHOUT_EXP: lambda s: "exp" not in s.logout,
    M.LOGOUT_WITHOUT_EVENTS: lambda s: "events" not in s.logout,
    M.LOGOUT_OTHER_EVENT: lambda s: EVENT not in s.logout["events"],
    M.LOGOUT_EVENT_NOT_AN_OBJECT: lambda s: s.logout["events"] == [EVENT],
    M.LOGOUT_WITH_NONCE: lambda s: "nonce" in s.logout,
    M.LOGOUT_WITHOUT_SUB_AND_SID: lambda s: not {"sub", "sid"} & s.logout.keys(),
    M.LOGOUT_WITHOUT_JTI: lambda s: "jti" not in s.logout,
    M.LOGOUT_SAME_JTI: lambda s: s.logout["jti"] == "the-jti-of-every-logout-token",
    M.LOGOUT_WRONG_TYP: lambda s: s.logout_header["typ"] == "at+jwt",
    M.ALG_NONE: lambda s: s.header["alg"] == "none" and s.tokens["id_token"].endswith("."),
    M.HS256_WITH_CLIENT_SECRET: lambda s: s.header["alg"] == "HS256" and s.has_mac(b"s3cret"),
    M.HS256_WITH_PUBLIC_KEY: lambda s: s.header["alg"] == "HS256" and s.has_mac(s.published_key.as_pem()),
    M.FOREIGN_KEY: lambda s: s.header["kid"] == s.published_key.kid and not s.is_honest,
    M.JWK_HEADER: lambda s: s.is_signed_with(RSAKey.import_key(s.header["jwk"])) and not s.is_honest,
    M.WRONG_ISS_IN_RESPONSE: lambda s: s.values("iss") == ["http://impostor.localhost"],
    M.MISSING_ISS_IN_RESPONSE: lambda s: s.values("iss") == [],
    M.DUPLICATE_ISS: lambda s: len(set(s.values("iss"))) == 2,
    M.WRONG_STATE: lambda s: len(s.values("state")) == 1 and s.attempt.state not in s.values("state"),
    M.MISSING_STATE: lambda s: s.values("state") == [],
    M.DUPLICATE_STATE: lambda s: len(set(s.values("state"))) == 2,
    M.CODE_AND_ERROR: lambda s: len(s.values("code")) == len(s.values("error")) == 1,
    M.NEITHER_CODE_NOR_ERROR: lambda s: s.values("code") == s.values("error") == [],
    M.NO_ID_TOKEN: lambda s: "id_token" not in s.tokens and "access_token" in s.tokens,
    M.TOKEN_TYPE_MAC: lambda s: s.tokens["token_type"] == "mac",
    M.ACCESS_TOKEN_NOT_TEXT: lambda s: s.tokens["access_token"] == 42,
    M.EXPIRES_IN_AS_TEXT: lambda s: s.tokens["expires_in"] == "3600",
    M.EXPIRES_IN_NEGATIVE: lambda s: s.tokens["expires_in"] < 0,
    M.TOKEN_500: lambda s: s.token.status_code == 500,
    M.TOKEN_HTML: lambda s: s.token.status_code == 200 and "html" in s.token.headers["content-type"],
    M.TOKEN_200_ERROR: lambda s: s.token.status_code == 200 and "error" in s.tokens,
    M.TOKEN_EMPTY: lambda s: s.token.status_code == 200 and s.token.content == b"",
    M.TOKEN_REDIRECT: lambda s: s.token.status_code == 307 and "impostor" in s.token.headers["location"],
    M.USERINFO_OTHER_SUB: lambda s: as_object(s.userinfo)["sub"] not in {"", SUBJECT},
    M.USERINFO_WITHOUT_SUB: lambda s: "sub" not in as_object(s.userinfo),
    M.USERINFO_401: lambda s: s.userinfo.status_code == 401,
    M.USERINFO_500: lambda s: s.userinfo.status_code == 500,
    M.USERINFO_HTML: lambda s: s.userinfo.text.startswith("<!doctype html>"),
    M.HUGE_JWKS: lambda s: len(s.jwks.content) > 20_000_000,
    M.JWKS_500: lambda s: s.jwks.status_code == 500,
    M.DISCOVERY_WRONG_ISSUER: lambda s: as_object(s.metadata)["issuer"] == "http://impostor.localhost",
    M.DISCOVERY_500: lambda s: s.metadata.status_code == 500,
    M.METADATA_WITHOUT_PKCE: lambda s: "code_challenge_methods_supported" not in as_object(s.metadata),
}


def witnessed(misbehaviour: Misbehaviour, seen: Seen) -> bool:
    """Tell whether a misbehaviour shows; what cannot even be looked at does not."""
    try:
        return WITNESSES[misbehaviour](seen)
    except (KeyError, TypeError):
        return False


@pytest.mark.parametrize("misbehaviour", list(Misbehaviour), ids=lambda each: each.value)
async def test_a_misbehaviour_shows_on_the_wire(
    app: RelyingParty, clock: SettableClock, misbehaviour: Misbehaviour
) -> None:
    app.idp.misbehave(misbehaviour)

    seen = await look(app, clock)

    assert witnessed(misbehaviour, seen)


async def test_a_provider_that_was_told_nothing_shows_none_of_them(
    app: RelyingParty, clock: SettableClock
) -> None:
    seen = await look(app, clock)

    assert [each for each in Misbehaviour if witnessed(each, seen)] == []
    assert seen.is_honest


async def test_misbehaviours_can_be_combined_and_end_when_told(
    app: RelyingParty, clock: SettableClock
) -> None:
    app.idp.misbehave(M.WRONG_AUD, M.EXPIRED, M.MISSING_IAT, M.JKU_HEADER, M.FOREIGN_KEY, M.DUPLICATE_ISS)
    crooked = await look(app, clock)

    app.idp.misbehave()
    straight = await look(app, clock)

    assert (crooked.claims["aud"], crooked.claims["exp"]) == ("another-client", crooked.now - HOUR)
    assert "iat" not in crooked.claims
    assert "jku" in crooked.header
    assert not crooked.is_signed_with(crooked.published_key)
    assert len(crooked.values("iss")) == 2
    assert straight.is_honest


async def test_a_refusal_stays_a_refusal_whatever_is_switched_on(app: RelyingParty) -> None:
    app.idp.misbehave(M.TOKEN_500, M.TOKEN_HTML, M.NO_ID_TOKEN)

    response = await app.exchange("made-up", "v" * 43)

    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")


async def test_one_provider_misbehaves_and_another_does_not(app: RelyingParty, clock: SettableClock) -> None:
    other = RelyingParty(type(app.idp)(config=app.idp.config, clock=clock.now))
    app.idp.misbehave(M.ALG_NONE)

    seen = await look(other, clock)

    assert seen.is_honest


def test_every_misbehaviour_has_a_witness() -> None:
    assert set(WITNESSES) == set(Misbehaviour)
