"""Catalogue C10, C12 and C13: claims of two people are not mixed, and nobody comes into another's account."""

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from netscript_dev_provider.misbehaviour import Misbehaviour
from netscript_dev_provider.personas import PERSONAS, Persona
from tests.attacks.opening import open_world
from tests.attacks.oracle import refused_at_the_end
from tests.attacks.sites import Members
from tests.attacks.world import EVIL, ISSUER, World
from tests.kv_oauth.raw_tokens import written
from tests.support.auth_api import PREFIX
from tests.support.web_browser import WebBrowser

USERINFO = "/userinfo"
# Somebody whose id token does not say everything, so that userinfo is asked.
ASKED_ABOUT = "no-email"
OTHER, REFUSED = (403, "subject_mismatch"), (403, "userinfo_refused")
AWAY, NONSENSE = (503, "backend_unavailable"), (502, "provider_protocol")
M = Misbehaviour

FAULTS = {
    M.USERINFO_OTHER_SUB: OTHER,
    M.USERINFO_WITHOUT_SUB: OTHER,
    M.USERINFO_401: REFUSED,
    M.USERINFO_500: AWAY,
    M.USERINFO_HTML: NONSENSE,
}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_c10_userinfo_of_somebody_else_or_of_nobody_signs_nobody_in(
    world: World, victim: WebBrowser, fault: Misbehaviour
) -> None:
    world.misbehave(fault)

    await refused_at_the_end(world, victim, *FAULTS[fault], person=ASKED_ABOUT)


SUBJECTS: list[object] = [
    *("dev|alice", "dev|No-email", "dev|no-email ", "dev|no-email\x00", "dev|n\u043e-email", ""),
    *(None, True, 7, ["dev|no-email"], {"sub": "dev|no-email"}),
]


@pytest.mark.parametrize("sub", SUBJECTS, ids=ascii)
async def test_c10_userinfo_counts_only_with_exactly_the_subject_of_the_id_token(
    world: World, victim: WebBrowser, sub: object
) -> None:
    world.change(USERINFO, lambda body: {**body, "sub": sub, "email": "victim@example.test"})

    await refused_at_the_end(world, victim, *OTHER, person=ASKED_ABOUT)


def _redirect() -> httpx.Response:
    return httpx.Response(302, headers={"location": f"{EVIL}/userinfo"})


def _jwt() -> httpx.Response:
    token = written({"alg": "none"}, {"sub": "dev|no-email"})
    return httpx.Response(200, text=token, headers={"content-type": "application/jwt"})


