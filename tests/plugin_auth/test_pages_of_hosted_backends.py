"""What people see where they sign in or out elsewhere: the way there, or the backend's own sentence."""

from dataclasses import replace

import pytest

from netscript_auth_core.domain import Device
from netscript_plugin_auth.pages.sentences import as_sentence
from tests.support.auth_api import PREFIX, SAME_ORIGIN, SESSION_COOKIE, running_auth_api, set_cookies
from tests.support.auth_backends import DenyingBackend, HostedElsewhereBackend, HostedWhollyBackend
from tests.support.elements import Elements

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("path", ["/account", "/login", f"{PREFIX}/signin"])
async def test_where_people_sign_in_elsewhere_they_are_shown_the_way(path: str) -> None:
    async with running_auth_api(HostedElsewhereBackend) as api, api.browser() as browser:
        page = await browser.get(path)

    assert page.status_code == (200 if path == "/account" else 501)
    ways = [link["href"] for link in Elements(page.text).all("a") if "button" in (link["class"] or "")]
    assert ways == ["https://login.acme.example/sign-in"]


@pytest.mark.parametrize("path", ["/account", "/login", f"{PREFIX}/signin"])
async def test_where_nobody_told_where_people_sign_in_they_read_the_backends_own_sentence(path: str) -> None:
    async with running_auth_api(HostedWhollyBackend) as api, api.browser() as browser:
        page = await browser.get(path)

    assert "<p>People sign in at &lt;Acme Identity&gt;.</p>" in page.text
    assert not Elements(page.text).all("a")


@pytest.mark.parametrize("path", ["/account", "/login", "/signed-out", "/error", f"{PREFIX}/signin"])
@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "/login", "//login.acme.example", "https:login", "data:text/html,x", ""]
)
async def test_only_the_address_of_a_site_becomes_a_link_to_a_sign_in(
    path: str, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_auth_api(_hosted_at(url)) as api, api.browser() as browser:
        page = await browser.get(path)

    assert not Elements(page.text).all("a")
    assert "names an address for signing in to which no browser can be led" in caplog.text


@pytest.mark.parametrize(
    "url",
    ["http://localhost:3000/login", "https://login.acme.example/?app=acme&lang=en", "https://a.example/#/in"],
)
async def test_the_address_of_a_sign_in_is_linked_as_it_is(url: str) -> None:
    async with running_auth_api(_hosted_at(url)) as api, api.browser() as browser:
        page = await browser.get("/login")

    assert [link["href"] for link in Elements(page.text).all("a")] == [url]


def _hosted_at(url: str) -> type[HostedElsewhereBackend]:
    class Hosted(HostedElsewhereBackend):
        capabilities = replace(HostedElsewhereBackend.capabilities, sign_in_url=url)

    return Hosted


@pytest.mark.parametrize("path", ["/signed-out", "/error"])
async def test_no_page_leads_to_a_sign_in_that_is_not_offered(path: str) -> None:
    async with running_auth_api(HostedWhollyBackend) as api, api.browser() as browser:
        page = await browser.get(path)

    assert page.status_code == 200
    assert not Elements(page.text).all("a")


async def test_where_people_sign_out_elsewhere_the_account_says_so_in_place_of_a_button() -> None:
    async with running_auth_api(HostedWhollyBackend) as api, api.browser() as browser:
        issued = await api.backend.sessions.create(api.provider.identity("alice"), Device())
        browser.cookies.set(SESSION_COOKIE, issued.token)
        page = await browser.get("/account")

    assert "You cannot sign out here: people sign out at &lt;Acme Identity&gt;." in page.text
    assert not Elements(page.text).all("form")


@pytest.mark.parametrize("path", ["/account/signout", f"{PREFIX}/signout"])
async def test_a_sign_out_that_is_not_offered_is_explained_by_the_backend(path: str) -> None:
    async with running_auth_api(HostedWhollyBackend) as api, api.browser() as browser:
        issued = await api.backend.sessions.create(api.provider.identity("alice"), Device())
        browser.cookies.set(SESSION_COOKIE, issued.token)

        page = await browser.post(path, content="", headers={**SAME_ORIGIN, **FORM})

    assert page.status_code == 501
    assert "<p>People sign out at &lt;Acme Identity&gt;.</p>" in page.text
    assert [link["href"] for link in Elements(page.text).all("a")] == ["/account"]
    assert not set_cookies(page)


async def test_somebody_who_may_not_come_in_is_told_where_to_sign_out_if_that_is_not_here() -> None:
    class Denying(DenyingBackend, HostedWhollyBackend):
        pass

    async with running_auth_api(Denying) as api, api.browser() as browser:
        page = await browser.get("/account")

    assert page.status_code == 403
    assert "You cannot sign out here: people sign out at &lt;Acme Identity&gt;." in page.text
    assert not Elements(page.text).all("form")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("people sign in at Acme", "People sign in at Acme."),
        ("WorkOS begins sessions", "WorkOS begins sessions."),
        ("better-auth prolongs it itself", "better-auth prolongs it itself."),
        ("Ask them!", "Ask them!"),
        ("sign in at https://login.acme.example/in", "Sign in at https://login.acme.example/in"),
        (" ", ""),
    ],
)
def test_the_words_of_a_backend_become_a_sentence(told: str, sentence: str) -> None:
    assert as_sentence(told) == sentence
