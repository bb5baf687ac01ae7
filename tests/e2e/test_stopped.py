"""auth-api is asked to stop: it finishes what it has begun, and nothing of it is left."""

import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import anyio
import anyio.to_thread
import httpx
import pytest

from tests.support.auth_api_process import API, NETSCRIPT, is_ready
from tests.support.desk import Desk, run_desk
from tests.support.dev_provider import DevProviderProcess
from tests.support.loopback import loopback_client
from tests.support.ports import unused_port
from tests.support.program import started
from tests.support.site import begin, is_signed_in, sign_in
from workspace import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with run_desk(tmp_path) as desk:
        yield desk


async def test_a_sign_in_under_way_is_completed_before_it_stops_with_code_0(desk: Desk) -> None:
    answers: list[httpx.Response] = []
    async with desk.client() as http:
        with desk.run() as api:
            callback = await desk.provider.sign_in(await begin(http))

            async def complete() -> None:
                answers.append(await http.get(callback))

            async with anyio.create_task_group() as group:
                with desk.relay.held_back():
                    group.start_soon(complete)
                    await anyio.to_thread.run_sync(desk.relay.wait_for, "POST /token")
                    api.signal_main(signal.SIGTERM)
                    # It still answers, and says to whatever balances the load that it wants no more.
                    api.wait_until(lambda: not is_ready(desk.port), "not ready any more")
                    assert (await http.get("/health/live")).is_success
                    assert answers == []

            assert api.wait() == 0
            api.wait_until_gone()
            assert "Traceback" not in api.stdout + api.stderr
        assert [answer.status_code for answer in answers] == [httpx.codes.SEE_OTHER]
        with desk.run():
            assert await is_signed_in(http)


@pytest.mark.parametrize(
    ("command", "kind", "code"),
    [
        ((ROOT / "scripts" / "run",), signal.SIGINT, 0),
        pytest.param((NETSCRIPT, "auth", "dev"), signal.SIGTERM, 0, marks=pytest.mark.full),
        ((NETSCRIPT, "auth", "dev"), signal.SIGKILL, -signal.SIGKILL),
    ],
    ids=["Ctrl-C", "TERM", "KILL"],
)
async def test_development_is_one_command_that_shows_one_url_and_ends_as_a_whole(
    tmp_path: Path, command: Sequence[str | Path], kind: signal.Signals, code: int
) -> None:
    port, provider_port = unused_port(), unused_port()
    environment = {
        "PORT": str(port),
        "NETSCRIPT_DEV_PROVIDER_PORT": str(provider_port),
        "NETSCRIPT_DATA_DIR": str(tmp_path / "data"),
    }
    with started(command, environment, tmp_path) as both:
        both.wait_until(lambda: "Stop with Ctrl-C" in both.stdout, "both are ready")
        to_open = [line.split() for line in both.stdout.splitlines() if line.strip().startswith("Open ")]
        assert to_open == [["Open", f"http://localhost:{port}/"]]
        async with loopback_client(f"http://localhost:{port}") as alice:
            await sign_in(alice, DevProviderProcess(f"http://localhost:{provider_port}"))
            assert (await alice.get(f"{API}/me")).json()["user"]["name"] == "Alice Example"

        both.signal_group(kind)

        assert both.wait() == code
        both.wait_until_gone()
        assert not is_ready(port)
        assert "Traceback" not in both.stdout + both.stderr
        assert (tmp_path / "data" / "auth-keys").stat().st_mode & 0o777 == 0o600
