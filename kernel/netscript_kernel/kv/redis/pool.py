"""redis-py's connections, as this store wants them."""

import ssl
from typing import Any, Final

from redis.asyncio import BlockingConnectionPool, Connection, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

from netscript_kernel.kv.redis.dialing import Dialer

_MOST_CONNECTIONS: Final = 8


class _EncryptedConnection(SSLConnection):
    """With certificates that were loaded once; redis-py would load them again for each connection."""

    def __init__(self, *, trust: ssl.SSLContext, **others: Any) -> None:
        super().__init__(**others)  # pyright: ignore[reportUnknownMemberType] - redis-py leaves types open
        self.ssl_context.context = trust


def make_pool(dialer: Dialer, limit: float) -> BlockingConnectionPool:
    """Return a pool whose connections are made when they are needed, and send nothing twice.

    Args:
        dialer: Knows the server and the time limits.
        limit: How many seconds to wait for a connection that others use.
    """
    address = dialer.address
    kind: dict[str, Any] = {"connection_class": Connection}
    if dialer.trust is not None:
        kind = {"connection_class": _EncryptedConnection, "trust": dialer.trust}
    return BlockingConnectionPool(
        max_connections=_MOST_CONNECTIONS,
        timeout=limit,
        host=address.host,
        port=address.port,
        db=address.database,
        username=address.username,
        password=address.password,
        protocol=3,
        socket_connect_timeout=dialer.connect_limit.total_seconds(),
        socket_timeout=dialer.answer_limit.total_seconds(),
        # A script that was sent twice may have run twice, and its second answer would tell of the first one.
        retry=Retry(NoBackoff(), 0),
        # Neither is of use here, and both need more rights on the server.
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
        driver_info=None,
        **kind,
    )
