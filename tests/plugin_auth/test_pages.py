"""What people see: their account, the ways in and out; nothing is loaded from elsewhere, nothing is kept."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx
import pytest

from netscript_auth_core.domain import Device
from netscript_auth_core.reasons import DenialReason, FlowReason
from netscript_plugin_auth.pages.device_labels import device_label
from netscript_plugin_auth.pages.moments import ago, exactly
from netscript_plugin_auth.pages.sentences import SENTENCES
from tests.support.auth_api import PREFIX, SAME_ORIGIN, SESSION_COOKIE, AuthApi, running_auth_api, set_cookies
from tests.support.auth_backends import (
    ChoiceBackend,
    DenyingBackend,
    HostedElsewhereBackend,
)
from tests.support.elements import Elements

FORM = {"content-type": "application/x-www-form-urlencoded"}
PAGES = ["/account", "/login", "/signed-out", "/error", f"{PREFIX}/callback?code=c&state=s"]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_allows_no_script_no_frame_and_no_copy(browser: httpx.AsyncClient, path: str) -> None:
    page = await browser.get(path)

    policy = page.headers["content-security-policy"]
    elements = Elements(page.text)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert policy.startswith("default-src 'none'; style-src 'self'; ")
    assert "frame-ancestors 'none'" in policy
    assert "script" not in policy
    assert (page.headers["cache-control"], page.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert not elements.all("script")
    assert not elements.all("style")
    assert not [
        name for _, attributes in elements.found for name in attributes if name.startswith(("on", "style"))
    ]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_has_a_language_a_title_one_heading_and_a_main_landmark(
    browser: httpx.AsyncClient, path: str
) -> None:
    page = Elements((await browser.get(path)).text)

    assert page.all("html") == [{"lang": "en"}]
    assert [len(page.all(tag)) for tag in ("title", "h1", "main")] == [1, 1, 1]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_loads_nothing_but_our_stylesheet(browser: httpx.AsyncClient, path: str) -> None:
    page = Elements((await browser.get(path)).text)

    loaded = {link["href"] for link in page.all("link")} | {image["src"] for image in page.all("img")}
    assert loaded == {"/assets/auth.css", "data:,"}


async def test_the_stylesheet_is_there_and_names_no_other_host(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/assets/auth.css")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "url(" not in answer.text
    assert "prefers-color-scheme: dark" in answer.text


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(
    ("front", "ground"),
    [
        ("text", "ground"),
        ("text", "card"),
        ("quiet", "ground"),
        ("quiet", "card"),
        ("accent", "ground"),
        ("accent", "card"),
        ("accent", "tint"),
        ("text", "tint"),
        ("on-accent", "accent"),
        ("grave", "card"),
        ("grave", "tint"),
    ],
)
async def test_text_has_the_contrast_of_wcag_aa_in_light_and_dark(
    browser: httpx.AsyncClient, front: str, ground: str
) -> None:
    sheet = (await browser.get("/assets/auth.css")).text
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", part)) for part in sheet.split("@media"))

    for colours in (light, dark):
        brighter, darker = sorted((luminance(colours[front]), luminance(colours[ground])), reverse=True)
        assert (brighter + 0.05) / (darker + 0.05) >= 4.5


async def test_a_browser_at_the_root_is_led_to_its_account_and_a_program_is_told_what_this_is(
    browser: httpx.AsyncClient, program: httpx.AsyncClient
) -> None:
    led, told = await browser.get("/"), await program.get("/")

    assert (led.status_code, led.headers["location"]) == (302, "/account")
    assert told.json()["name"] == "auth-api"
    assert told.json()["contracts"] == [{"name": "auth", "version": "v1", "prefix": PREFIX}]


async def test_the_account_of_nobody_offers_to_sign_in(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/account")

    assert page.status_code == 200
    assert [link["href"] for link in Elements(page.text).all("a")] == [
        f"https://auth.acme.example{PREFIX}/signin"
    ]


async def test_the_account_shows_who_and_where_and_the_ways_out(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    await api.sign_in(browser)
    async with api.browser() as phone:
        await api.sign_in(phone)

        page = await browser.get("/account")

    elements = Elements(page.text)
    assert "<h1>Alice</h1>" in page.text
    assert "alice@people.invalid" in page.text
    assert page.text.count("Firefox on Linux</strong>") == 2
    assert page.text.count("this browser") == 1
    assert [form["action"] for form in elements.all("form")] == [
        "/account/signout",
        "/account/sessions/revoke",
        "/account/signout",
    ]
    assert {form["method"] for form in elements.all("form")} == {"post"}
    assert browser.cookies[SESSION_COOKIE] not in page.text


async def test_a_name_from_the_provider_is_text_and_never_markup(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    await api.sign_in(browser, "<img src=x onerror=alert(1)>")

    page = await browser.get("/account")

    assert not Elements(page.text).all("img")
    assert "&lt;Img Src=X Onerror=Alert(1)&gt;" in page.text


async def test_a_session_is_ended_from_the_account_page(api: AuthApi, browser: httpx.AsyncClient) -> None:
    await api.sign_in(browser)
    async with api.browser() as phone:
        await api.sign_in(phone)
        page = Elements((await browser.get("/account")).text)
        handle = next(field["value"] for field in page.all("input") if field["name"] == "handle")

        answer = await browser.post(
            "/account/sessions/revoke", content=urlencode({"handle": handle}), headers={**SAME_ORIGIN, **FORM}
        )

        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        assert (await phone.get(f"{PREFIX}/session")).json()["reason"] == "session_revoked"
        assert (await browser.get(f"{PREFIX}/session")).json()["authenticated"] is True


@pytest.mark.parametrize("handle", ["", "x" * 43, "<script>"])
async def test_ending_a_session_that_is_gone_shows_the_account_again(
    api: AuthApi, browser: httpx.AsyncClient, handle: str
) -> None:
    await api.sign_in(browser)

    answer = await browser.post(
        "/account/sessions/revoke", content=urlencode({"handle": handle}), headers={**SAME_ORIGIN, **FORM}
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")


async def test_somebody_elses_session_is_not_ended_from_the_account_page(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    async with api.browser() as victim:
        await api.sign_in(victim, "alice")
        await api.sign_in(browser, "mallory")
        handle = (await victim.get(f"{PREFIX}/session")).json()["session"]["handle"]

        await browser.post(
            "/account/sessions/revoke", content=urlencode({"handle": handle}), headers={**SAME_ORIGIN, **FORM}
        )

        assert (await victim.get(f"{PREFIX}/session")).json()["authenticated"] is True


async def test_another_site_cannot_use_the_account_pages_form(
    api: AuthApi, browser: httpx.AsyncClient
) -> None:
    await api.sign_in(browser)

    answer = await browser.post(
        "/account/sessions/revoke", content="handle=x", headers={**FORM, "origin": "https://evil.example"}
    )

    assert answer.status_code == 403
    assert "cross_site" in answer.text


async def test_a_form_of_nobody_is_refused_with_a_page(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(
        "/account/sessions/revoke", content="handle=x", headers={**SAME_ORIGIN, **FORM}
    )

    assert answer.status_code == 401
    assert "no_session" in answer.text


async def test_an_outage_is_no_sign_out(api: AuthApi, browser: httpx.AsyncClient) -> None:
    await api.sign_in(browser)

    async with api.outage():
        page = await browser.get("/account")

    assert page.status_code == 503
    assert "You have not been signed out" in page.text
    assert not set_cookies(page)


async def test_somebody_who_may_not_come_in_can_sign_out() -> None:
    async with running_auth_api(DenyingBackend) as api, api.browser() as browser:
        page = await browser.get("/account")

    assert page.status_code == 403
    assert [form["action"] for form in Elements(page.text).all("form")] == [f"{PREFIX}/signout"]
    assert page.headers.get_list("set-cookie") == list(DenyingBackend.lines)


async def test_a_backend_that_lists_no_sessions_has_an_account_page_without_them() -> None:
    async with running_auth_api(HostedElsewhereBackend) as api, api.browser() as browser:
        issued = await api.backend.sessions.create(api.provider.identity("alice"), Device())
        browser.cookies.set(SESSION_COOKIE, issued.token)
        page = await browser.get("/account")

    assert "<h1>Alice</h1>" in page.text
    assert "Where you are signed in" not in page.text


async def test_the_login_page_refuses_a_foreign_destination(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/login", params={"redirectTo": "//evil.example"})

    assert page.status_code == 403
    assert "evil" not in page.text


async def test_a_choice_is_a_list_of_links() -> None:
    async with running_auth_api(ChoiceBackend) as api, api.browser() as browser:
        page = Elements((await browser.get("/login")).text)

    assert [link["href"] for link in page.all("a")] == [
        f"https://auth.acme.example{PREFIX}/signin?providerId=pretend",
        f"https://auth.acme.example{PREFIX}/signin?providerId=other",
    ]


async def test_the_error_page_explains_reasons_that_are_ours_and_repeats_no_other(
    browser: httpx.AsyncClient,
) -> None:
    ours = await browser.get("/error", params={"reason": "flow_expired"})
    foreign = await browser.get("/error", params={"reason": "call 555-0100 now"})

    assert "took too long" in ours.text
    assert "555-0100" not in foreign.text


@pytest.mark.parametrize("path", ["/account", "/login", "/signed-out", "/error", "/assets/auth.css"])
async def test_without_pages_there_is_nothing_to_see(path: str) -> None:
    async with running_auth_api(PAGES="false") as api, api.browser() as browser:
        answer = await browser.get(path)
        root = await browser.get("/")

    assert answer.status_code == 404
    assert root.json()["name"] == "auth-api"


def test_every_reason_has_a_sentence() -> None:
    assert {reason.value for reason in (*FlowReason, *DenialReason)} <= SENTENCES.keys()


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        (None, "Unknown device"),
        ("", "Unknown device"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari on macOS"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/140.0 Safari/604.1",
            "Chrome on iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("python-httpx/0.28", "python-httpx"),
        ("x" * 300, "x" * 40),
    ],
)
def test_a_device_is_named_as_people_would(user_agent: str | None, label: str) -> None:
    assert device_label(user_agent) == label


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=2), "2 hours ago"),
        (timedelta(days=13), "13 days ago"),
        (timedelta(days=14), "on 3 March 2026"),
    ],
)
def test_times_are_told_as_people_would(passed: timedelta, words: str) -> None:
    moment = datetime(2026, 3, 3, 14, 5, tzinfo=UTC)

    assert ago(moment, moment + passed) == words
    assert exactly(moment) == "3 March 2026, 14:05 UTC"
