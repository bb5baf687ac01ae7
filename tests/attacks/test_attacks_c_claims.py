"""Catalogue C6 and C7: id tokens that the provider signed, of another issuer, for others, of another time."""

import pytest

from netscript_auth_kv_oauth.provider.id_token_claims import CLOCK_SKEW, LONGEST_LIFE
from netscript_dev_provider.misbehaviour import Misbehaviour
from tests.attacks.id_tokens import hand_out_claims
from tests.attacks.oracle import refused_at_the_end
from tests.attacks.sites import Members
from tests.attacks.world import EVIL, ISSUER, OTHER_ISSUER, World
from tests.support.web_browser import WebBrowser

INVALID, SUBJECT = "id_token_invalid", "subject_invalid"
SKEW, LIFE = int(CLOCK_SKEW.total_seconds()), int(LONGEST_LIFE.total_seconds())
US, OTHER = "auth-api-at-oidc", "another-client"
M = Misbehaviour

WRONG: dict[Misbehaviour, tuple[str, str]] = {
    M.WRONG_ISS_IN_ID_TOKEN: (INVALID, "iss"),
    M.MISSING_ISS_IN_ID_TOKEN: (INVALID, "iss"),
    M.WRONG_AUD: (INVALID, "aud"),
    M.MISSING_AUD: (INVALID, "aud"),
    M.AUD_LIST_WITHOUT_US: (INVALID, "aud"),
    M.AUD_LIST_WITHOUT_AZP: (INVALID, "azp"),
    M.AUD_LIST_WITH_WRONG_AZP: (INVALID, "azp"),
    M.MISSING_IAT: (INVALID, "iat"),
    M.MISSING_EXP: (INVALID, "exp"),
    M.MISSING_SUB: (SUBJECT, "sub"),
    M.EMPTY_SUB: (SUBJECT, "sub"),
    M.NUMERIC_SUB: (SUBJECT, "sub"),
    M.LONG_SUB: (SUBJECT, "sub"),
}
UNTIMELY: dict[Misbehaviour, str] = {
    M.EXPIRED: "exp",
    M.EXP_AS_TEXT: "exp",
    M.EXP_NOT_A_NUMBER: "a compact JWS",
    M.EXP_IN_FAR_FUTURE: "exp",
    M.IAT_IN_FUTURE: "iat",
    M.NBF_IN_FUTURE: "nbf",
}


@pytest.mark.parametrize("fault", WRONG, ids=str)
async def test_c6_a_token_that_is_not_of_this_provider_for_us_about_somebody_is_refused(
    world: World, victim: WebBrowser, fault: Misbehaviour
) -> None:
    reason, named = WRONG[fault]
    world.misbehave(fault)

    event = await refused_at_the_end(world, victim, 403, reason)

    assert named in (event.expected or ""), "the operator is told which claim it was"


NOT_FOR_US: dict[str, tuple[Members, str]] = {
    "another of our providers": ({"iss": OTHER_ISSUER}, INVALID),
    "an issuer with a port": ({"iss": f"{ISSUER}:443"}, INVALID),
    "an issuer with a path": ({"iss": f"{ISSUER}/tenant"}, INVALID),
    "an issuer after an at sign": ({"iss": f"https://idp.localhost@{EVIL[8:]}"}, INVALID),
    "an issuer that begins so": ({"iss": f"{ISSUER}.evil.example"}, INVALID),
    "an issuer without TLS": ({"iss": ISSUER.replace("https", "http")}, INVALID),
    "an issuer with space": ({"iss": f" {ISSUER}"}, INVALID),
    "a list of issuers": ({"iss": [ISSUER]}, INVALID),
    "no issuer at all": ({"iss": None}, INVALID),
    "us in other letters": ({"aud": US.upper()}, INVALID),
    "us with space": ({"aud": f"{US} "}, INVALID),
    "us and more in one text": ({"aud": f"{US} {OTHER}"}, INVALID),
    "us as a name": ({"aud": {US: True}}, INVALID),
    "us as a wildcard": ({"aud": "*"}, INVALID),
    "nobody": ({"aud": None}, INVALID),
    "us in a list in a list": ({"aud": [[US]]}, INVALID),
    "us and nobody": ({"aud": [US, None], "azp": US}, INVALID),
    "azp in a list": ({"aud": [US, OTHER], "azp": [US]}, INVALID),
    "azp that is empty": ({"aud": [US, OTHER], "azp": ""}, INVALID),
    "azp that is null": ({"aud": [US, OTHER], "azp": None}, INVALID),
    "another azp with our aud": ({"azp": OTHER}, INVALID),
    "a subject of spaces": ({"sub": "   "}, SUBJECT),
    "a subject that is true": ({"sub": True}, SUBJECT),
    "a subject that is null": ({"sub": None}, SUBJECT),
    "a list of subjects": ({"sub": ["dev|alice"]}, SUBJECT),
    "an object as subject": ({"sub": {"$ne": ""}}, SUBJECT),
    "a subject with a NUL": ({"sub": "dev|alice\x00"}, SUBJECT),
    "a subject with line ends": ({"sub": "dev|alice\r\nrole: admin"}, SUBJECT),
    "a subject with a bidi mark": ({"sub": "dev|alice\u202e"}, SUBJECT),
    "a subject of look-alikes": ({"sub": "dev|\u0430lice"}, SUBJECT),
    "a wide subject": ({"sub": "\uff44\uff45\uff56|alice"}, SUBJECT),
    "300 characters": ({"sub": "s" * 300}, SUBJECT),
}


