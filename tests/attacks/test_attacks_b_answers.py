"""Catalogue B8 to B10 and B13, B14: how a provider answers through the browser, and where that leads."""

import json
from collections.abc import Callable

import httpx
import pytest

from tests.attacks.addresses import query_of, replaced, with_query
from tests.attacks.oracle import refused
from tests.attacks.sites import Members
from tests.attacks.world import APP, CALLBACK, EVIL, ISSUER, METADATA, World
from tests.support.auth_api import FLOW_PREFIX, SESSION_COOKIE
from tests.support.web_browser import WebBrowser

SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize("iss", [ISSUER, None], ids=["named", "absent"])
async def test_b8_where_no_issuer_is_promised_it_may_be_absent_and_must_be_right(
    world: World, victim: WebBrowser, iss: str | None
) -> None:
    world.change(METADATA, _without("authorization_response_iss_parameter_supported"))
    callback = await world.agree(victim)

    await world.come_back(victim, replaced(callback, "iss", *([iss] if iss else [])))

    assert await world.who(victim) == "Alice Example"


async def test_b8_where_no_issuer_is_promised_another_one_is_refused_all_the_same(
    world: World, victim: WebBrowser
) -> None:
    world.change(METADATA, _without("authorization_response_iss_parameter_supported"))
    callback = replaced(await world.agree(victim), "iss", EVIL)

    await refused(world, world.come_back(victim, callback), 403, "iss_mismatch")

    assert world.asked_for_tokens() == 0


async def test_b9_a_refusal_at_the_provider_is_told_without_the_providers_words(
    world: World, victim: WebBrowser
) -> None:
    state = query_of(await world.begin(victim))["state"]
    words = [("error_description", SCRIPT), ("error_uri", "javascript:alert(1)"), ("iss", ISSUER)]
    address = with_query(CALLBACK, [("error", "access_denied"), ("state", state), *words])

    shown = await refused(world, victim.open(address), 403, "access_denied")

    assert "alert" not in shown.text
    assert "javascript" not in shown.text
    assert "alert" not in repr(world.events.taken)
    with_code = with_query(CALLBACK, [("code", "c"), ("state", state), ("iss", ISSUER)])
    await refused(world, victim.open(with_code), 409, "flow_used")


@pytest.mark.parametrize(
    "error", [SCRIPT, "x" * 4000, "access_denied\x7f", "login_required", "ACCESS_DENIED"]
)
async def test_b9_an_error_that_nobody_knows_is_a_refusal_and_is_not_repeated(
    world: World, victim: WebBrowser, error: str
) -> None:
    state = query_of(await world.begin(victim))["state"]
    address = with_query(CALLBACK, [("error", error), ("state", state), ("iss", ISSUER)])
    expected = (422, "parameter_malformed") if not error.isprintable() else (403, "provider_refused")

    shown = await refused(world, victim.open(address), *expected)

    assert error not in shown.text
    assert SCRIPT not in repr(world.events.taken)


@pytest.mark.parametrize("error", ["server_error", "temporarily_unavailable"])
async def test_b9_a_provider_that_says_it_is_away_is_an_outage_not_a_refusal(
    world: World, victim: WebBrowser, error: str
) -> None:
    state = query_of(await world.begin(victim))["state"]
    address = with_query(CALLBACK, [("error", error), ("state", state), ("iss", ISSUER)])

    await refused(world, victim.open(address), 503, "backend_unavailable")


@pytest.mark.parametrize("way", ["query", "form"])
@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"error": "access_denied"}, "parameter_malformed"),
        ({"code": None}, "parameter_missing"),
        ({"code": ""}, "parameter_missing"),
        ({"error": ""}, "parameter_missing"),
        ({"code": None, "error": None, "error_description": "x"}, "parameter_missing"),
    ],
    ids=str,
)
async def test_b10_an_answer_that_is_both_or_neither_is_refused(
    world: World, victim: WebBrowser, way: str, more: Members, reason: str
) -> None:
    given = {**query_of(await world.agree(victim)), **more}
    parameters = [(name, str(value)) for name, value in given.items() if value is not None]
    address = with_query(CALLBACK, parameters)
    if way == "form":
        address = (await victim.submit(CALLBACK, parameters)).headers["location"]

    await refused(world, victim.open(address), 422, reason)

    assert world.asked_for_tokens() == 0


async def test_b13_a_posted_answer_re_enters_by_get_and_signs_its_own_browser_in(
    world: World, victim: WebBrowser
) -> None:
    form = await world.idp.sign_in_by_form(f"{await world.begin(victim)}&response_mode=form_post")

    posted = await victim.submit(form.action, [*form.fields, ("user", '{"name":"A"}')], of_page=ISSUER)

    assert "cookie" not in posted.request.headers, "lax cookies do not come with a post of another site"
    assert posted.status_code == httpx.codes.SEE_OTHER
    assert "user" not in posted.headers["location"]
    assert not [line for line in posted.headers.get_list("set-cookie") if SESSION_COOKIE in line]
    await victim.follow(posted)
    assert await world.who(victim) == "Alice Example"


async def test_b13_an_answer_that_is_posted_in_a_victims_browser_signs_nobody_in(
    world: World, victim: WebBrowser, attacker: WebBrowser
) -> None:
    form = await world.idp.sign_in_by_form(f"{await world.begin(attacker)}&response_mode=form_post")

    posted = await victim.submit(form.action, form.fields, of_page=EVIL)
    await refused(world, victim.follow(posted), 403, "flow_not_bound")

    assert world.asked_for_tokens() == 0


async def test_b13_what_one_post_left_behind_is_of_no_use_to_another_sign_in(
    world: World, victim: WebBrowser
) -> None:
    evil = [("user", f'{{"name":"{SCRIPT}"}}'), ("state", "attackers"), ("code", "c")]
    await victim.submit(CALLBACK, evil, of_page=EVIL)

    await world.sign_in(victim)

    assert victim.jar.names("__Host-netscript-flash") == [], "and it is gone afterwards"
    assert await world.who(victim) == "Alice Example"


@pytest.mark.parametrize("way", ["query", "form"])
@pytest.mark.parametrize("name", ["redirectTo", "redirect_to", "return_to", "next", "rd"])
async def test_b14_a_destination_that_comes_with_the_answer_is_not_looked_at(
    world: World, victim: WebBrowser, way: str, name: str
) -> None:
    callback = await world.agree(victim, redirectTo="/account?tab=1")
    parameters = [*query_of(callback).items(), (name, f"{EVIL}/")]

    if way == "query":
        answer = await victim.open(with_query(callback, parameters))
    else:
        answer = await victim.follow(await victim.submit(CALLBACK, parameters))

    assert answer.status_code == httpx.codes.SEE_OTHER
    assert answer.headers["location"] == "/account?tab=1"


async def test_b14_a_destination_in_the_cookie_of_another_flow_is_not_taken(
    world: World, victim: WebBrowser
) -> None:
    mine = await world.agree(victim, redirectTo="/account")
    await world.agree(victim, redirectTo="/?x=1")

    answer = await world.come_back(victim, mine)

    assert answer.headers["location"] == "/account"
    assert APP not in json.dumps(victim.jar.names(FLOW_PREFIX))


def _without(name: str) -> Callable[[Members], Members]:
    return lambda body: {key: value for key, value in body.items() if key != name}
