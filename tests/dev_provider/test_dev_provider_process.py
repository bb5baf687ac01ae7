"""The server as a process: it starts, refuses to start, and leaves nothing behind when it is killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress

import httpx
import pytest

from tests.support.processes import running

CALLBACK = "http://localhost:8094/api/v1/auth/callback"
READY = r"Development identity provider: (\S+)"
PATIENCE_SECONDS = 60.0
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _development(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSCRIPT_PROFILE", "development")


def command(port: int, *arguments: str) -> list[str]:
    module = [sys.executable, "-W", "error", "-m", "netscript_dev_provider"]
    return [*module, "--port", str(port), "--redirect-uri", CALLBACK, *arguments]


def is_refused_at_last(port: int) -> bool:
    """Wait for a dying process to let go of its port: the system closes one file of it after the other."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            # From another address, or else the probe might connect to itself.
            socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0)).close()
        except ConnectionRefusedError:
            return True
        time.sleep(0.01)
    return False


@contextmanager
def server_process(port: int) -> Generator[subprocess.Popen[str]]:
    """Run the server in a session of its own, and end whatever is left of it."""
    process = subprocess.Popen(command(port), stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    try:
        assert "Development identity provider" in process.stdout.readline()
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE_SECONDS)
        process.stdout.close()


def test_it_says_where_it_is_and_answers_there(free_port: int) -> None:
    with running(command(free_port), READY) as ready:
        issuer = ready.group(1)

        metadata = httpx.get(f"{issuer}/.well-known/openid-configuration")
        rebound = httpx.get(f"{issuer}/jwks", headers={"host": "evil.example"})

    assert issuer == f"http://localhost:{free_port}"
    assert metadata.json()["issuer"] == issuer
    assert rebound.status_code == 421


def test_it_ends_with_code_0_when_asked(free_port: int) -> None:
    with server_process(free_port) as process:
        httpx.get(f"http://127.0.0.1:{free_port}/jwks")

        process.send_signal(signal.SIGTERM)

        assert process.wait(PATIENCE_SECONDS) == 0


def test_its_worker_ends_when_the_server_is_killed_outright(free_port: int) -> None:
    with server_process(free_port) as process, socket.create_connection(("127.0.0.1", free_port)) as held:
        held.settimeout(PATIENCE_SECONDS)
        held.sendall(b"GET /jwks HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert held.recv(12) == b"HTTP/1.1 200"

        process.kill()

        # The worker holds this connection: it ends with the worker.
        while held.recv(65_536):
            pass
        assert is_refused_at_last(free_port)


@pytest.mark.parametrize(
    ("arguments", "profile", "words"),
    [
        ([], None, "NETSCRIPT_PROFILE=development"),
        ([], "production", "NETSCRIPT_PROFILE=development"),
        (["--host", "0.0.0.0"], "development", "not loopback"),  # noqa: S104  refused, that is the point
    ],
)
def test_it_refuses_to_start_with_code_2_and_says_why(
    free_port: int, arguments: list[str], profile: str | None, words: str
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "NETSCRIPT_PROFILE"}
    if profile:
        environment["NETSCRIPT_PROFILE"] = profile

    result = subprocess.run(
        command(free_port, *arguments), env=environment, capture_output=True, text=True, check=False
    )

    assert result.returncode == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_it_refuses_a_port_that_is_taken(free_port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port))
        taken.listen()

        result = subprocess.run(command(free_port), capture_output=True, text=True, check=False)

    assert result.returncode == 2
    assert "choose --port" in result.stderr
