"""Catalogue H1 and H2: what another site can make a browser do, and what a request may be."""

import gzip

import httpx
import pytest

from tests.attacks.opening import open_world
from tests.attacks.oracle import refused
from tests.attacks.world import APP, CALLBACK, EVIL, SIGNIN, SIGNOUT, World
from tests.support.auth_api import FLOW_PREFIX, PREFIX, PUBLIC_URL
from tests.support.web_browser import OPAQUE, BlockedError, WebBrowser

JSON = {"content-type": "application/json"}
SISTER = "https://shop.acme.example"
FORM = "application/x-www-form-urlencoded"
UNSUPPORTED = (415, "unsupported_media_type")


@pytest.mark.parametrize("page", [EVIL, SISTER])
async def test_h1_a_script_of_another_site_begins_no_sign_in(
    world: World, victim: WebBrowser, page: str
) -> None:
    with pytest.raises(BlockedError):
        await victim.fetch(SIGNIN, method="POST", body=b"{}", headers=JSON, of_page=page)

    assert world.store.made == []


@pytest.mark.parametrize("page", [EVIL, SISTER, OPAQUE])
async def test_h1_a_request_that_got_past_the_browsers_own_check_is_refused_all_the_same(
    world: World, victim: WebBrowser, page: str
) -> None:
    headers = {**JSON, "origin": page, "sec-fetch-site": "cross-site"}
    request = httpx.Request("POST", f"{PUBLIC_URL}{SIGNIN}", headers=headers, content=b"{}")

    await refused(world, victim.send(request), 403, "cross_site")


@pytest.mark.parametrize("encoding", ["text/plain", FORM, "multipart/form-data"])
async def test_h1_a_form_of_another_site_begins_no_sign_in(
    world: World, victim: WebBrowser, encoding: str
) -> None:
    posted = victim.submit(SIGNIN, [('{"redirectTo":"/', '"}')], of_page=EVIL, encoding=encoding)

    await refused(world, posted, *UNSUPPORTED)

    assert victim.jar.names() == []


async def test_h1_a_link_of_another_site_begins_a_sign_in_that_only_this_browser_can_finish(
    world: World, victim: WebBrowser, attacker: WebBrowser
) -> None:
    await world.sign_in(victim, "bob")

    answer = await victim.open(SIGNIN, of_page=EVIL)

    assert answer.status_code == httpx.codes.FOUND
    assert await world.who(victim) == "Bob Example", "nothing has changed so far"
    callback = await world.idp.sign_in(answer.headers["location"], "alice")
    await refused(world, attacker.open(callback), 403, "flow_not_bound")


async def test_h1_images_of_another_site_do_not_push_out_the_sign_ins_under_way(
    world: World, victim: WebBrowser
) -> None:
    callback = await world.agree(victim)
    kept = victim.jar.names(FLOW_PREFIX)

    for _ in range(10):
        await victim.embed(SIGNIN, of_page=EVIL)
        await victim.embed(SIGNIN, of_page=EVIL, destination="iframe")

    assert victim.jar.names(FLOW_PREFIX) == kept
    await world.come_back(victim, callback)
    assert await world.who(victim) == "Alice Example"


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain", "text/plain;application/json", "multipart/form-data; boundary=x", FORM, "",
        "application/json; charset=utf-16", "application/json, text/plain", "application/jsonp", "text/json",
        "application/vnd.api+json", "application/xml",
    ],
)  # fmt: skip
async def test_h2_only_json_is_taken_for_json(world: World, victim: WebBrowser, kind: str) -> None:
    sent = victim.fetch(SIGNIN, method="POST", body=b"{}", headers={"content-type": kind})

    await refused(world, sent, *UNSUPPORTED)


