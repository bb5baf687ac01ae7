"""docs/protect-your-service.md does what it says: each service of it runs, and lets in whom it should."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from examples.protected_service import orders
from netscript_auth_client import composition, create_authority
from netscript_auth_client import fastapi as fastapi_module
from netscript_kernel.clock import SystemClock
from tests.auth_client.asgi_calls import call, http_scope
from tests.auth_client.pretend_authority import PretendAuthority, alice
from tests.support.asgi_server import serving
from tests.support.auth_api import SESSION_COOKIE, running_auth_api
from tests.support.documented import Page, blocks_of
from tests.support.ports import unused_port

SERVICES = {block.info: block.text for block in blocks_of("docs/protect-your-service.md")}


def application(service: str, authority: PretendAuthority, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a block, with an authority of the test in place of the one that the environment configures."""
    for module in (composition, fastapi_module):
        monkeypatch.setattr(module, "create_authority", lambda: authority)
    monkeypatch.setattr("netscript_auth_client.create_authority", lambda: authority)
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile(service, "a service of the page", "exec"), names)  # noqa: S102 - what the page shows
    return names["app"]


async def status(app: Any, path: str, method: str = "GET", cookie: str = "") -> int:
    headers = [(b"cookie", cookie.encode())] if cookie else []
    return (await call(app, http_scope(path, *headers, method=method, query_string=b"", root_path=""))).status


@pytest.mark.page("docs/protect-your-service.md", "python fastapi", "python starlette", "python asgi")
async def test_each_service_of_the_page_lets_in_who_is_known_and_nobody_else(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    for service in page.take_all():
        authority = PretendAuthority(alice())
        app = application(service.text, authority, monkeypatch)

        somebody = await status(app, "/me")
        authority.outcome = PretendAuthority().outcome
        nobody = await status(app, "/me")
        authority.outcome = None
        unknown = await status(app, "/me")

        assert (somebody, nobody, unknown) == (200, 401, 503), service.info


async def test_the_routes_of_the_page_need_what_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    app = application(SERVICES["python fastapi"], PretendAuthority(alice()), monkeypatch)
    plain = application(SERVICES["python asgi"], PretendAuthority(alice()), monkeypatch)
    may = application(
        SERVICES["python fastapi"],
        PretendAuthority(alice(roles=("admin",), scopes=("orders:read",))),
        monkeypatch,
    )

    assert [await status(app, path) for path in ("/", "/orders", "/admin")] == [200, 403, 403]
    assert [await status(may, path) for path in ("/", "/orders", "/admin")] == [200, 200, 200]
    assert await status(app, "/account", "DELETE") == 200
    assert await status(plain, "/admin") == 403


async def test_the_plain_service_of_the_page_wants_a_recent_sign_in_before_an_account_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long_ago = alice()
    callers = (long_ago, replace(long_ago, authenticated_at=SystemClock().now()))
    apps = [application(SERVICES["python asgi"], PretendAuthority(each), monkeypatch) for each in callers]

    statuses = [await status(app, "/account/delete") for app in apps]

    assert statuses == [401, 200]


@pytest.mark.page("docs/protect-your-service.md", "sh production")
async def test_with_the_variables_of_production_auth_api_answers_and_lets_in_who_is_signed_in(
    page: Page, tmp_path: Path
) -> None:
    port = unused_port()
    authority = create_authority(exported(page.take("sh production").replace("8094", str(port)), tmp_path))
    app = orders.create_app(authority)

    async with running_auth_api() as api, serving(api.service.app, port), api.browser() as browser:
        await api.sign_in(browser, "alice")
        cookie = f"{SESSION_COOKIE}={browser.cookies[SESSION_COOKIE]}"

        somebody, nobody = await status(app, "/me", cookie=cookie), await status(app, "/me")
    await authority.aclose()

    assert (somebody, nobody) == (200, 401)


def exported(commands: str, folder: Path) -> dict[str, str]:
    """Return the variables that commands set."""
    done = subprocess.run(
        ["bash", "-euc", f"{commands}\nenv -0"],  # noqa: S607 - bash of the PATH
        env={"PATH": "/usr/bin:/bin"},
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(each.split("=", 1) for each in done.stdout.split("\0") if each)
