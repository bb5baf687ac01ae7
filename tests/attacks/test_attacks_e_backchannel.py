"""Catalogue E6: logout tokens that the provider sends, and those that somebody else would like to send."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from netscript_auth_core.events import EventName
from netscript_auth_kv_oauth.provider.id_token_claims import CLOCK_SKEW
from netscript_auth_kv_oauth.provider.logout_token_claims import EVENT, FRESH
from netscript_dev_provider.misbehaviour import Misbehaviour
from tests.attacks.id_tokens import IMPOSTOR, JWKS, kept_answers, published_key
from tests.attacks.opening import OFFLINE, open_world
from tests.attacks.oracle import expect_no_secret, refused
from tests.attacks.sites import Members
from tests.attacks.world import ISSUER, OTHER_ISSUER, World
from tests.kv_oauth.raw_tokens import joined, signed
from tests.support.auth_api import PREFIX, PUBLIC_URL
from tests.support.web_browser import WebBrowser

M = Misbehaviour
US = "auth-api-at-oidc"
FORM = "application/x-www-form-urlencoded"
LATEST = int((FRESH + CLOCK_SKEW).total_seconds())
SKEW = int(CLOCK_SKEW.total_seconds())

FAULTY: dict[Misbehaviour, str] = {
    M.LOGOUT_WRONG_ISS: "iss_mismatch",
    M.LOGOUT_WRONG_AUD: "aud_mismatch",
    M.LOGOUT_OLD: "time_invalid",
    M.LOGOUT_EXPIRED: "time_invalid",
    M.LOGOUT_WITHOUT_EXP: "time_invalid",
    M.LOGOUT_WITHOUT_EVENTS: "events_invalid",
    M.LOGOUT_OTHER_EVENT: "events_invalid",
    M.LOGOUT_EVENT_NOT_AN_OBJECT: "events_invalid",
    M.LOGOUT_WITH_NONCE: "nonce_present",
    M.LOGOUT_WITHOUT_SUB_AND_SID: "subject_missing",
    M.LOGOUT_WITHOUT_JTI: "jti_invalid",
    M.LOGOUT_WRONG_TYP: "typ_mismatch",
    M.ALG_NONE: "logout_token_malformed",
    M.HS256_WITH_CLIENT_SECRET: "alg_refused",
    M.HS256_WITH_PUBLIC_KEY: "alg_refused",
    M.FOREIGN_KEY: "signature_invalid",
    M.JWK_HEADER: "logout_token_malformed",
}


@pytest.fixture
async def granted() -> AsyncGenerator[World]:
    """One in which something is left at the provider that could be revoked."""
    async with open_world(scopes=OFFLINE) as running:
        yield running


async def post(
    world: World,
    body: bytes,
    provider_id: str = "oidc",
    *,
    worker: int = 0,
    kind: str = FORM,
    query: str = "",
) -> httpx.Response:
    """Send a body as any server could: without cookies, and without what browsers tell."""
    transport = httpx.ASGITransport(world.workers[worker].app)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as anybody:
        url = f"{PREFIX}/backchannel-logout/{provider_id}{query}"
        return await anybody.post(url, content=body, headers={"content-type": kind})


async def tell(world: World, token: str, provider_id: str = "oidc", *, worker: int = 0) -> httpx.Response:
    """Send a logout token, and make sure that it shows up nowhere."""
    answer = await post(world, f"logout_token={token}".encode(), provider_id, worker=worker)
    shown = [answer.text, *world.log.texts, *map(repr, world.events.taken)]
    expect_no_secret([token] if token else [], shown, "something")
    return answer


async def refuse(world: World, token: str, reason: str, provider_id: str = "oidc") -> None:
    """Send a logout token that has to be refused as everything has to be."""
    sent = tell(world, token, provider_id)
    await refused(world, sent, 400, reason, event=EventName.LOGOUT_REFUSED)


def claims(world: World, **changed: object) -> Members:
    """Return the claims of a good token about alice, with some changed; ``...`` leaves one out."""
    now = int(world.clock.unix())
    whole: dict[str, Any] = {
        "iss": ISSUER,
        "aud": US,
        "iat": now,
        "exp": now + 120,
        "jti": "one-of-many",
        "sub": "dev|alice",
        "events": {EVENT: {}},
        **changed,
    }
    return {name: value for name, value in whole.items() if value is not ...}


async def test_e6_a_good_token_ends_all_sessions_of_the_person_and_nobody_elses(granted: World) -> None:
    world = granted
    browsers = [world.browser() for _ in range(3)]
    for browser, person in zip(browsers, ("alice", "alice", "bob"), strict=True):
        await world.sign_in(browser, person)
    before = len(world.events.taken)

    answer = await tell(world, world.idp.logout_of("alice"))

    assert (answer.status_code, answer.headers["cache-control"], answer.content) == (200, "no-store", b"")
    assert not answer.headers.get_list("set-cookie")
    assert [await world.who(browser) for browser in browsers] == [None, None, "Bob Example"]
    told = [(event.name, event.reason, event.request_id) for event in world.events.taken[before:]]
    request_id = answer.headers["x-request-id"]
    assert told == [(EventName.SESSION_REVOKED, "upstream_logout", request_id)] * 2
    await world.settle()
    assert world.wire.paths["/revoke"] == 0, "the provider knows already"


@pytest.mark.parametrize("with_sub", [False, True])
async def test_e6_a_token_with_a_sid_ends_what_began_by_that_session_there_on_every_worker(
    world: World, with_sub: bool
) -> None:
    earlier, latest = world.browser(), world.browser()
    await world.sign_in(earlier)
    await world.sign_in(latest)
    thief = world.thief(latest, await world.add_worker())

    answer = await tell(world, world.idp.logout_of_latest("alice", with_sub=with_sub))

    assert answer.status_code == httpx.codes.OK
    assert [await world.who(each) for each in (earlier, latest, thief)] == ["Alice Example", None, None]


@pytest.mark.parametrize("fault", FAULTY, ids=str)
async def test_e6_a_token_that_is_not_what_it_has_to_be_ends_nothing(
    world: World, victim: WebBrowser, fault: Misbehaviour
) -> None:
    await world.sign_in(victim)
    world.misbehave(fault)

    await refuse(world, world.idp.logout_of("alice"), FAULTY[fault])

    assert await world.who(victim) == "Alice Example"


NEAR_MISSES: dict[str, tuple[Members, str]] = {
    "another of our providers": ({"iss": OTHER_ISSUER}, "iss_mismatch"),
    "an issuer with a slash": ({"iss": f"{ISSUER}/"}, "iss_mismatch"),
    "a list of issuers": ({"iss": [ISSUER]}, "iss_mismatch"),
    "no issuer": ({"iss": ...}, "iss_mismatch"),
    "us in other letters": ({"aud": US.upper()}, "aud_mismatch"),
    "us and somebody": ({"aud": [US, "another"]}, "aud_mismatch"),
    "us and nobody": ({"aud": [US, None], "azp": US}, "aud_mismatch"),
    "us for another": ({"azp": "another"}, "aud_mismatch"),
    "no audience": ({"aud": ...}, "aud_mismatch"),
    "an event that is true": ({"events": {EVENT: True}}, "events_invalid"),
    "an event that is null": ({"events": {EVENT: None}}, "events_invalid"),
    "the event as text": ({"events": EVENT}, "events_invalid"),
    "the event in other letters": ({"events": {EVENT.upper(): {}}}, "events_invalid"),
    "a nonce that is null": ({"nonce": None}, "nonce_present"),
    "an empty nonce": ({"nonce": ""}, "nonce_present"),
    "an empty subject": ({"sub": ""}, "subject_invalid"),
    "a subject of spaces": ({"sub": "  "}, "subject_invalid"),
    "a subject that is a number": ({"sub": 1}, "subject_invalid"),
    "a subject and a sid that is null": ({"sid": None}, "subject_invalid"),
    "a sid that is a list": ({"sub": ..., "sid": ["a"]}, "subject_invalid"),
    "300 characters of sid": ({"sub": ..., "sid": "s" * 300}, "subject_invalid"),
    "an empty jti": ({"jti": ""}, "jti_invalid"),
    "a jti that is a number": ({"jti": 7}, "jti_invalid"),
    "no time of issue": ({"iat": ...}, "time_invalid"),
    "a time that is text": ({"exp": "1767225900"}, "time_invalid"),
    "a time that is true": ({"iat": True}, "time_invalid"),
    "a time without end": ({"exp": 1e300}, "time_invalid"),
}


@pytest.mark.parametrize("name", NEAR_MISSES)
async def test_e6_no_near_miss_gets_by(world: World, victim: WebBrowser, name: str) -> None:
    changed, reason = NEAR_MISSES[name]
    await world.sign_in(victim)

    await refuse(world, world.idp.sign(claims(world, **changed), "logout+jwt"), reason)

    assert await world.who(victim) == "Alice Example"


DEEP = f"{'[' * 1000}{']' * 1000}"
NESTED: dict[str, str] = {"iss": "iss_mismatch", "aud": "aud_mismatch", "iat": "time_invalid"}


@pytest.mark.parametrize("name", NESTED)
async def test_e6_a_claim_that_is_nested_a_thousand_times_is_refused_like_any_other(
    world: World, name: str
) -> None:
    written = {key: json.dumps(value) for key, value in claims(world).items()} | {name: DEEP}
    payload = ",".join(f'"{key}":{value}' for key, value in written.items())

    await refuse(world, joined(b'{"alg":"RS256"}', f"{{{payload}}}".encode(), b"any"), NESTED[name])


TYPES: dict[str, bool] = {
    "logout+jwt": True,
    "application/logout+jwt": True,
    "LOGOUT+JWT": True,
    "JWT": True,
    "at+jwt": False,
    "id+jwt": False,
    "secevent+jwt": False,
    "logout": False,
    "dpop+jwt": False,
    "": False,
}


@pytest.mark.parametrize("typ", TYPES)
async def test_e6_what_says_that_it_is_another_kind_of_token_is_refused(
    world: World, victim: WebBrowser, typ: str
) -> None:
    await world.sign_in(victim)
    token = world.idp.sign(claims(world), typ)

    if TYPES[typ]:
        assert (await tell(world, token)).status_code == httpx.codes.OK
    else:
        await refuse(world, token, "typ_mismatch")

    assert await world.who(victim) == (None if TYPES[typ] else "Alice Example")


async def test_e6_a_token_without_a_typ_is_one(world: World, victim: WebBrowser) -> None:
    await world.sign_in(victim)
    key = published_key(world)

    answer = await tell(world, signed({"alg": "RS256", "kid": key.kid}, claims(world), key))

    assert (answer.status_code, await world.who(victim)) == (httpx.codes.OK, None)


# Seconds from now, by claim.
IN_TIME: list[Members] = [
    {"iat": SKEW, "exp": 300},
    {"iat": -LATEST + 1, "exp": 300},
    {"iat": -100, "exp": -SKEW + 1},
    {"iat": 0, "exp": 10**9},
    {"iat": 0.5, "exp": 120.5},
    {"nbf": SKEW},
]
OUT_OF_TIME: list[Members] = [
    {"iat": SKEW + 1, "exp": 300},
    {"iat": -LATEST, "exp": 300},
    {"iat": -100, "exp": -SKEW},
    {"iat": -(10**9), "exp": 10**9},
    {"nbf": SKEW + 1},
]


@pytest.mark.parametrize("offsets", IN_TIME, ids=str)
async def test_e6_a_token_is_good_to_the_second(world: World, victim: WebBrowser, offsets: Members) -> None:
    await world.sign_in(victim)
    times = {name: world.clock.unix() + seconds for name, seconds in offsets.items()}

    answer = await tell(world, world.idp.sign(claims(world, **times), "logout+jwt"))

    assert (answer.status_code, await world.who(victim)) == (httpx.codes.OK, None)


@pytest.mark.parametrize("offsets", OUT_OF_TIME, ids=str)
async def test_e6_from_that_second_on_it_is_refused(
    world: World, victim: WebBrowser, offsets: Members
) -> None:
    await world.sign_in(victim)
    times = {name: world.clock.unix() + seconds for name, seconds in offsets.items()}

    await refuse(world, world.idp.sign(claims(world, **times), "logout+jwt"), "time_invalid")

    assert await world.who(victim) == "Alice Example"


async def test_e6_a_token_is_good_once_as_long_as_it_lives_on_every_worker(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim)
    await world.add_worker()
    now = int(world.clock.unix())
    token = world.idp.sign(claims(world, exp=now + 10**6), "logout+jwt")
    assert (await tell(world, token)).status_code == httpx.codes.OK
    await world.sign_in(victim)

    for worker in (0, 1):
        sent = tell(world, token, worker=worker)
        await refused(world, sent, 400, "logout_token_replayed", event=EventName.LOGOUT_REFUSED)
    world.clock.advance(FRESH + CLOCK_SKEW)
    await refuse(world, token, "time_invalid")

    assert await world.who(victim) == "Alice Example"


async def test_e6_a_jti_that_comes_again_in_another_token_is_refused(
    world: World, victim: WebBrowser
) -> None:
    world.misbehave(M.LOGOUT_SAME_JTI)
    assert (await tell(world, world.idp.logout_of("bob"))).status_code == httpx.codes.OK
    await world.sign_in(victim)

    await refuse(world, world.idp.logout_of("alice"), "logout_token_replayed")

    assert await world.who(victim) == "Alice Example"


async def test_e6_a_sid_of_another_issuer_ends_nothing(two_providers: World) -> None:
    world, browser = two_providers, two_providers.browser()
    await _sign_in_at_first(world, browser)
    sid = world.idps["first"].provider.store.sign_ins_of("dev|alice")[-1].session_id
    first, second = world.idps["first"], world.idps["second"]
    theirs = {"iss": OTHER_ISSUER, "aud": "auth-api-at-second", "sid": sid}
    ours = {"iss": ISSUER, "aud": "auth-api-at-first", "sid": sid}

    answer = await tell(world, second.sign(claims(world, **theirs, sub=...), "logout+jwt"), "second")

    assert answer.status_code == httpx.codes.OK, "whom it means is signed out already"
    by_name = second.sign(claims(world, **theirs, jti="another"), "logout+jwt")
    assert (await tell(world, by_name, "second")).status_code == httpx.codes.OK
    await refuse(world, second.sign(claims(world, **theirs), "logout+jwt"), "iss_mismatch", "first")
    forged = signed({"alg": "RS256", "kid": "impostor"}, claims(world, **ours), IMPOSTOR)
    await refuse(world, forged, "signature_invalid", "first")
    await refuse(world, first.sign(claims(world, **ours), "logout+jwt"), "iss_mismatch", "second")
    assert await world.who(browser) == "Alice Example"


async def _sign_in_at_first(world: World, browser: WebBrowser) -> None:
    answer = await world.come_back(browser, await world.agree(browser, providerId="first"))
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text


async def test_e6_the_sid_of_one_person_with_the_name_of_another_ends_nothing(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim)
    sid = world.idp.provider.store.sign_ins_of("dev|alice")[-1].session_id

    await tell(world, world.idp.sign(claims(world, sid=sid, sub="dev|bob"), "logout+jwt"))

    assert await world.who(victim) == "Alice Example"


async def test_e6_other_tokens_of_the_provider_end_nothing(world: World, victim: WebBrowser) -> None:
    kept = kept_answers(world)
    await world.sign_in(victim)

    await refuse(world, kept[0]["id_token"], "events_invalid")
    await refuse(world, kept[0]["access_token"], "logout_token_malformed")

    assert await world.who(victim) == "Alice Example"


NO_TOKENS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "logout_token_missing"),
    "an empty one": (b"logout_token=", "logout_token_missing"),
    "another field": (b"token=a.b.c", "logout_token_missing"),
    "two": (b"logout_token=a.b.c&logout_token=a.b.c", "logout_token_repeated"),
    "spaces": (b"logout_token=%20", "logout_token_malformed"),
    "NUL": (b"logout_token=%00", "logout_token_malformed"),
    "17 kB": (b"logout_token=" + b"a" * 17_000, "logout_token_malformed"),
    "half an escape": (b"logout_token=%ZZ", "logout_token_malformed"),
    "no UTF-8": (b"logout_token=%ff", "bad_request"),
    "60 fields": (b"a=b&" * 60, "bad_request"),
}


@pytest.mark.parametrize("name", NO_TOKENS)
async def test_e6_a_body_without_a_token_is_refused(world: World, name: str) -> None:
    body, reason = NO_TOKENS[name]

    await refused(world, post(world, body), 400, reason, event=EventName.LOGOUT_REFUSED)


async def test_e6_a_token_anywhere_else_is_not_looked_at(world: World, victim: WebBrowser) -> None:
    await world.sign_in(victim)
    token = world.idp.logout_of("alice")
    as_json = b'{"logout_token":"%s"}' % token.encode()

    in_query = post(world, b"", query=f"?logout_token={token}")
    await refused(world, in_query, 400, "logout_token_missing", event=EventName.LOGOUT_REFUSED)
    sent = post(world, as_json, kind="application/json")
    await refused(world, sent, 415, "unsupported_media_type", event=EventName.LOGOUT_REFUSED)
    huge = await post(world, b"logout_token=" + b"a" * 100_000)

    assert huge.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
    assert await world.who(victim) == "Alice Example"


@pytest.mark.parametrize("provider_id", ["nobody", "first%2F..%2Foidc", "OIDC", "%00", "x" * 500])
async def test_e6_a_provider_that_nobody_configured_ends_nothing(
    world: World, victim: WebBrowser, provider_id: str
) -> None:
    await world.sign_in(victim)

    answer = await tell(world, world.idp.logout_of("alice"), provider_id)

    assert answer.status_code in {400, 404}
    assert provider_id not in answer.text or len(provider_id) < 7
    assert await world.who(victim) == "Alice Example"


async def test_e6_made_up_key_ids_cost_the_provider_one_request_and_make_no_sign_in_wait(
    world: World, victim: WebBrowser
) -> None:
    await tell(world, world.idp.logout_of("alice"))
    before = world.wire.paths[JWKS]

    for number in range(100):
        header = {"alg": "RS256", "kid": f"made-up-{number}", "typ": "logout+jwt"}
        await refuse(world, signed(header, claims(world), IMPOSTOR), "signature_invalid")

    assert world.wire.paths[JWKS] == before + 1
    world.idp.provider.keys.rotate()
    world.is_marked = True
    await world.sign_in(victim)
    assert await world.who(victim) == "Alice Example"


async def test_e6_what_is_refused_for_free_asks_the_provider_for_nothing(world: World) -> None:
    for token in ("a.b.c", world.idp.sign(claims(world, aud="another"), "logout+jwt")):
        assert (await tell(world, token)).status_code == httpx.codes.BAD_REQUEST

    assert sum(world.wire.paths.values()) == 0


async def test_e6_without_the_provider_its_keys_are_unknown_and_the_token_good_later(
    world: World, victim: WebBrowser
) -> None:
    await world.sign_in(victim)
    await world.add_worker()
    token = world.idp.logout_of("alice")
    world.wire.answer = lambda _: httpx.Response(503)

    away = tell(world, token, worker=1)
    await refused(world, away, 503, "backend_unavailable", event=EventName.LOGOUT_REFUSED)

    assert await world.who(victim) == "Alice Example"
    world.wire.answer = lambda _: None
    assert (await tell(world, token, worker=1)).status_code == httpx.codes.OK
    assert await world.who(victim) is None


async def test_e6_a_session_from_before_origins_were_kept_ends_by_the_person_and_not_by_a_sid(
    world: World, victim: WebBrowser
) -> None:
    other = world.browser()
    await world.sign_in(victim)
    await world.sign_in(other, "bob")
    for browser in (victim, other):
        await world.store.commit(deletes=[f"auth/origin/{await world.handle(browser)}"])

    by_sid = await tell(world, world.idp.logout_of_latest("alice", with_sub=True))

    assert by_sid.status_code == httpx.codes.OK
    assert await world.who(victim) == "Alice Example"
    await tell(world, world.idp.logout_of("alice"))
    assert [await world.who(each) for each in (victim, other)] == [None, "Bob Example"]
