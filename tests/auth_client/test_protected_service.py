"""The example of a service beside a real auth-api, over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from examples.protected_service import orders, plain
from netscript_auth_client import AskAuthority, Authority
from netscript_auth_client.asgi import ASGIApp
from tests.auth_client.asgi_calls import Reply, call, http_scope
from tests.auth_client.pretend_authority import PretendAuthority, alice
from tests.support.asgi_server import serving
from tests.support.auth_api import PREFIX, PUBLIC_URL, SESSION_COOKIE, running_auth_api
from tests.support.ports import unused_port

Make = Callable[[Authority], ASGIApp]


async def get(app: Any, path: str, cookie: str = "") -> Reply:
    headers = [(b"cookie", cookie.encode())] if cookie else []
    return await call(app, http_scope(path, *headers, query_string=b"", root_path=""))


@pytest.mark.parametrize("make", [orders.create_app, plain.create_app], ids=["fastapi", "asgi"])
async def test_real_refusals_of_auth_api_are_nobody_and_its_absence_is_not(make: Make) -> None:
    port = unused_port()
    authority = AskAuthority(f"http://127.0.0.1:{port}", public_url=PUBLIC_URL)
    app, session = make(authority), f"{SESSION_COOKIE}={'x' * 43}"

    async with running_auth_api() as api:
        async with serving(api.service.app, port):
            nobody = await get(app, "/me")
            unknown = await get(app, "/me", session)
            async with api.outage():
                outage = await get(app, "/me", session)
        away = await get(app, "/me", session)
    await authority.aclose()

    assert (nobody.status, unknown.status) == (401, 401)
    assert b"session_unknown" in unknown.body
    assert (outage.status, away.status) == (503, 503)


@pytest.mark.parametrize("make", [orders.create_app, plain.create_app], ids=["fastapi", "asgi"])
async def test_who_is_signed_in_at_a_real_auth_api_is_let_in_until_the_sign_out(make: Make) -> None:
    port = unused_port()
    authority = AskAuthority(f"http://127.0.0.1:{port}", public_url=PUBLIC_URL)
    app = make(authority)

    async with running_auth_api() as api, serving(api.service.app, port), api.browser() as browser:
        await api.sign_in(browser, "alice")
        session = f"{SESSION_COOKIE}={browser.cookies[SESSION_COOKIE]}"
        user_id = (await browser.get(f"{PREFIX}/me")).json()["user"]["id"]

        within = await get(app, "/me", session)
        await browser.post(f"{PREFIX}/signout", json={})
        afterwards = await get(app, "/me", session)
    await authority.aclose()

    assert (within.status, afterwards.status) == (200, 401)
    assert within.body in {b'"Alice"', user_id.encode()}


@pytest.mark.parametrize("make", [orders.create_app, plain.create_app], ids=["fastapi", "asgi"])
async def test_it_lets_in_who_is_known(make: Make) -> None:
    assert (await get(make(PretendAuthority(alice())), "/me")).status == 200


async def test_the_part_for_admins_is_for_admins() -> None:
    clerk, boss = (orders.create_app(PretendAuthority(alice(roles=(role,)))) for role in ("clerk", "admin"))

    assert [(await get(app, "/admin")).status for app in (clerk, boss)] == [403, 200]


async def test_everybody_is_greeted() -> None:
    stranger, known = orders.create_app(PretendAuthority()), orders.create_app(PretendAuthority(alice()))

    assert (await get(stranger, "/")).body == b'"Hello, stranger."'
    assert (await get(known, "/")).body == b'"Hello, usr_alice."'