ANSWERS: dict[str, tuple[Callable[[], httpx.Response], tuple[int, str]]] = {
    "403": (lambda: httpx.Response(403), REFUSED),
    "404": (lambda: httpx.Response(404, json={"sub": "dev|no-email"}), REFUSED),
    "400 with claims": (lambda: httpx.Response(400, json={"sub": "dev|no-email"}), REFUSED),
    "429": (lambda: httpx.Response(429), AWAY),
    "503": (lambda: httpx.Response(503, json={"sub": "dev|no-email"}), AWAY),
    "a redirect": (_redirect, NONSENSE),
    "an unsigned JWT": (_jwt, NONSENSE),
    "nothing": (lambda: httpx.Response(200), NONSENSE),
    "204": (lambda: httpx.Response(204), NONSENSE),
    "a list": (lambda: httpx.Response(200, json=[{"sub": "dev|no-email"}]), NONSENSE),
    "null": (lambda: httpx.Response(200, json=None), NONSENSE),
    "half a body": (lambda: httpx.Response(200, content=b'{"sub":"dev|no-em'), NONSENSE),
    "a subject twice": (
        lambda: httpx.Response(200, content=b'{"sub":"dev|no-email","sub":"dev|alice"}'),
        OTHER,
    ),
    "too much": (lambda: httpx.Response(200, json={"sub": "dev|no-email", "x": "x" * 300_000}), NONSENSE),
    "an error": (lambda: httpx.Response(200, json={"error": "invalid_token"}), OTHER),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_c10_no_answer_but_the_claims_of_the_person_signs_anybody_in(
    world: World, victim: WebBrowser, name: str
) -> None:
    answer, expected = ANSWERS[name]
    world.wire.answer = lambda request: answer() if request.url.path == USERINFO else None

    await refused_at_the_end(world, victim, *expected, person=ASKED_ABOUT)

    assert {request.url.host for request in world.wire.requests} == {"idp.localhost"}


async def test_c10_userinfo_that_does_not_answer_is_an_outage(world: World, victim: WebBrowser) -> None:
    def hang_up(request: httpx.Request) -> None:
        if request.url.path == USERINFO:
            raise httpx.ReadTimeout("no answer", request=request)

    world.wire.answer = hang_up

    await refused_at_the_end(world, victim, *AWAY, person=ASKED_ABOUT)


async def test_c10_userinfo_never_takes_the_place_of_what_the_id_token_says(
    world: World, victim: WebBrowser
) -> None:
    pushy: Members = {
        "name": "Alice Example",
        "email": "alice@example.test",
        "email_verified": True,
        "iss": "https://other.localhost",
        "id": "usr_admin",
    }
    world.change(USERINFO, lambda body: {**body, **pushy})

    await world.sign_in(victim, ASKED_ABOUT)

    user = await _user(victim)
    assert user["name"] == "Noah Nomail", "as the id token says"
    assert user["email"] == "alice@example.test", "which it does not"
    (account,) = user["accounts"]
    assert (account["issuer"], account["subject"]) == (ISSUER, "dev|no-email")


async def test_c12_the_same_subject_at_two_providers_is_two_people(two_providers: World) -> None:
    world = two_providers
    browsers = {provider: world.browser() for provider in ("first", "second")}
    for provider, browser in browsers.items():
        await _sign_in_at(world, browser, provider, "alice")

    users = {provider: await _user(browser) for provider, browser in browsers.items()}

    assert users["first"]["accounts"][0]["subject"] == users["second"]["accounts"][0]["subject"]
    assert users["first"]["id"] != users["second"]["id"]
    assert users["first"]["email"] == users["second"]["email"], "which joins them no more than the subject"


async def test_c12_one_person_sees_and_ends_no_session_of_the_other(two_providers: World) -> None:
    world, first, second = two_providers, two_providers.browser(), two_providers.browser()
    await _sign_in_at(world, first, "first", "alice")
    await _sign_in_at(world, second, "second", "alice")

    shown = (await first.fetch(f"{PREFIX}/sessions")).json()["sessions"]
    ended = await first.fetch(f"{PREFIX}/sessions/{await world.handle(second)}", method="DELETE")
    await first.fetch(
        f"{PREFIX}/signout",
        method="POST",
        body=b'{"everywhere":true}',
        headers={"content-type": "application/json"},
    )

    assert [each["providerId"] for each in shown] == ["first"]
    assert ended.status_code == httpx.codes.NOT_FOUND
    assert await world.who(second) == "Alice Example"


async def test_c12_in_one_browser_the_second_one_replaces_the_first(two_providers: World) -> None:
    world, browser = two_providers, two_providers.browser()
    await _sign_in_at(world, browser, "first", "alice")
    first, copied = await _user(browser), world.thief(browser)

    await _sign_in_at(world, browser, "second", "alice")

    assert (await _user(browser))["id"] != first["id"]
    assert await world.who(copied) is None


VICTIM = next(persona for persona in PERSONAS if persona.key == "alice")
SPELLINGS = ["alice@example.test", "Alice@example.test", "alice@EXAMPLE.TEST", "alice+x@example.test"]


@pytest.mark.parametrize("verified", [False, True, "true", 1, None], ids=ascii)
@pytest.mark.parametrize("email", SPELLINGS)
async def test_c13_an_account_that_was_made_beforehand_with_somebodys_address_is_not_theirs(
    email: str, verified: object
) -> None:
    mallory = Persona("mallory", "Mallory", "x", {"email": email, "email_verified": verified})
    async with open_world(several=True, personas=[VICTIM, mallory]) as world:
        attacker, victim = world.browser(), world.browser()
        await _sign_in_at(world, attacker, "second", "mallory")
        before = await _user(attacker)

        await _sign_in_at(world, victim, "first", "alice")

        mine, theirs = await _user(victim), await _user(attacker)
        assert mine["id"] != theirs["id"]
        assert theirs == before, "and nothing of the victim has come to them"
        assert [account["subject"] for account in mine["accounts"]] == ["dev|alice"]


async def test_c13_an_attacker_who_comes_later_with_the_address_of_somebody_gets_nothing_of_theirs() -> None:
    mallory = replace(VICTIM, key="mallory", name="Mallory")
    async with open_world(several=True, personas=[VICTIM, mallory]) as world:
        victim, attacker = world.browser(), world.browser()
        await _sign_in_at(world, victim, "first", "alice")
        before = await _user(victim)

        await _sign_in_at(world, attacker, "second", "mallory")

        assert (await _user(attacker))["id"] != before["id"]
        assert await _user(victim) == before


async def test_c13_an_address_that_changes_hands_takes_no_account_along() -> None:
    later = replace(VICTIM, key="later", name="Later Owner")
    async with open_world(personas=[VICTIM, later]) as world:
        former, owner = world.browser(), world.browser()
        await world.sign_in(former, "alice")

        await world.sign_in(owner, "later")

        assert (await _user(owner))["id"] != (await _user(former))["id"]
        assert await world.who(former) == "Alice Example"


async def _sign_in_at(world: World, browser: WebBrowser, provider: str, person: str) -> None:
    address = await world.begin(browser, providerId=provider)
    answer = await world.come_back(browser, await world.idps[provider].sign_in(address, person))
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text


async def _user(browser: WebBrowser) -> Members:
    answer = await browser.fetch(f"{PREFIX}/me")
    user: Members = answer.json()["user"]
    return user
