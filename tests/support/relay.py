"""A proxy on loopback as it stands in front of a service: ends TLS, and keeps what passed through it."""

import asyncio
import re
import ssl
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress

from tests.support.certificates import Certificates

_PIECE = 64 * 1024


class Relay:
    """Passes bytes on, in both directions.

    Args:
        certificates: To speak TLS with; without them, bytes are passed on as they are.
        named: Ports for connections by TLS to these host names.

    Attributes:
        port: Where it listens.
        target: Port on 127.0.0.1 to pass all other connections on to.
    """

    def __init__(self, certificates: Certificates | None, named: Mapping[str, int]) -> None:
        self._certificates = certificates
        self._named = named
        self._targets: dict[ssl.SSLContext, int] = {}
        self._streams: list[bytearray] = []
        self._passed = threading.Condition()
        self._connections: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._flows.set()
        self.port = 0
        self.target = 0

    @property
    def passed(self) -> str:
        """Everything that passed in clear, connection by connection, each direction for itself."""
        with self._passed:
            return "\n\n".join(stream.decode("latin-1") for stream in self._streams)

    def wait_for(self, pattern: str, seconds: float = 60.0) -> re.Match[str]:
        """Return once something that matches has passed, now or before."""
        found: list[re.Match[str]] = []

        def has_passed() -> bool:
            found.extend(
                match for stream in self._streams if (match := re.search(pattern, stream.decode("latin-1")))
            )
            return bool(found)

        with self._passed:
            assert self._passed.wait_for(has_passed, seconds), f"nothing like {pattern} has passed"
        return found[0]

    @contextmanager
    def held_back(self) -> Generator[None]:
        """Take everything, but pass nothing on while the block lasts."""
        self._loop.call_soon_threadsafe(self._flows.clear)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._flows.set)

    @contextmanager
    def running(self) -> Generator[None]:
        """Serve in a thread of its own while the block lasts."""
        started, stop = threading.Event(), asyncio.Event()
        thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._run(started, stop)))
        thread.start()
        try:
            assert started.wait(60)
            yield
        finally:
            self._loop.call_soon_threadsafe(stop.set)
            thread.join()
            self._loop.close()

    async def _run(self, started: threading.Event, stop: asyncio.Event) -> None:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._context())
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await stop.wait()
        server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await server.wait_closed()

    def _context(self) -> ssl.SSLContext | None:
        if self._certificates is None:
            return None
        named = {name: self._certificates.server_context() for name in self._named}
        self._targets = {context: self._named[name] for name, context in named.items()}

        def choose(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
            connection.context = named.get(name or "", connection.context)

        context = self._certificates.server_context()
        context.sni_callback = choose
        return context

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        encrypted: ssl.SSLObject | None = writer.get_extra_info("ssl_object")
        target = self._targets.get(encrypted.context, self.target) if encrypted else self.target
        try:
            # Whoever asks learns of a target that is away as of a connection that is closed.
            with suppress(OSError):
                await self._pass_on(reader, writer, target)
        finally:
            await _close(writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: int) -> None:
        from_target, to_target = await asyncio.open_connection("127.0.0.1", target)
        try:
            await asyncio.gather(self._pump(reader, to_target), self._pump(from_target, writer))
        finally:
            await _close(to_target)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = bytearray()
        with self._passed:
            self._streams.append(stream)
        with suppress(OSError):
            while piece := await reader.read(_PIECE):
                with self._passed:
                    stream += piece
                    self._passed.notify_all()
                await self._flows.wait()
                writer.write(piece)
                await writer.drain()
        writer.close()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()


@contextmanager
def relaying(
    certificates: Certificates | None = None, named: Mapping[str, int] | None = None
) -> Generator[Relay]:
    """Run a relay while the block lasts; the target is set afterwards. For the arguments see Relay."""
    relay = Relay(certificates, named or {})
    with relay.running():
        yield relay
