"""What an id token must say, at the boundaries; and tokens that are none."""

import string
from base64 import urlsafe_b64encode
from datetime import timedelta

import orjson
import pytest
from authlib.oidc.core.util import create_half_hash
from hypothesis import given
from hypothesis import strategies as st

from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.provider.id_token_claims import CLOCK_SKEW, LONGEST_LIFE, Wanted, check_claims
from netscript_kernel.jose.jws import MOST_CHARACTERS, Jws, JwsError, parse_jws
from tests.kv_oauth.pretend import FIRST_KEY, open_pretend, sign
from tests.kv_oauth.raw_tokens import with_signature
from tests.kv_oauth.test_kv_oauth_keys import JSON

NOW = 1_767_225_600
SKEW, LIFE = int(CLOCK_SKEW.total_seconds()), int(LONGEST_LIFE.total_seconds())
WANTED = Wanted("idp", ("https://idp.example", "idp.example"), "app", "the-nonce", "the-token", float(NOW))
GOOD: dict[str, object] = {
    "iss": "https://idp.example",
    "aud": "app",
    "sub": "somebody",
    "iat": NOW,
    "exp": NOW + 300,
    "nonce": "the-nonce",
}
INVALID = FlowReason.ID_TOKEN_INVALID
ABSENT = object()

