"""Makes connections for reads: encrypted, greeted, on the right database, and to a server that can serve."""

import asyncio
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from netscript_kernel.kv.redis.connection import ReadConnection
from netscript_kernel.kv.redis.failures import ConnectionLostError, unreached
from netscript_kernel.kv.redis.server import check_server
from netscript_kernel.kv.redis_address import RedisAddress

# A firewall that has forgotten an idle connection is noticed by these, and not by the next read.
_KEEP_ALIVE: Final = {"TCP_KEEPIDLE": 30, "TCP_KEEPALIVE": 30, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}


@dataclass(frozen=True, slots=True)
class Dialer:
    """Knows the way to a server.

    Attributes:
        address: Of the server.
        trust: Checks the certificate; ``None`` for a connection in clear.
        connect_limit: How long one connection may take to make, greeting included.
        answer_limit: How long an answer may take.
    """

    address: RedisAddress
    trust: ssl.SSLContext | None
    connect_limit: timedelta
    answer_limit: timedelta

    async def dial(self) -> ReadConnection:
        """Make a connection.

        Raises:
            StoreUnavailableError: the server cannot be reached, or cannot serve.
        """
        try:
            async with asyncio.timeout(self.connect_limit.total_seconds()):
                return await self._greeted(await self._reached())
        except (OSError, UnicodeError, ConnectionLostError) as error:
            failure = unreached(error, self.address.place, is_encrypted=self.trust is not None)
        raise failure

    async def _reached(self) -> ReadConnection:
        transport, connection = await asyncio.get_running_loop().create_connection(
            lambda: ReadConnection(self.answer_limit),
            self.address.host,
            self.address.port,
            ssl=self.trust,
        )
        _keep_alive(transport.get_extra_info("socket"))
        return connection

    async def _greeted(self, connection: ReadConnection) -> ReadConnection:
        try:
            check_server(await connection.call(b"HELLO", b"3", *self._credentials()), self.address.place)
            if self.address.database:
                await connection.call(b"SELECT", b"%d" % self.address.database)
        except BaseException:
            connection.end()
            raise
        return connection

    def _credentials(self) -> tuple[bytes, ...]:
        if self.address.password is None:
            return ()
        username = self.address.username or "default"
        return b"AUTH", username.encode(), self.address.password.encode()


def _keep_alive(connected: socket.socket) -> None:
    # What a platform does not know of these, it does without.
    with suppress(OSError):
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEP_ALIVE.items():
            if hasattr(socket, name):
                connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
