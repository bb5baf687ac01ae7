"""A served process drains, ends with its parent, and says what is wrong with its configuration."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

from tests.support.program import Program
from tests.support.serving import serving

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from netscript_kernel.server import serve
target, port, workers = f"tests.kernel.served:{sys.argv[1]}", int(sys.argv[2]), int(sys.argv[3])
sys.exit(serve(target, host="127.0.0.1", port=port, workers=workers))
"""
SECONDS = 120.0
Serve = Callable[..., AbstractContextManager[Program]]

pytestmark = pytest.mark.slow


def command(factory: str, port: int, workers: int = 1) -> list[str]:
    return [sys.executable, "-c", PROGRAM, factory, str(port), str(workers)]


@pytest.fixture
def serve(free_port: int, tmp_path: Path) -> Serve:
    """Run the sample service while a block lasts."""

    def run_it(workers: int = 1) -> AbstractContextManager[Program]:
        words = command("create_app", free_port, workers)
        return serving(words, free_port, tmp_path, workers=workers, environment={"PYTHONPATH": str(ROOT)})

    return run_it


async def worker_pids(http: httpx.AsyncClient, workers: int) -> set[int]:
    pids: set[int] = set()
    while len(pids) < workers:  # the kernel spreads new connections over the workers
        pids.add(int((await http.get("/pid", headers={"Connection": "close"})).text))
    return pids


def client(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS)


async def test_a_stop_lets_a_request_in_flight_end_and_is_not_ready_meanwhile(
    serve: Serve, free_port: int
) -> None:
    with serve() as service:
        async with client(free_port) as http, asyncio.TaskGroup() as tasks:
            slow = tasks.create_task(http.get("/slow"))
            await http.get("/slow-has-begun")
            service.signal_main(signal.SIGTERM)
            await http.get("/draining")
            ready = await http.get("/health/ready")
            await http.get("/release")
        code = await asyncio.to_thread(service.wait)

    assert (slow.result().status_code, slow.result().text) == (200, "done")
    assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
    assert code == 0
    assert "part closed" in service.lines


async def test_garbage_is_looked_for_after_the_start_and_not_among_what_it_made(
    serve: Serve, free_port: int
) -> None:
    with serve():
        async with client(free_port) as http:
            garbage = (await http.get("/garbage")).json()

    assert garbage["set_apart"] > 10_000  # objects; those of the imported modules alone are more
    assert (garbage["collected_when_made"], garbage["collects"]) == (False, True)


def test_an_interrupt_from_the_keyboard_stops_it_too(serve: Serve) -> None:
    with serve() as service:
        service.signal_group(signal.SIGINT)

        code = service.wait()

    assert code == 0
    assert "part closed" in service.lines


@pytest.mark.parametrize("workers", [1, 2])
async def test_workers_end_when_the_main_process_is_killed(
    serve: Serve, free_port: int, workers: int
) -> None:
    with serve(workers) as service:
        async with client(free_port) as http:
            pids = await worker_pids(http, workers)
            assert pids <= {*service.process_ids()} - {service.main_id}

            service.signal_main(signal.SIGKILL)

            await asyncio.to_thread(service.wait_until_gone)
            with pytest.raises(httpx.ConnectError):
                await http.get("/pid")


async def test_everything_is_logged_as_lines_of_json(serve: Serve, free_port: int) -> None:
    with serve() as service:
        async with client(free_port) as http:
            await http.get("/pid?code=hunter2", headers={"X-Request-ID": "abcd-1234"})
        service.signal_main(signal.SIGTERM)
        await asyncio.to_thread(service.wait)

    lines = [json.loads(line) for line in service.lines if line != "part closed"]
    assert service.stderr == ""
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["route"], line["request_id"]) for line in requests] == [("/pid", "abcd-1234")]
    assert {"_granian"} <= {line["logger"] for line in lines}
    assert "hunter2" not in service.stdout


def run(*arguments: str | int) -> subprocess.CompletedProcess[str]:
    factory, port = str(arguments[0]), int(arguments[1])
    return subprocess.run(
        command(factory, port), cwd=ROOT, check=False, capture_output=True, text=True, timeout=SECONDS
    )


@pytest.mark.parametrize("is_shared", [False, True])
def test_a_port_in_use_is_told_with_its_number_and_variable(is_shared: bool) -> None:
    with socket.socket() as other:
        if is_shared:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port: int = other.getsockname()[1]

        done = run("create_app", port)

    assert done.returncode == 2
    assert f"PORT: is {port}, which cannot be used on 127.0.0.1 (Address already in use)" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("factory", ["refuse_to_be_made", "refuse_to_start"])
def test_a_faulty_configuration_stops_the_start_with_its_own_words(factory: str, free_port: int) -> None:
    done = run(factory, free_port)

    assert done.returncode == 2
    assert done.stderr == "ACME_KEY: is not set. Fix: make one\n"
    assert "Traceback" not in done.stdout
