"""Services beside a real auth-api: whoever signs out there is let in nowhere any more, in both modes."""

import signal
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from examples.protected_service import guarded, orders, plain
from netscript_auth_client import Authority, create_authority
from netscript_auth_client.asgi import ASGIApp
from tests.auth_client.asgi_calls import call, http_scope, living
from tests.support.auth_api_process import API, NETSCRIPT, SESSION_COOKIE, run_auth_api
from tests.support.desk import Desk, run_desk
from tests.support.ports import unused_port
from tests.support.site import sign_in
from tests.support.valkey import running_valkey

pytestmark = pytest.mark.slow

AUDIENCE, SECRET = "orders", "c" * 43
OFFERS = {
    "NETSCRIPT_AUTH_TOKEN_AUDIENCES": AUDIENCE,
    "NETSCRIPT_AUTH_SERVICE_CREDENTIALS": f"orders:{SECRET}",
}
TWO_WORKERS = (NETSCRIPT, "auth", "serve", "--workers", "2")
# Far beyond what it takes: how long that is, is asserted where the clock is a test's own.
PATIENCE_SECONDS = 120.0
DURABLE = ("--appendonly", "yes", "--appendfsync", "always")
SERVICES: dict[str, Callable[[Authority], Any]] = {
    "fastapi": orders.create_app,
    "asgi": plain.create_app,
    "kernel": lambda authority: guarded.define(authority, {}).app,
}
Header = tuple[bytes, bytes]


@dataclass(frozen=True)
class Service:
    """A service that runs.

    Attributes:
        mode: By which it finds out who calls.
    """

    app: ASGIApp
    mode: str

    async def status(self, http: httpx.AsyncClient, token: str) -> int:
        """What it answers to somebody who sends what the mode takes."""
        header = (b"authorization", f"Bearer {token}".encode())
        if self.mode == "ask":
            header = (b"cookie", f"{SESSION_COOKIE}={http.cookies[SESSION_COOKIE]}".encode())
        return await self.status_of(header)

    async def status_of(self, *headers: Header) -> int:
        scope = http_scope("/me", (b"host", b"localhost"), *headers, query_string=b"", root_path="")
        return (await call(self.app, scope)).status


def authority_of(mode: str, desk: Desk, port: int | None = None) -> Authority:
    """What the environment of a service makes, as the page for its developers says."""
    environment = {
        "NETSCRIPT_CALLERS_AUTH_URL": f"http://127.0.0.1:{port or desk.port}",
        "NETSCRIPT_CALLERS_PUBLIC_URL": desk.url,
        "NETSCRIPT_CALLERS_MODE": mode,
    }
    listens = {"NETSCRIPT_CALLERS_AUDIENCE": AUDIENCE, "NETSCRIPT_CALLERS_FEED_SECRET": SECRET}
    return create_authority(environment | (listens if mode == "local" else {}))


@asynccontextmanager
async def running(
    mode: str, desk: Desk, make: Callable[[Authority], Any], port: int | None = None
) -> AsyncGenerator[Service]:
    """Run a service while the block lasts; it is auth-api's at this port that it asks or listens to."""
    app = make(authority_of(mode, desk, port))
    async with living(app):
        yield Service(app, mode)


async def token_of(http: httpx.AsyncClient) -> str:
    answer = await http.post(f"{API}/token", json={})
    assert answer.is_success, answer.text
    return str(answer.json()["accessToken"])


async def until(status: Callable[[], Awaitable[int]], wanted: int, allowed: set[int]) -> None:
    """Ask until the answer is the wanted one; whatever else it is on the way has to be allowed."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := await status()) != wanted:
        assert found in allowed, found
        assert time.monotonic() < deadline, f"still {found}"
        await anyio.sleep(0.02)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with run_desk(tmp_path_factory.mktemp("services"), more=OFFERS) as desk, desk.run(TWO_WORKERS):
        yield desk


@pytest.mark.parametrize("mode", ["ask", "local"])
@pytest.mark.parametrize("make", SERVICES.values(), ids=SERVICES.keys())
async def test_who_is_signed_in_is_let_in_until_the_sign_out(
    desk: Desk, mode: str, make: Callable[[Authority], Any]
) -> None:
    async with desk.client() as http, running(mode, desk, make) as service:
        await sign_in(http, desk.provider)
        token, cookie = await token_of(http), http.cookies[SESSION_COOKIE]
        # 503 until the feed of revocations is heard.
        await until(partial(service.status, http, token), 200, allowed={503})

        assert (await http.post(f"{API}/signout", json={})).is_success

        http.cookies.set(SESSION_COOKIE, cookie)
        # 503 where the feed is lost for a moment: whoever cannot find out lets nobody in.
        await until(partial(service.status, http, token), 401, allowed={200, 503})
        assert await service.status_of() == 401


async def test_a_sign_out_at_one_process_reaches_whoever_listens_to_another(desk: Desk) -> None:
    """Several listen to the two workers, which share a port, and one to an auth-api beside them."""
    other = unused_port()
    async with AsyncExitStack() as stack:
        stack.enter_context(run_auth_api(desk.environment, other, desk.folder))
        services = [
            await stack.enter_async_context(running("local", desk, plain.create_app, port))
            for port in (other, None, None, None)
        ]
        http = await stack.enter_async_context(desk.client())
        await sign_in(http, desk.provider)
        token = await token_of(http)
        for service in services:
            await until(partial(service.status, http, token), 200, allowed={503})

        assert (await http.post(f"{API}/signout", json={"everywhere": True})).is_success

        for service in services:
            await until(partial(service.status, http, token), 401, allowed={200, 503})


async def test_a_stop_of_auth_api_lets_nobody_in_and_a_start_brings_everybody_back(tmp_path: Path) -> None:
    with run_desk(tmp_path, more=OFFERS) as desk:
        async with desk.client() as http, running("local", desk, plain.create_app) as service:
            with desk.run() as api:
                await sign_in(http, desk.provider)
                token = await token_of(http)
                await until(partial(service.status, http, token), 200, allowed={503})

                api.signal_main(signal.SIGTERM)
                assert api.wait() == 0
                await until(partial(service.status, http, token), 503, allowed={200})
                output = api.stdout + api.stderr
                assert "stopped before all was answered" not in output
                assert SECRET not in output
                assert token not in output
            with desk.run():
                await until(partial(service.status, http, token), 200, allowed={503})


async def test_while_the_store_is_away_nobody_is_let_in_and_afterwards_who_was_signed_in_is(
    tmp_path: Path,
) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(running_valkey(tmp_path, *DURABLE))
        desk = stack.enter_context(run_desk(tmp_path, kv_url=server.url, more=OFFERS))
        stack.enter_context(desk.run())
        async with desk.client() as http, running("local", desk, plain.create_app) as service:
            await sign_in(http, desk.provider)
            token = await token_of(http)
            await until(partial(service.status, http, token), 200, allowed={503})

            server.kill()
            await until(partial(service.status, http, token), 503, allowed={200})
            stack.enter_context(running_valkey(desk.folder, *DURABLE, port=server.port))

            await until(partial(service.status, http, token), 200, allowed={503})
