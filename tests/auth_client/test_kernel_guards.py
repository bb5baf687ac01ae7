"""auth-api as the authenticator of a service on the kernel: its principal, its refusals, its outages."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from examples.protected_service import guarded
from netscript_auth_client import AskAuthority, Denied, Nobody, create_authority
from netscript_auth_client.authenticator import CallerPrincipal, caller_behind, create_authenticator
from netscript_kernel.access import KnownPrincipal
from netscript_kernel.clock import SystemClock
from netscript_kernel.errors import ConfigurationError
from tests.auth_client.pretend_authority import PretendAuthority, alice
from tests.support.asgi_server import serving
from tests.support.auth_api import PREFIX, PUBLIC_URL, SESSION_COOKIE, running_auth_api
from tests.support.ports import unused_port

DOMAIN_COOKIE = "__Secure-netscript-session"


@asynccontextmanager
async def orders(authority: Any) -> AsyncGenerator[httpx.AsyncClient]:
    service = guarded.define(authority, {})
    await service.start()
    transport = httpx.ASGITransport(service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8095") as http:
        yield http
    await service.stop()


async def test_who_is_signed_in_at_a_real_auth_api_is_known_until_the_sign_out() -> None:
    port = unused_port()
    authority = AskAuthority(f"http://127.0.0.1:{port}", public_url=PUBLIC_URL)

    async with (
        running_auth_api() as api,
        serving(api.service.app, port),
        api.browser() as browser,
        orders(authority) as http,
    ):
        nobody = await http.get("/me")
        await api.sign_in(browser, "alice")
        session = {"cookie": f"{SESSION_COOKIE}={browser.cookies[SESSION_COOKIE]}"}
        within = [await http.get(path, headers=session) for path in ("/me", "/hello", "/admin")]
        async with api.outage():
            outage = [await http.get(path, headers=session) for path in ("/me", "/hello")]
        await browser.post(f"{PREFIX}/signout", json={})
        afterwards = await http.get("/me", headers=session)

    assert (nobody.status_code, nobody.json()["data"]["reason"]) == (401, "no_session")
    assert [answer.status_code for answer in within] == [200, 200, 403]
    assert [answer.json()["name"] for answer in within[:2]] == ["Alice", "Alice"]
    assert [answer.status_code for answer in outage] == [503, 503]
    assert afterwards.status_code == 401


async def test_the_cookie_of_sibling_hosts_is_known_too() -> None:
    port = unused_port()
    authority = create_authority(
        {
            "NETSCRIPT_CALLERS_AUTH_URL": f"http://127.0.0.1:{port}",
            "NETSCRIPT_CALLERS_PUBLIC_URL": PUBLIC_URL,
        }
    )

    async with (
        running_auth_api(COOKIE_DOMAIN="acme.example") as api,
        serving(api.service.app, port),
        api.browser() as browser,
        orders(authority) as http,
    ):
        await api.sign_in(browser, "alice")
        session = {"cookie": f"{DOMAIN_COOKIE}={browser.cookies[DOMAIN_COOKIE]}"}
        known = await http.get("/me", headers=session)

    assert known.json()["name"] == "Alice"


async def test_an_auth_api_that_is_away_lets_nobody_in_and_makes_nobody_anonymous() -> None:
    authority = AskAuthority(f"http://127.0.0.1:{unused_port()}", public_url=PUBLIC_URL)
    session = {"cookie": f"{SESSION_COOKIE}={'x' * 43}"}

    async with orders(authority) as http:
        answers = [await http.get(path, headers=session) for path in ("/me", "/hello")]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers)


@pytest.mark.parametrize(
    ("outcome", "status", "data", "challenge"),
    [
        (Nobody("session_expired"), 401, {"reason": "session_expired"}, "Bearer"),
        (Nobody("token_expired"), 401, {"reason": "token_expired"}, 'Bearer error="invalid_token"'),
        (Denied("cross_site"), 403, {"reason": "cross_site"}, None),
    ],
)
async def test_what_auth_api_says_is_answered_as_by_every_service_beside_it(
    outcome: Any, status: int, data: dict[str, str], challenge: str | None
) -> None:
    async with orders(PretendAuthority(outcome)) as http:
        answer = await http.get("/me")

    assert (answer.status_code, answer.json()["data"]) == (status, data)
    assert answer.headers.get("www-authenticate") == challenge


async def test_rules_see_the_roles_of_auth_apis_principal() -> None:
    async with orders(PretendAuthority(alice(roles=("admin",)))) as boss:
        allowed = await boss.get("/admin")
    async with orders(PretendAuthority(alice(roles=("clerk",)))) as clerk:
        refused = await clerk.get("/admin")

    assert (allowed.status_code, refused.status_code) == (200, 403)
    assert refused.json()["data"] == {"reason": "role_missing", "missing": ["admin"]}


async def test_a_cookie_that_auth_api_renewed_goes_on_to_the_browser_and_into_no_cache() -> None:
    line = f"{SESSION_COOKIE}=new; Path=/; Secure; HttpOnly"

    async with orders(PretendAuthority(alice(cookies=(line,)))) as http:
        answer = await http.get("/me")

    assert answer.headers.get_list("set-cookie") == [line]
    assert answer.headers["cache-control"] == "no-store"


async def test_a_handler_can_ask_for_a_recent_sign_in() -> None:
    long_ago = alice()
    just_now = replace(long_ago, authenticated_at=SystemClock().now())

    answers: list[httpx.Response] = []
    for caller in (long_ago, just_now):
        async with orders(PretendAuthority(caller)) as http:
            answers.append(await http.delete("/membership"))

    assert [answer.status_code for answer in answers] == [401, 204]
    assert answers[0].json()["data"] == {"reason": "signed_in_too_long_ago", "maxAge": 300}
    assert "insufficient_user_authentication" in answers[0].headers["www-authenticate"]


async def test_a_handler_that_asks_for_a_recent_sign_in_refuses_whom_only_a_proxy_knows() -> None:
    variables = {"MODE": "proxy", "PUBLIC_URL": PUBLIC_URL, "TRUSTED_PROXIES": "127.0.0.1"}
    environment = {f"NETSCRIPT_CALLERS_{name}": value for name, value in variables.items()}
    service = guarded.define(environment=environment)
    await service.start()
    said = {"x-auth-request-user": "usr_alice", "origin": PUBLIC_URL}

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(service.app, client=("127.0.0.1", 1)), base_url="http://localhost:8095"
    ) as http:
        known = await http.get("/me", headers=said)
        refused = await http.delete("/membership", headers=said)
    await service.stop()

    assert (known.status_code, refused.status_code) == (200, 403)
    assert refused.json()["data"] == {"reason": "too_little_known"}


async def test_the_authority_starts_and_ends_with_the_service() -> None:
    authority = PretendAuthority(alice())

    async with orders(authority):
        assert authority.life == ["started"]

    assert authority.life == ["started", "closed"]


def test_a_configuration_that_is_missing_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="NETSCRIPT_CALLERS_AUTH_URL: is not set"):
        create_authenticator({})


def test_what_is_known_of_a_caller_is_behind_their_principal_and_behind_no_other() -> None:
    caller = alice(roles=("clerk",), scopes=("orders:read",))
    principal = CallerPrincipal(caller)

    assert (principal.subject, set(principal.scopes)) == ("usr_alice", {"orders:read"})
    assert caller_behind(principal) is caller
    with pytest.raises(TypeError, match="none of auth-api's"):
        caller_behind(KnownPrincipal("usr_alice"))
