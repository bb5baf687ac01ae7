"""Catalogue B3, B4, B9 and B13, second order: the same answers, spelt, sent or carried otherwise."""

import asyncio
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from netscript_kernel.kv.sqlite import open_sqlite_store
from tests.attacks.addresses import query_of, replaced, with_query
from tests.attacks.opening import open_world
from tests.attacks.oracle import refused
from tests.attacks.watched_store import SESSION, WatchedKvStore
from tests.attacks.world import CALLBACK, EVIL, ISSUER, World
from tests.support.auth_api import FLOW_PREFIX, SESSION_COOKIE
from tests.support.web_browser import FORM, WebBrowser


@pytest.mark.parametrize("name", ["st%61te", "%73tate", "s%74ate", "%73%74%61%74%65"])
async def test_b3_a_parameter_whose_name_is_escaped_is_the_same_parameter(
    world: World, victim: WebBrowser, name: str
) -> None:
    callback = await world.agree(victim)

    await refused(world, victim.open(f"{callback}&{name}=x"), 422, "parameter_repeated")

    assert world.asked_for_tokens() == 0


@pytest.mark.parametrize("name", ["State", "STATE", "state ", "state[]", "state.x", "stat\u0435", "state%00"])
async def test_b3_a_parameter_of_nearly_the_name_is_another_one(
    world: World, victim: WebBrowser, name: str
) -> None:
    callback = await world.agree(victim)
    state = query_of(callback)["state"]
    address = f"{replaced(callback, 'state')}&{quote(name, safe='%')}={state}"

    await refused(world, victim.open(address), 422, "parameter_missing")

    assert world.asked_for_tokens() == 0


@pytest.mark.parametrize("separator", [";", "%26", "&amp;", "#", "\\u0026"])
async def test_b3_nothing_but_an_ampersand_separates_parameters(
    world: World, victim: WebBrowser, separator: str
) -> None:
    query = query_of(await world.agree(victim))
    code, state = query["code"], query["state"]

    answer = await victim.open(f"{CALLBACK}?code={code}{separator}state={state}{separator}iss={ISSUER}")

    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert world.asked_for_tokens() == 0


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_b3_an_answer_comes_by_get_or_by_a_form(world: World, victim: WebBrowser, method: str) -> None:
    callback = await world.agree(victim)

    sent = victim.fetch(callback, method=method)
    await refused(world, sent, 405, "method_not_allowed", event=None)

    assert world.asked_for_tokens() == 0


async def test_b4_of_callbacks_at_once_at_workers_with_connections_of_their_own_one_comes_in(
    tmp_path: Path,
) -> None:
    file = tmp_path / "kv.db"
    async with open_world(sqlite=file) as world:
        own = WatchedKvStore(await open_sqlite_store(file, world.clock))
        browsers = [world.browser(), world.browser(await world.add_worker(store=own))]
        callback = await world.agree(browsers[0])
        browsers[1].jar = browsers[0].jar

        answers = await asyncio.gather(*(browsers[each % 2].open(callback) for each in range(8)))

        assert sorted(answer.status_code for answer in answers) == [303] + [409] * 7
        assert world.asked_for_tokens() == 1
        made = [key for store in (world.store, own) for key in store.made if key.startswith(SESSION)]
        assert len(made) == 1


async def test_b9_a_refusal_that_is_posted_is_told_like_one_in_the_address(
    world: World, victim: WebBrowser
) -> None:
    state = query_of(await world.begin(victim))["state"]
    fields = [("error", "access_denied"), ("state", state), ("iss", ISSUER), ("error_uri", EVIL)]
    posted = await victim.submit(CALLBACK, fields, of_page=ISSUER)

    shown = await refused(world, victim.follow(posted), 403, "access_denied")

    assert EVIL not in shown.text
    assert "error_uri" not in posted.headers["location"]


@pytest.mark.parametrize("error", ["server_error", "access_denied"])
async def test_b9_a_refusal_without_the_flow_of_this_browser_uses_nothing_up(
    world: World, victim: WebBrowser, attacker: WebBrowser, error: str
) -> None:
    callback = await world.agree(victim)
    state = query_of(callback)["state"]
    refusal = with_query(CALLBACK, [("error", error), ("state", state), ("iss", ISSUER)])

    await refused(world, attacker.open(refusal), 403, "flow_not_bound")

    await world.come_back(victim, callback)
    assert await world.who(victim) == "Alice Example"


SPLITTING = [
    "a\r\nSet-Cookie: x=y",
    "a\nLocation: https://evil.example",
    "a\x00b",
    "\u2028\u010a",
    "%0d%0aX: y",
]


@pytest.mark.parametrize("value", SPLITTING, ids=ascii)
@pytest.mark.parametrize("name", ["state", "code", "iss", "error_description"])
async def test_b13_whatever_is_posted_the_way_back_in_is_one_line_to_ourselves(
    world: World, victim: WebBrowser, name: str, value: str
) -> None:
    answer = await victim.submit(CALLBACK, [(name, value)], of_page=EVIL)

    location = answer.headers["location"]
    assert answer.status_code == httpx.codes.SEE_OTHER
    assert location.startswith(f"{CALLBACK}?{name}=")
    assert location.isascii()
    assert location.isprintable()
    assert [line.partition("=")[0] for line in answer.headers.get_list("set-cookie")] == []


@pytest.mark.parametrize(
    "body",
    [b"&" * 60 + b"a=b", b"state=" + b"x" * 20_000, b"\xff", b"state=%ff", b"state=%ed%a0%80"],
    ids=["many", "long", "no ASCII", "no UTF-8", "half a character"],
)
async def test_b13_a_form_that_no_provider_sends_is_refused_where_it_arrives(
    world: World, victim: WebBrowser, body: bytes
) -> None:
    sent = victim.fetch(CALLBACK, method="POST", body=body, headers={"content-type": FORM})

    await refused(world, sent, 422, "parameter_malformed")


@pytest.mark.parametrize("size", [1, 2000, 4000, 30_000])
async def test_b13_a_name_of_any_length_that_is_posted_spoils_no_sign_in(
    world: World, victim: WebBrowser, size: int
) -> None:
    form = await world.idp.sign_in_by_form(f"{await world.begin(victim)}&response_mode=form_post")
    posted = await victim.submit(form.action, [*form.fields, ("user", "x" * size)], of_page=ISSUER)

    await victim.follow(posted)

    assert await world.who(victim) == "Alice Example"


async def test_b13_what_was_left_for_one_sign_in_is_not_read_by_another_of_the_same_browser(
    world: World, victim: WebBrowser
) -> None:
    one = await world.idp.sign_in_by_form(f"{await world.begin(victim)}&response_mode=form_post")
    await victim.submit(one.action, [*one.fields, ("user", '{"name":"Mallory"}')], of_page=ISSUER)

    await world.sign_in(victim)

    assert await world.who(victim) == "Alice Example"
    assert victim.jar.value(SESSION_COOKIE)
    assert len(victim.jar.names(FLOW_PREFIX)) == 1, "that of the sign-in that was not finished"
