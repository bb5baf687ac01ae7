"""Sessions on a Redis server: shared by all auth-apis, and lost by no end of one and by no outage."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.support.auth_api_process import API, MODULE, SESSION_COOKIE, is_ready, run_auth_api
from tests.support.desk import Desk, run_desk
from tests.support.loopback import loopback_client
from tests.support.ports import unused_port
from tests.support.program import started
from tests.support.site import is_signed_in, sign_in
from tests.support.valkey import Valkey, running_valkey

pytestmark = pytest.mark.slow

DURABLE = ("--appendonly", "yes", "--appendfsync", "always")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Valkey]:
    with running_valkey(tmp_path, *DURABLE) as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, server: Valkey) -> Iterator[Desk]:
    with run_desk(tmp_path, kv_url=server.url) as desk:
        yield desk


async def test_a_sign_out_at_one_auth_api_is_seen_by_another_at_once(desk: Desk) -> None:
    other_port = unused_port()
    with desk.run(), run_auth_api(desk.environment, other_port, desk.folder):
        async with desk.client() as http:
            await sign_in(http, desk.provider)
            cookie = {"cookie": f"{SESSION_COOKIE}={http.cookies[SESSION_COOKIE]}"}
            async with loopback_client(f"http://127.0.0.1:{other_port}", headers=cookie) as other:
                assert await is_signed_in(http)
                assert await is_signed_in(other)

                assert (await http.post(f"{API}/signout", json={})).is_success

                assert not await is_signed_in(other)
                assert not await is_signed_in(http)


async def test_an_outage_of_the_server_signs_nobody_out_and_nobody_in(desk: Desk, server: Valkey) -> None:
    with desk.run() as api, ExitStack() as stack:
        async with desk.client() as http:
            await sign_in(http, desk.provider)
            server.kill()

            during = await http.get(f"{API}/session")
            api.wait_until(lambda: not is_ready(desk.port), "auth-api is ready no more")

            stack.enter_context(running_valkey(desk.folder, *DURABLE, port=server.port))
            api.wait_until(lambda: is_ready(desk.port), "auth-api has the server back")
            assert await is_signed_in(http)
        assert during.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert "retry-after" in during.headers
        assert "set-cookie" not in during.headers
        assert "Traceback" not in api.stdout + api.stderr


def test_a_server_that_is_away_stops_the_start_with_a_sentence(desk: Desk, server: Valkey) -> None:
    server.kill()

    with started(MODULE, {**desk.environment, "PORT": str(desk.port)}, desk.folder) as api:
        code = api.wait()

    assert code != 0
    assert f"127.0.0.1:{server.port}: nothing listens there. Fix: " in api.stderr
    assert "NETSCRIPT_KV_URL" in api.stderr
    assert "Traceback" not in api.stdout + api.stderr
