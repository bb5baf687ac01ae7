"""A served process drains, ends with its parent, and says what is wrong with its configuration."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from netscript_kernel.server import serve
target, port, workers = f"tests.kernel.served:{sys.argv[1]}", int(sys.argv[2]), int(sys.argv[3])
sys.exit(serve(target, host="127.0.0.1", port=port, workers=workers))
"""
SECONDS = 20.0
PROC = Path("/proc/self/stat")

pytestmark = pytest.mark.slow


def command(factory: str, port: int, workers: int = 1) -> list[str]:
    return [sys.executable, "-c", PROGRAM, factory, str(port), str(workers)]


@contextmanager
def serving(port: int, workers: int = 1) -> Generator[subprocess.Popen[str]]:
    """Runs the sample service while the block lasts; whatever is left of it is killed."""
    process = subprocess.Popen(
        command("create_app", port, workers),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        started = 0
        while started < workers:
            line = process.stdout.readline()
            assert line, "the server ended before it began"
            started += "Started worker" in line
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] if PROC.exists() else ""
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"  # ended, and nobody has asked for its exit code yet


def wait_until_gone(pids: set[int]) -> None:
    deadline = time.monotonic() + SECONDS
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < deadline, "a worker outlived its parent"
        time.sleep(0.02)


async def worker_pids(http: httpx.AsyncClient, workers: int) -> set[int]:
    pids: set[int] = set()
    while len(pids) < workers:  # the kernel spreads new connections over the workers
        pids.add(int((await http.get("/pid", headers={"Connection": "close"})).text))
    return pids


def client(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS)


async def test_a_stop_lets_a_request_in_flight_end_and_is_not_ready_meanwhile(free_port: int) -> None:
    with serving(free_port) as process:
        async with client(free_port) as http, asyncio.TaskGroup() as tasks:
            slow = tasks.create_task(http.get("/slow"))
            await http.get("/slow-has-begun")
            process.send_signal(signal.SIGTERM)
            await http.get("/draining")
            ready = await http.get("/health/ready")
            await http.get("/release")
        code = await asyncio.to_thread(process.wait, SECONDS)
        assert process.stdout is not None
        output = process.stdout.read()

    assert (slow.result().status_code, slow.result().text) == (200, "done")
    assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
    assert code == 0
    assert "part closed" in output


async def test_garbage_is_looked_for_after_the_start_and_not_among_what_it_made(free_port: int) -> None:
    with serving(free_port):
        async with client(free_port) as http:
            garbage = (await http.get("/garbage")).json()

    assert garbage["set_apart"] > 10_000  # objects; those of the imported modules alone are more
    assert (garbage["collected_when_made"], garbage["collects"]) == (False, True)


async def test_an_interrupt_from_the_keyboard_stops_it_too(free_port: int) -> None:
    with serving(free_port) as process:
        os.killpg(process.pid, signal.SIGINT)
        code = await asyncio.to_thread(process.wait, SECONDS)
        assert process.stdout is not None
        output = process.stdout.read()

    assert code == 0
    assert "part closed" in output


@pytest.mark.parametrize("workers", [1, 2])
async def test_workers_end_when_the_main_process_is_killed(free_port: int, workers: int) -> None:
    with serving(free_port, workers) as process:
        async with client(free_port) as http:
            pids = await worker_pids(http, workers)
            process.kill()
            wait_until_gone(pids)
            with pytest.raises(httpx.ConnectError):
                await http.get("/pid")

    assert process.pid not in pids


async def test_everything_is_logged_as_lines_of_json(free_port: int) -> None:
    with serving(free_port) as process:
        async with client(free_port) as http:
            await http.get("/pid?code=hunter2", headers={"X-Request-ID": "abcd-1234"})
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, SECONDS)
        assert process.stdout is not None
        output = process.stdout.read()

    lines = [json.loads(line) for line in output.splitlines() if line != "part closed"]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["route"], line["request_id"]) for line in requests] == [("/pid", "abcd-1234")]
    assert {"_granian"} <= {line["logger"] for line in lines}
    assert "hunter2" not in output


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