@pytest.mark.parametrize("name", NOT_FOR_US)
async def test_c6_no_near_miss_of_issuer_audience_or_subject_gets_by(
    world: World, victim: WebBrowser, name: str
) -> None:
    claims, reason = NOT_FOR_US[name]
    hand_out_claims(world, **claims)

    await refused_at_the_end(world, victim, 403, reason)


@pytest.mark.parametrize(
    "claims", [{"aud": [US]}, {"aud": [US, OTHER], "azp": US}, {"azp": US}, {"sub": "dev|Alice"}], ids=str
)
async def test_c6_what_the_standard_allows_is_let_in(
    world: World, victim: WebBrowser, claims: Members
) -> None:
    hand_out_claims(world, **claims)

    await world.sign_in(victim)

    assert await world.who(victim) == "Alice Example"


@pytest.mark.parametrize("fault", UNTIMELY, ids=str)
async def test_c7_a_token_of_another_time_is_refused(
    world: World, victim: WebBrowser, fault: Misbehaviour
) -> None:
    world.misbehave(fault)

    event = await refused_at_the_end(world, victim, 403, INVALID)

    assert UNTIMELY[fault] in (event.expected or ""), "the operator is told which claim it was"


# Seconds from now; what is left out is as the provider writes it.
IN_TIME: list[Members] = [
    {"exp": -SKEW + 1},
    {"exp": -SKEW + 0.001},
    {"iat": SKEW},
    {"nbf": SKEW},
    {"exp": LIFE},
    {"iat": -LIFE},
    {"exp": 0.5, "iat": -0.5},
    {"auth_time": -(10**9)},
]
OUT_OF_TIME: list[Members] = [
    {"exp": -SKEW},
    {"exp": -SKEW - 1},
    {"iat": SKEW + 1},
    {"iat": 600},
    {"nbf": SKEW + 1},
    {"exp": LIFE + 1},
    {"iat": -LIFE - 1},
    {"exp": -1, "iat": -LIFE - 1},
]


@pytest.mark.parametrize("offsets", IN_TIME, ids=str)
async def test_c7_within_the_skew_of_a_minute_a_token_is_good_to_the_second(
    world: World, victim: WebBrowser, offsets: Members
) -> None:
    hand_out_claims(world, **_from_now(world, offsets))

    await world.sign_in(victim)

    assert await world.who(victim) == "Alice Example"


@pytest.mark.parametrize("offsets", OUT_OF_TIME, ids=str)
async def test_c7_at_the_skew_and_beyond_it_a_token_is_refused(
    world: World, victim: WebBrowser, offsets: Members
) -> None:
    hand_out_claims(world, **_from_now(world, offsets))

    await refused_at_the_end(world, victim, 403, INVALID)


NO_TIMES: list[object] = [
    *(None, True, "", "now", [], {}, -1, 0, -0.0, 1e300, -1e300, 10**400, -(10**18), 8_640_000_000_000),
    *("1767225900", [1767225900], {"$gt": 0}, 1e15 + 1),
]


@pytest.mark.parametrize("value", NO_TIMES, ids=ascii)
async def test_c7_an_end_that_is_no_time_of_this_month_is_refused(
    world: World, victim: WebBrowser, value: object
) -> None:
    hand_out_claims(world, exp=value)

    await refused_at_the_end(world, victim, 403, INVALID)


def _from_now(world: World, offsets: Members) -> Members:
    return {name: world.clock.unix() + seconds for name, seconds in offsets.items()}
