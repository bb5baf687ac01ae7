"""Catalogue D5, D7 and D8: what a whole run leaves in cookies, answers, logs and events."""

import httpx
import pytest

from netscript_dev_provider.personas import Persona
from tests.attacks.opening import OFFLINE, open_world
from tests.attacks.oracle import expect_no_secret, refused, secrets_of
from tests.attacks.whole_run import JSON, look_around, run_through
from tests.attacks.world import CLIENT_SECRET, World
from tests.support.auth_api import FLOW_PREFIX, PREFIX, SESSION_COOKIE
from tests.support.cookie_jar import parse_set_cookie


async def test_d5_every_cookie_of_a_whole_run_has_the_attributes_that_it_must_have(world: World) -> None:
    await run_through(world)

    lines = [
        line
        for browser in world.browsers
        for answer in browser.answers
        for line in answer.headers.get_list("set-cookie")
    ]
    cookies = [parse_set_cookie(line) for line in lines]
    assert {cookie.name.rpartition("-")[0] for cookie in cookies} >= {"__Host-netscript", FLOW_PREFIX[:-1]}
    assert {cookie.is_deletion for cookie in cookies} == {True, False}
    for cookie in cookies:
        assert cookie.name.startswith("__Host-")
        assert cookie.is_small_enough
        assert cookie.attributes.keys() - {"max-age", "expires"} == {"secure", "httponly", "path", "samesite"}
        assert (cookie.attributes["path"], cookie.attributes["samesite"]) == ("/", "Lax")
        assert cookie.is_deletion == (cookie.value == "")


async def test_d5_a_browser_obeys_every_line_and_is_left_with_nothing(world: World) -> None:
    browser = await run_through(world)

    assert browser.jar.value(SESSION_COOKIE) is None
    assert browser.jar.names("__Host-netscript-flash") == []
    assert len(browser.jar.names(FLOW_PREFIX)) <= 5


async def test_d7_no_secret_of_a_whole_run_is_in_any_body_log_or_event() -> None:
    async with open_world(scopes=OFFLINE) as world:
        await run_through(world)

        secrets = secrets_of(world)
        answers = [answer for browser in world.browsers for answer in browser.answers]
        replies = [each for each in answers if not each.text.startswith('{"started":true')]
        assert {CLIENT_SECRET} < secrets
        assert len(secrets) > 40
        assert len(answers) - len(replies) == 1, "the reply that carries state and address by its contract"
        expect_no_secret(secrets, (answer.text for answer in replies), "a body")
        expect_no_secret(secrets, world.log.texts, "the log")
        expect_no_secret(secrets, map(repr, world.events.taken), "an event")


async def test_d7_no_header_carries_a_token_out_but_the_one_that_sets_the_cookie(world: World) -> None:
    await run_through(world)

    forms = world.wire.forms("/token")
    answers = [answer for browser in world.browsers for answer in browser.answers]
    values = [line.partition("=")[2].partition(";")[0] for each in answers for line in _session_lines(each)]
    kept_back = {CLIENT_SECRET, *world.wire.secrets, *filter(None, values)}
    kept_back |= {form["code_verifier"] for form in forms}
    headers = [
        f"{name}: {text}" for each in answers for name, text in each.headers.items() if name != "set-cookie"
    ]
    expect_no_secret(kept_back, headers, "a header")


async def test_d7_no_token_for_a_service_is_in_any_log_event_header_or_later_body() -> None:
    async with open_world(TOKEN_AUDIENCES="reports") as world:
        browser = world.browser()
        await world.sign_in(browser)
        minted = await browser.fetch(f"{PREFIX}/token", method="POST", body=b"{}", headers=JSON)
        token = minted.json()["accessToken"]

        await look_around(browser)
        bearer = {**JSON, "authorization": f"Bearer {token}"}
        await browser.fetch(f"{PREFIX}/token", method="POST", body=b"{}", headers=bearer)
        wrong = b'{"audience": "%b"}' % token.encode()
        await browser.fetch(f"{PREFIX}/token", method="POST", body=wrong, headers=JSON)

        secrets = {token, token.rpartition(".")[2]}
        later = [answer.text for answer in browser.answers if answer is not minted]
        expect_no_secret(secrets, later, "a body")
        expect_no_secret(secrets, world.log.texts, "the log")
        expect_no_secret(secrets, map(repr, world.events.taken), "an event")


PUSHY = {
    "__proto__": {"isAdmin": True},
    "constructor": {"prototype": {"isAdmin": True}},
    "id": "usr_admin",
    "userId": "usr_admin",
    "user_id": "usr_admin",
    "roles": ["admin"],
    "sessionId": "mine",
    "handle": "mine",
    "authenticated": False,
    "state": "active",
    "expiresAt": "2999-01-01T00:00:00Z",
    "accounts": [{"issuer": "https://idp.localhost", "subject": "dev|alice"}],
    "email": "mallory@example.test",
    "email_verified": "true",
    "picture": "javascript:alert(1)",
}
SCRIPT = '<img src=x onerror="alert(1)">{{31337*31337}}'


async def test_d8_no_claim_of_a_provider_takes_the_place_of_a_field_of_ours() -> None:
    async with open_world(personas=[Persona("mallory", SCRIPT, "x", PUSHY)]) as world:
        browser = world.browser()
        await world.sign_in(browser, "mallory")

        body = (await browser.fetch(f"{PREFIX}/me")).json()
        page = await browser.open("/account")

        user = body["user"]
        assert body.keys() == {"authenticated", "user", "session"}
        assert body["authenticated"] is True
        assert user.keys() == {"id", "createdAt", "name", "email", "emailVerified", "accounts"}
        assert user["id"].startswith("usr_")
        assert user["id"] != "usr_admin"
        assert user["emailVerified"] is False
        assert [account["subject"] for account in user["accounts"]] == ["dev|mallory"]
        assert body["session"]["handle"] != "mine"
        assert "<img" not in page.text
        assert str(31337 * 31337) not in page.text


@pytest.mark.parametrize("claim", ["name", "picture", "address"])
async def test_d8_claims_of_a_megabyte_sign_nobody_in(claim: str) -> None:
    huge = Persona("mallory", "Mallory", "x", {claim: "x" * 1_000_000})
    async with open_world(personas=[huge]) as world:
        browser = world.browser()
        callback = await world.agree(browser, "mallory")

        await refused(world, world.come_back(browser, callback), 502, "provider_protocol")


async def test_d8_a_long_name_is_cut_and_control_characters_do_not_get_through() -> None:
    name = "A\r\n\x00\u202e" + "x" * 5_000
    async with open_world(personas=[Persona("mallory", name, "x", {"email": "m@x.test"})]) as world:
        browser = world.browser()
        await world.sign_in(browser, "mallory")

        shown = (await browser.fetch(f"{PREFIX}/me")).json()["user"]["name"]

        assert len(shown) == 255
        assert shown.isprintable()


def _session_lines(answer: httpx.Response) -> list[str]:
    return [line for line in answer.headers.get_list("set-cookie") if line.startswith(SESSION_COOKIE)]