ACCEPTED: dict[str, dict[str, object]] = {
    "as it is": {},
    "the other issuer": {"iss": "idp.example"},
    "a list of us": {"aud": ["app"]},
    "a list with us, and azp": {"aud": ["app", "other"], "azp": "app"},
    "azp without need": {"azp": "app"},
    "an end within the skew": {"exp": NOW - SKEW + 1},
    "a beginning within the skew": {"iat": NOW + SKEW, "nbf": NOW + SKEW},
    "fractions of a second": {"exp": NOW + 0.5, "iat": NOW - 0.5},
    "the longest life": {"iat": NOW - LIFE, "exp": NOW + LIFE},
    "the longest subject": {"sub": "s" * 255},
    "an old authentication": {"auth_time": 1},
    "a good at_hash": {"at_hash": (create_half_hash("the-token", "RS256") or b"").decode()},
    "claims of its own": {"__proto__": {"roles": ["admin"]}, "constructor": 1, "sessionId": "x"},
}
REFUSED: dict[str, tuple[dict[str, object], FlowReason]] = {
    "an issuer with a slash": ({"iss": "https://idp.example/"}, INVALID),
    "an issuer in other letters": ({"iss": "https://IDP.example"}, INVALID),
    "an issuer that is no text": ({"iss": ["https://idp.example"]}, INVALID),
    "another audience": ({"aud": "other"}, INVALID),
    "an audience that begins like us": ({"aud": "app2"}, INVALID),
    "an empty list": ({"aud": []}, INVALID),
    "a nested list": ({"aud": [["app"]]}, INVALID),
    "a list with us and numbers": ({"aud": ["app", 7], "azp": "app"}, INVALID),
    "a list with us, no azp": ({"aud": ["app", "other"]}, INVALID),
    "a list with us twice, no azp": ({"aud": ["app", "app"]}, INVALID),
    "a list with us, their azp": ({"aud": ["app", "other"], "azp": "other"}, INVALID),
    "their azp": ({"azp": "other"}, INVALID),
    "an end at the skew": ({"exp": NOW - SKEW}, INVALID),
    "an end of zero": ({"exp": 0}, INVALID),
    "an end that is true": ({"exp": True}, INVALID),
    "an end in quotes": ({"exp": str(NOW + 300)}, INVALID),
    "an end in a list": ({"exp": [NOW + 300]}, INVALID),
    "an end in the year 275760": ({"exp": 8_640_000_000_000}, INVALID),
    "an end of minus 1e300": ({"exp": -1e300}, INVALID),
    "an end beyond all numbers": ({"exp": 10**400}, INVALID),
    "an end of 1e308": ({"exp": 1e308}, INVALID),
    "too long a life": ({"exp": NOW + LIFE + 1}, INVALID),
    "issued too long ago": ({"iat": NOW - LIFE - 1}, INVALID),
    "issued beyond the skew": ({"iat": NOW + SKEW + 1}, INVALID),
    "issued at no time": ({"iat": None}, INVALID),
    "good only later": ({"nbf": NOW + SKEW + 1}, INVALID),
    "good from a word on": ({"nbf": "now"}, INVALID),
    "no nonce": ({"nonce": ABSENT}, FlowReason.NONCE_MISMATCH),
    "an empty nonce": ({"nonce": ""}, FlowReason.NONCE_MISMATCH),
    "a nonce that begins well": ({"nonce": "the-nonce2"}, FlowReason.NONCE_MISMATCH),
    "a nonce that is no text": ({"nonce": ["the-nonce"]}, FlowReason.NONCE_MISMATCH),
    "half a character as nonce": ({"nonce": "\ud800"}, FlowReason.NONCE_MISMATCH),
    "no subject": ({"sub": ABSENT}, FlowReason.SUBJECT_INVALID),
    "an empty subject": ({"sub": ""}, FlowReason.SUBJECT_INVALID),
    "a blank subject": ({"sub": "  "}, FlowReason.SUBJECT_INVALID),
    "a number as subject": ({"sub": 123}, FlowReason.SUBJECT_INVALID),
    "a subject too long": ({"sub": "s" * 256}, FlowReason.SUBJECT_INVALID),
    "a subject with a line end": ({"sub": "somebody\n"}, FlowReason.SUBJECT_INVALID),
    "a subject beyond ASCII": ({"sub": "jos\u00e9"}, FlowReason.SUBJECT_INVALID),
    "a bad at_hash": ({"at_hash": "AAAA"}, INVALID),
    "an at_hash that is no text": ({"at_hash": 7}, INVALID),
    "an at_hash in a list": ({"at_hash": ["AAAA"]}, INVALID),
    "amr that is no list": ({"amr": "pwd"}, INVALID),
    "an authentication at no time": ({"auth_time": "yesterday"}, INVALID),
}
HEADERS: dict[str, dict[str, object]] = {
    "crit": {"crit": ["exp"]},
    "an empty crit": {"crit": []},
    "b64": {"b64": False},
    "b64 true": {"b64": True},
    "jku": {"jku": "https://evil.example/jwks"},
    "x5u": {"x5u": "https://evil.example/cert"},
    "jwk": {"jwk": {"kty": "RSA"}},
    "kid that is no text": {"kid": 7},
    "typ that is no text": {"typ": ["JWT"]},
    "typ of an access token": {"typ": "at+jwt"},
    "typ of a logout token": {"typ": "application/logout+jwt"},
    "typ of another JWT": {"typ": "secevent+jwt"},
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_a_token_within_the_limits_is_taken(case: str) -> None:
    subject = check_claims(_jws(ACCEPTED[case]), WANTED)

    assert subject == ACCEPTED[case].get("sub", "somebody")


@pytest.mark.parametrize("case", REFUSED)
def test_a_token_beyond_the_limits_is_refused(case: str) -> None:
    changes, reason = REFUSED[case]

    with pytest.raises(FlowRefusedError) as refusal:
        check_claims(_jws(changes), WANTED)

    assert refusal.value.code is reason
    assert refusal.value.provider_id == "idp"
    told = f"{refusal.value.expected} {refusal.value.seen}"
    assert "the-nonce" not in told
    assert "somebody" not in told


@pytest.mark.parametrize("name", ["iss", "aud", "exp", "iat"])
def test_a_token_must_say_everything(name: str) -> None:
    with pytest.raises(FlowRefusedError) as refusal:
        check_claims(_jws({name: ABSENT}), WANTED)

    assert refusal.value.code is INVALID
    assert name in str(refusal.value.expected)
    assert refusal.value.seen == "none"


@pytest.mark.parametrize("algorithm", ["EdDSA", "Ed25519"])
def test_an_access_token_is_bound_under_both_names_of_the_edwards_curve(algorithm: str) -> None:
    half = (create_half_hash("the-token", "EdDSA") or b"").decode()

    assert check_claims(_jws({"at_hash": half}, algorithm), WANTED) == "somebody"
    with pytest.raises(FlowRefusedError):
        check_claims(_jws({"at_hash": half[::-1]}, algorithm), WANTED)


@given(
    st.dictionaries(st.sampled_from([*GOOD, "azp", "nbf", "at_hash", "amr", "auth_time"]), JSON, min_size=1)
)
def test_whatever_a_token_says_it_is_taken_or_refused(changes: dict[str, object]) -> None:
    try:
        subject = check_claims(_jws(changes), WANTED)
    except FlowRefusedError:
        return
    assert isinstance(subject, str)


@pytest.mark.parametrize("case", HEADERS)
async def test_a_header_that_wants_more_is_refused(case: str) -> None:
    async with open_pretend() as counter:
        counter.idp.header |= HEADERS[case]

        with pytest.raises(FlowRefusedError) as refusal:
            await counter.sign_in()

        assert refusal.value.code is INVALID
        assert {request.url.host for request in counter.idp.requests} == {"idp.example"}


@pytest.mark.parametrize(
    "header", [{"typ": "jwt"}, {"typ": "application/JWT"}, {"typ": None}, {"x5t": "abc"}]
)
async def test_a_header_that_says_more_is_borne(header: dict[str, object]) -> None:
    async with open_pretend() as counter:
        counter.idp.header |= header

        assert (await counter.sign_in()).issued.token


async def test_a_token_of_an_earlier_flow_is_refused() -> None:
    async with open_pretend() as counter:
        await counter.sign_in()
        earlier = counter.idp.id_token()
        counter.idp.tokens = {"id_token": earlier}

        with pytest.raises(FlowRefusedError) as refusal:
            await counter.sign_in()

    assert refusal.value.code is FlowReason.NONCE_MISMATCH


@pytest.mark.parametrize("place", range(0, 100, 7))
async def test_a_tampered_token_is_refused_wherever_it_was_changed(place: int) -> None:
    async with open_pretend() as counter:
        started = await counter.start()
        parameters = counter.idp.agree(started.redirect_url)
        good = counter.idp.id_token()
        at = len(good) * place // 100
        other = "A" if good[at] != "A" else "B"
        counter.idp.tokens = {"id_token": good[:at] + other + good[at + 1 :]}

        with pytest.raises(FlowRefusedError) as refusal:
            await counter.call_back(started, parameters)

        assert refusal.value.code is INVALID


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b",
        "e30.e30.",
        "e30.e30.AA.AA",
        "e30.e30.AA.AA.AA",
        ".e30.AA",
        "e30..AA",
        "e30=.e30.AA",
        "e30.e30.AA==",
        "e30.e30.A",
        "e30.e30.AB",
        "e31.e30.AA",
        "W10.e30.AA",
        "e30.W10.AA",
        "e30.e30.A+",
        " e30.e30.AA",
        "e30.e30.AA\n",
        "e30.e30." + "A" * MOST_CHARACTERS,
        "\u00e9.e30.AA",
    ],
)
def test_what_is_no_compact_jws_is_refused_before_anything_else(text: str) -> None:
    with pytest.raises(JwsError):
        parse_jws(text)


