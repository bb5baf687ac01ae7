"""A server that speaks Redis's protocol and answers what no real one would when it is asked to."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import hiredis

from netscript_kernel.kv.redis.scripts import COMMIT, LIST_OWNED, SWEEP, TAKE
from netscript_kernel.kv.redis_address import RedisAddress

Command: TypeAlias = list[bytes]
Answer: TypeAlias = Callable[[Command], bytes | Awaitable[bytes]]

GREETING = {"server": "redis", "version": "7.4.1", "mode": "standalone", "role": "master"}
_RESULTS = {
    COMMIT.digest: b"*1\r\n:1\r\n",
    TAKE.digest: b"_\r\n",
    LIST_OWNED.digest: b"*0\r\n",
    SWEEP.digest: b"*2\r\n:0\r\n:0\r\n",
}
CLOSE = b"close the connection"
SILENCE = b""


def greeting(**differences: str) -> bytes:
    """Return an answer to ``HELLO``."""
    facts = GREETING | differences
    pairs = "".join(f"+{name}\r\n+{value}\r\n" for name, value in facts.items())
    return f"%{len(facts) + 1}\r\n{pairs}+proto\r\n:3\r\n".encode()


def bulk(value: bytes) -> bytes:
    """Return an answer that is a value."""
    return b"$%d\r\n%b\r\n" % (len(value), value)


def usual(command: Command) -> bytes:
    """Return the answer of a server that is well and holds nothing."""
    match command:
        case [b"HELLO", *_]:
            return greeting()
        case [b"EVALSHA", digest, _, _, token, *_]:
            return b"*2\r\n" + bulk(token) + _RESULTS[digest.decode()]
        case [b"INFO", *_]:
            return bulk(b"maxmemory_policy:noeviction\r\n")
        case _:
            return b"_\r\n"


class PretendRedis:
    """A server in this event loop.

    Attributes:
        answer: Makes the answer to a command: the usual one unless told. ``CLOSE``, alone or after
            something, ends the connection.
        commands: All that came, greetings too.
        connections: How many were made.
        ended: How many of them are over.
    """

    def __init__(self) -> None:
        self.answer: Answer = usual
        self.commands: list[Command] = []
        self.connections = 0
        self.ended = 0
        self.port = 0
        self._arrived = asyncio.Condition()
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def address(self) -> RedisAddress:
        """Where it is."""
        return RedisAddress("127.0.0.1", self.port)

    def asked(self, *names: bytes) -> list[Command]:
        """Return the commands of these names that came."""
        return [command for command in self.commands if command[0] in names]

    async def wait_until_asked(self, name: bytes, times: int = 1) -> None:
        """Return once so many commands of a name have come."""
        async with asyncio.timeout(60), self._arrived:
            await self._arrived.wait_for(lambda: len(self.asked(name)) >= times)

    def send(self, data: bytes) -> None:
        """Send something on the newest connection that nobody asked for."""
        self._writers[-1].write(data)

    def cut(self) -> None:
        """End the newest connection."""
        self._writers[-1].close()

    def cut_all(self) -> None:
        """End all connections at once."""
        for writer in self._writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it ends."""
        self.connections += 1
        self._writers.append(writer)
        parser = hiredis.Reader()
        try:
            while data := await reader.read(65536):
                parser.feed(data)
                while (command := parser.gets()) is not False:
                    await self._take(command, writer)
        except OSError:
            pass
        finally:
            self.ended += 1
            writer.transport.abort()

    async def _take(self, command: Command, writer: asyncio.StreamWriter) -> None:
        self.commands.append(command)
        async with self._arrived:
            self._arrived.notify_all()
        made = self.answer(command)
        answer = made if isinstance(made, bytes) else await made
        writer.write(answer.removesuffix(CLOSE))
        if answer.endswith(CLOSE):
            await writer.drain()
            writer.close()


@asynccontextmanager
async def pretending() -> AsyncGenerator[PretendRedis]:
    """Run such a server while the block lasts."""
    pretend = PretendRedis()
    server = await asyncio.start_server(pretend.serve, "127.0.0.1", 0)
    pretend.port = server.sockets[0].getsockname()[1]
    try:
        yield pretend
    finally:
        server.close()
        pretend.cut_all()
        await server.wait_closed()