async def test_h2_a_compressed_body_is_not_unpacked(world: World, victim: WebBrowser) -> None:
    headers = {**JSON, "content-encoding": "gzip"}
    sent = victim.fetch(SIGNIN, method="POST", body=gzip.compress(b"{}"), headers=headers)

    await refused(world, sent, *UNSUPPORTED)


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/json", "", "*/*"]
)
async def test_h2_an_answer_is_posted_as_a_form_or_not_at_all(
    world: World, victim: WebBrowser, kind: str
) -> None:
    sent = victim.fetch(CALLBACK, method="POST", body=b"state=a&code=b", headers={"content-type": kind})

    await refused(world, sent, *UNSUPPORTED)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"x"', b"1", b"{", b'{"a":1}', b"\xff", b"{}{}", b"[" * 9999]
)
async def test_h2_a_body_that_is_no_wish_is_refused(world: World, victim: WebBrowser, body: bytes) -> None:
    answer = await victim.fetch(SIGNIN, method="POST", body=body, headers=JSON)

    assert answer.status_code in {400, 422}
    assert world.store.made == []
    assert len(world.events.taken) == 1


OVERRIDES = ("x-http-method-override", "x-http-method", "x-method-override")


@pytest.mark.parametrize("header", OVERRIDES)
async def test_h2_no_header_and_no_field_makes_another_method_of_a_request(
    world: World, victim: WebBrowser, header: str
) -> None:
    await world.sign_in(victim)
    handle = await world.handle(victim)
    one = f"{PREFIX}/sessions/{handle}"

    for sent in (
        victim.fetch(f"{SIGNOUT}?_method=POST", headers={header: "POST"}),
        victim.fetch(
            one, method="POST", headers={header: "DELETE", "content-type": FORM}, body=b"_method=DELETE"
        ),
        victim.fetch(f"{PREFIX}/me?_method=DELETE", method="POST", headers={header: "GET"}),
    ):
        await refused(world, sent, 405, "method_not_allowed", event=None)

    assert await world.who(victim) == "Alice Example"


@pytest.mark.parametrize(
    "method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND", "get", "X" * 1000]
)
@pytest.mark.parametrize("path", ["signin", "callback", "signout", "session", "me", "sessions"])
async def test_h2_no_method_is_taken_that_is_not_offered(
    world: World, victim: WebBrowser, path: str, method: str
) -> None:
    request = httpx.Request("GET", f"{victim.home}{PREFIX}/{path}")
    request.method = method

    answer = await refused(world, victim.send(request), 405, "method_not_allowed", event=None)

    assert answer.headers["allow"] in {"GET, HEAD", "GET, HEAD, POST", "POST"}


@pytest.mark.parametrize("path", ["session", "me", "sessions", "signin", "callback"])
@pytest.mark.parametrize(
    "change",
    ["{}/", "/{}", "{};x=1", "{}%0a", "{}%00", "{}%20", "{}%2f", "x/%2e%2e/{}", "/{}//"],
)
async def test_h2_no_other_spelling_of_a_path_leads_to_it(
    world: World, victim: WebBrowser, path: str, change: str
) -> None:
    raw = f"{PREFIX}/{change.format(path)}".encode()
    request = httpx.Request("GET", PUBLIC_URL)
    request.url = request.url.copy_with(raw_path=raw)

    await refused(world, victim.send(request), 404, "not_found", event=None)


async def test_h2_a_body_on_a_request_that_takes_none_has_no_effect(world: World, victim: WebBrowser) -> None:
    answer = await victim.fetch(SIGNIN, body=b'{"redirectTo":"https://evil.example"}', headers=JSON)

    assert answer.status_code == httpx.codes.FOUND
    assert "evil" not in answer.headers["location"]


@pytest.mark.parametrize("origin", [EVIL, OPAQUE, SISTER])
async def test_h2_no_page_of_another_site_may_read_an_answer(
    world: World, victim: WebBrowser, origin: str
) -> None:
    async with open_world(ALLOWED_ORIGINS=APP) as strict:
        for each in (victim, strict.browser()):
            for path in ("session", "me", "sessions", "providers"):
                answer = await each.fetch(f"{PREFIX}/{path}", headers={"origin": origin})
                assert "access-control-allow-origin" not in answer.headers