def test_a_deeply_nested_token_is_refused() -> None:
    deep = urlsafe_b64encode(b'{"a":' * 2000 + b"1" + b"}" * 2000).decode().rstrip("=")

    with pytest.raises(JwsError):
        parse_jws(f"e30.{deep}.AA")


def test_a_good_jws_is_taken_apart() -> None:
    jws = parse_jws(sign({"sub": "somebody"}, FIRST_KEY, "RS256", {"kid": "one"}))

    assert (jws.algorithm, jws.key_id, jws.typ) == ("RS256", "one", "jwt")
    assert jws.claims == {"sub": "somebody"}
    assert "somebody" not in repr(jws)


@given(st.text() | st.text(string.ascii_letters + string.digits + "-_.", max_size=60))
def test_any_text_is_a_jws_or_a_refusal(text: str) -> None:
    try:
        jws = parse_jws(text)
    except JwsError:
        return
    assert text.count(".") == 2
    assert jws.signed.decode() == text.rpartition(".")[0]
    assert with_signature(text, jws.signature) == text, "a token has one spelling"


@given(JSON, JSON, st.binary(min_size=1, max_size=8))
def test_any_three_parts_are_a_jws_or_a_refusal(header: object, payload: object, signature: bytes) -> None:
    parts = (orjson.dumps(_sound(header)), orjson.dumps(_sound(payload)), signature)
    text = ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts)

    try:
        jws = parse_jws(text)
    except JwsError:
        return
    assert isinstance(jws.claims, dict)
    assert parse_jws(with_signature(text, jws.signature)) == jws


async def test_the_clock_decides_and_not_the_machine() -> None:
    async with open_pretend() as counter:
        counter.clock.advance(timedelta(days=3650))

        assert (await counter.sign_in()).issued.token


def _jws(changes: dict[str, object], algorithm: str = "RS256") -> Jws:
    claims = {name: value for name, value in {**GOOD, **changes}.items() if value is not ABSENT}
    return Jws(algorithm, None, "jwt", claims, b"", b"")


def _sound(value: object) -> object:
    """What orjson can write: no half characters, no integers beyond 64 bits."""
    try:
        orjson.dumps(value)
    except (TypeError, orjson.JSONEncodeError):
        return {}
    return value
