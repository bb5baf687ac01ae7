"""Catalogue H3 and H4: what our answers let a browser do."""

from netscript_auth_core.events import EventName
from tests.attacks.whole_run import run_through
from tests.attacks.world import CALLBACK, SIGNIN, SIGNOUT, World
from tests.support.auth_api import SESSION_COOKIE
from tests.support.web_browser import WebBrowser

JSON = "application/json"


async def test_h3_every_answer_of_a_whole_run_tells_browsers_to_be_careful(world: World) -> None:
    await run_through(world)

    answers = [answer for browser in world.browsers for answer in browser.answers]
    assert {answer.status_code for answer in answers} >= {200, 302, 303, 401, 403, 409, 503}
    for answer in answers:
        headers, path = answer.headers, answer.request.url.path
        is_asset = path.startswith("/assets/")
        assert headers["x-content-type-options"] == "nosniff", path
        assert "base-uri 'none'" in headers["content-security-policy"], path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == ("public, max-age=300" if is_asset else "no-store"), path
        assert headers["referrer-policy"] in {"no-referrer", "same-origin"}, path
        assert headers["strict-transport-security"].startswith("max-age=31536000")
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert not {"server", "x-powered-by", "access-control-allow-origin"} & headers.keys()
        assert "unsafe" not in headers["content-security-policy"]


async def test_h3_a_refusal_of_any_kind_tells_browsers_the_same(world: World, victim: WebBrowser) -> None:
    async def break_down(_: str) -> None:
        raise RuntimeError("a fault of ours")

    await world.sign_in(victim)
    huge, foreign = b"x" * 70_000, {"host": "evil.example"}
    asked = {
        400: await victim.fetch("/api/v1/auth/me", headers=foreign),
        404: await victim.open("/nowhere"),
        405: await victim.fetch(SIGNOUT, method="PUT"),
        413: await victim.fetch(SIGNOUT, method="POST", body=huge, headers={"content-type": JSON}),
        415: await victim.fetch(SIGNIN, method="POST", body=b"x", headers={"content-type": "text/plain"}),
        422: await victim.fetch(SIGNIN, method="POST", body=b"[]", headers={"content-type": JSON}),
    }
    world.store.before_get = break_down
    asked[500] = await victim.fetch("/api/v1/auth/me")

    for status, answer in asked.items():
        assert answer.status_code == status
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
        assert "set-cookie" not in answer.headers
        assert answer.headers["x-request-id"]


async def test_h3_no_address_with_a_code_in_it_goes_on_as_a_referrer(world: World) -> None:
    await run_through(world)

    answers = [answer for browser in world.browsers for answer in browser.answers]
    callbacks = [answer for answer in answers if answer.request.url.path.startswith(CALLBACK)]
    assert len(callbacks) > 5
    assert {answer.headers["referrer-policy"] for answer in callbacks} == {"no-referrer"}


async def test_h3_no_page_loads_anything_from_elsewhere_or_runs_a_script(world: World) -> None:
    await run_through(world)

    answers = [answer for browser in world.browsers for answer in browser.answers]
    pages = [answer for answer in answers if answer.headers.get("content-type", "").startswith("text/html")]
    assert len(pages) > 10
    for page in pages:
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "<script" not in page.text
        assert " style=" not in page.text
        assert 'src="' not in page.text


async def test_h4_after_a_post_the_browser_is_sent_on_by_303(world: World) -> None:
    await run_through(world)

    answers = [answer for browser in world.browsers for answer in browser.answers]
    redirects = [answer for answer in answers if answer.has_redirect_location]
    after_posts = {answer.status_code for answer in redirects if answer.request.method == "POST"}
    assert after_posts == {303}
    assert {answer.status_code for answer in redirects} <= {302, 303}


async def test_h4_a_redirect_that_carries_a_session_leads_nowhere_that_sees_it(
    world: World, victim: WebBrowser
) -> None:
    answer = await world.sign_in(victim)

    assert str(victim.jar.value(SESSION_COOKIE)) not in answer.headers["location"]
    assert [event.name for event in world.events.taken] == [
        EventName.SIGNIN_STARTED,
        EventName.SIGNIN_COMPLETED,
    ]
