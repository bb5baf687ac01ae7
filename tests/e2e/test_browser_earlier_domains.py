"""A real browser that still has the session cookie of an earlier ``NETSCRIPT_AUTH_COOKIE_DOMAIN``."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Cookie

from tests.support.auth_api_process import API
from tests.support.browsing import Person, person_at, sign_in_at_peer
from tests.support.desk import AUTH_HOST
from tests.support.sites import of_another_cookie_domain, run_production_site

pytestmark = [pytest.mark.browser, pytest.mark.peer, pytest.mark.slow, pytest.mark.full]

WIDE, NARROW = "acme.localhost", AUTH_HOST
NAMES = ("__Host-netscript-session", "__Secure-netscript-session")


async def sessions_of(person: Person) -> list[tuple[str, str]]:
    """Return name and place of each session cookie that the browser would send to auth-api."""
    kept = await person.context.cookies(person.site.url)
    return sorted(
        (each.get("name", ""), each.get("domain", "")) for each in kept if each.get("name") in NAMES
    )


async def reason_of(person: Person) -> str | None:
    # By a tab: requests that Playwright sends itself find no host below localhost.
    answer = await person.open(f"{API}/session")
    reason: str | None = (await answer.json()).get("reason")
    return reason


async def sign_in(person: Person) -> None:
    await person.context.clear_cookies(domain="localhost")  # the provider has to ask anew
    await person.open(f"{API}/signin")  # by a link: whoever is signed in is shown none on our pages
    await sign_in_at_peer(person.page)
    await person.page.wait_for_url(f"{person.site.url}/account")


async def sign_out(person: Person) -> None:
    await person.open("/account")
    await person.page.get_by_role("button", name="Sign out", exact=True).click()
    await person.page.wait_for_url(f"{person.site.url}/signed-out")


async def has_again(person: Person, cookie: Cookie) -> None:
    """Let the browser keep a cookie beside those that it has."""
    name, value, domain = cookie.get("name", ""), cookie.get("value", ""), cookie.get("domain", "")
    if domain.startswith("."):
        await person.context.add_cookies(
            [{"name": name, "value": value, "domain": domain, "path": "/", "secure": True}]
        )
    else:
        await person.context.add_cookies(
            [{"name": name, "value": value, "url": person.site.url, "secure": True}]
        )


def place(domain: str | None) -> tuple[str, str]:
    """Where the cookie is kept: a leading dot is how browsers tell a domain from a host."""
    return (NAMES[0], AUTH_HOST) if domain is None else (NAMES[1], f".{domain}")


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (WIDE, None),
        (WIDE, NARROW),
        (NARROW, WIDE),
        (NARROW, None),
        (None, WIDE),
    ],
)
async def test_whoever_has_a_cookie_of_an_earlier_domain_signs_in_and_out_and_keeps_none_of_it(
    tmp_path: Path, browser: Browser, earlier: str | None, later: str | None
) -> None:
    with run_production_site(tmp_path, cookie_domain=earlier) as before:
        async with person_at(before, browser) as alice:
            await sign_in(alice)
            assert await sessions_of(alice) == [place(earlier)]
            left = await alice.session_cookie()
            with of_another_cookie_domain(before, later) as after:
                alice.site = after

                await sign_in(alice)

                assert await sessions_of(alice) == [place(later)]
                assert await reason_of(alice) is None
                await has_again(alice, left)  # of a browser that sends both nevertheless
                assert await sessions_of(alice) == sorted([place(earlier), place(later)])
                if later is not None:  # both names are read, and nobody is preferred
                    assert await reason_of(alice) == "cookie_ambiguous"
                    await sign_in(alice)
                    assert await sessions_of(alice) == [place(later)]
                await sign_out(alice)
                assert await sessions_of(alice) == []
                assert await reason_of(alice) == "no_session"
