"""The session cookie of a domain: which domains there may be, what is read, and what is taken away."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from netscript_kernel.errors import ConfigurationError
from netscript_plugin_auth.cookies import CookiePolicy
from tests.support.auth_api import PUBLIC_URL, set_cookies, settings_from
from tests.support.auth_api import running_auth_api as running

HOST, DOMAIN, DAY = "auth.acme.example", "acme.example", timedelta(days=1)
SHARED = CookiePolicy(is_secure=True, host=HOST, domain=DOMAIN)
ALONE = CookiePolicy(is_secure=True, host=HOST)
OURS, OF_BEFORE = "__Secure-netscript-session", "__Host-netscript-session"


def carrying(*names: str) -> list[tuple[bytes, bytes]]:
    return [(b"cookie", "; ".join(f"{name}={name[2]}" for name in names).encode())]


def places(lines: Sequence[str]) -> list[tuple[str, str | None]]:
    """Name and domain of each cookie that the lines are about."""
    return [
        (line.partition("=")[0], line.partition("Domain=")[2].partition(";")[0] or None) for line in lines
    ]


def fault_of(domain: str, public_url: str = PUBLIC_URL) -> str:
    with pytest.raises(ConfigurationError) as refusal:
        settings_from(COOKIE_DOMAIN=domain, PUBLIC_URL=public_url)
    (fault,) = refusal.value.faults
    assert fault.variable == "NETSCRIPT_AUTH_COOKIE_DOMAIN"
    assert fault.fix
    return fault.problem


def test_the_session_cookie_of_a_domain_has_all_else_of_the_policy() -> None:
    (line,) = SHARED.leave_session("token", DAY, [])

    assert line == f"{OURS}=token; Max-Age=86400; Domain={DOMAIN}; Path=/; HttpOnly; SameSite=Lax; Secure"


def test_no_other_cookie_is_shared_with_the_domain() -> None:
    names = [SHARED.flow_name("a"), SHARED.flash_name, SHARED.signout_name]

    lines = [SHARED.write(name, "value", DAY) for name in names]

    assert all(line.startswith("__Host-") and "Domain" not in line for line in lines)


def test_with_a_domain_the_cookie_of_before_is_read_beside_the_new_one() -> None:
    reader = SHARED.session_reader()

    found = [reader.values(carrying(*names)) for names in ([OURS], [OF_BEFORE], [OURS, OF_BEFORE])]

    assert found == [("S",), ("H",), ("S", "H")]


def test_without_a_domain_what_a_sibling_can_set_is_never_read() -> None:
    assert ALONE.session_reader().values(carrying(OURS)) == ()


@pytest.mark.parametrize("policy", [SHARED, ALONE])
def test_what_a_request_does_not_carry_is_not_taken_away(policy: CookiePolicy) -> None:
    lines = policy.forget_session(carrying("theme"))

    assert places(lines) == [(policy.session_name, policy.domain)]


def test_a_sign_in_takes_the_cookie_of_before_away_and_then_leaves_its_own() -> None:
    lines = SHARED.leave_session("token", DAY, carrying(OF_BEFORE))

    assert places(lines) == [(OF_BEFORE, None), (OURS, DOMAIN)]
    assert ["Max-Age=0" in line for line in lines] == [True, False]


def test_a_cookie_of_our_name_is_taken_away_from_every_domain_that_it_can_be_of() -> None:
    policy = CookiePolicy(is_secure=True, host="login.auth.acme.example", domain=HOST)

    lines = policy.forget_session(carrying(OURS))

    assert set(places(lines)) == {
        *((OURS, domain) for domain in (None, "login.auth.acme.example", HOST, DOMAIN)),
    }
    assert all("Max-Age=0" in line for line in lines)


def test_a_domain_that_is_configured_no_more_leaves_no_cookie_behind() -> None:
    lines = ALONE.forget_session(carrying(OURS, OF_BEFORE))

    assert places(lines) == [(OURS, None), (OURS, HOST), (OURS, DOMAIN), (OF_BEFORE, None)]


@pytest.mark.parametrize("domain", [DOMAIN, "ACME.example", f".{DOMAIN}", HOST])
def test_the_host_itself_and_the_domains_above_it_are_taken(domain: str) -> None:
    assert settings_from(COOKIE_DOMAIN=domain).cookie_domain == domain.lower().removeprefix(".")


@pytest.mark.parametrize(
    ("domain", "problem"),
    [
        ("localhost", "is localhost"),
        ("127.0.0.1", "is an IP address"),
        ("0x7f.1", "is an IP address"),
        ("::1", "is an IP address"),
        ("[fe80::1]", "is an IP address"),
        ("example", "is a single label"),
        ("https://acme.example", "is no domain"),
        ("acme.example:443", "is no domain"),
        ("acme.example.", "is no domain"),
        ("..acme.example", "is no domain"),
        ("*.acme.example", "is no domain"),
        ("acme.example; Path=/x", "is no domain"),
        ("äcme.example", "is no domain"),
        ("cme.example", "is neither the host"),
        ("app.acme.example", "is neither the host"),
        ("x.auth.acme.example", "is neither the host"),
        ("other.example", "is neither the host"),
    ],
)
def test_a_domain_that_browsers_would_not_take_is_refused(domain: str, problem: str) -> None:
    told = fault_of(domain)

    assert told.startswith(problem)
    assert domain == "localhost" or domain not in told


@pytest.mark.parametrize("suffix", ["co.uk", "github.io", "foo.ck"])
def test_a_domain_of_strangers_is_refused(suffix: str) -> None:
    assert fault_of(suffix, f"https://acme.{suffix}").startswith("is a public suffix")


def test_a_domain_needs_https() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        settings_from(COOKIE_DOMAIN=DOMAIN, PUBLIC_URL="http://auth.acme.example")

    assert [fault.variable for fault in refusal.value.faults] == ["NETSCRIPT_AUTH_PUBLIC_URL"]


async def test_who_was_signed_in_before_the_domain_stays_so_until_the_next_sign_in_brings_it() -> None:
    async with running(COOKIE_DOMAIN=DOMAIN) as api, api.browser() as browser:
        issued = await api.sign_in(browser)
        token = set_cookies(issued)[OURS].partition("=")[2].partition(";")[0]
        browser.cookies.clear()
        browser.cookies.set(OF_BEFORE, token, HOST)

        before = await browser.get("/api/v1/auth/session")

        assert before.json()["authenticated"] is True
        assert "Max-Age=0" in set_cookies(await api.sign_in(browser))[OF_BEFORE]
