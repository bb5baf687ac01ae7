"""Opens the store: a server that cannot serve stops the start, with a sentence that says why."""

import asyncio
import logging
import ssl
from datetime import timedelta
from typing import Final

from netscript_kernel.clock import Clock
from netscript_kernel.kv.redis.commands import Commands
from netscript_kernel.kv.redis.dialing import Dialer
from netscript_kernel.kv.redis.names import names_below
from netscript_kernel.kv.redis.reads import Reads
from netscript_kernel.kv.redis.store import RedisKvStore
from netscript_kernel.kv.redis_address import RedisAddress

CONNECT_LIMIT: Final = timedelta(seconds=2)
ANSWER_LIMIT: Final = timedelta(seconds=2)

_log = logging.getLogger(__name__)


async def open_redis_store(
    address: RedisAddress,
    clock: Clock,
    *,
    connect_limit: timedelta = CONNECT_LIMIT,
    answer_limit: timedelta = ANSWER_LIMIT,
) -> RedisKvStore:
    """Connect to a server, Redis 7.0 or newer or Valkey, and see that it does what the store needs.

    Each process opens the store for itself, after a fork. The store belongs to the event loop that opened it.

    Args:
        address: From :func:`netscript_kernel.kv.redis_address.read_redis_address`, or made by hand.
        clock: Says what has expired; processes that share a server should agree on the time.
        connect_limit: How long making a connection may take.
        answer_limit: How long an answer may take.

    Raises:
        StoreUnavailableError: the server cannot be reached, or cannot serve. The sentence says why.
    """
    # Reading the machine's authorities takes some milliseconds.
    trust = await asyncio.to_thread(ssl.create_default_context) if address.is_encrypted else None
    store, commands = _assemble(Dialer(address, trust, connect_limit, answer_limit), clock)
    try:
        await store.check_health()
        await _warn_of_eviction(commands)
    except BaseException:
        await store.aclose()
        raise
    return store


def _assemble(dialer: Dialer, clock: Clock) -> tuple[RedisKvStore, Commands]:
    reads = Reads(dialer.dial)
    commands = Commands(dialer, reads.drop)
    prefix = dialer.address.prefix
    return RedisKvStore(reads, commands, names_below(prefix), names_below(prefix, "probe:"), clock), commands


async def _warn_of_eviction(commands: Commands) -> None:
    policy = await commands.eviction_policy()
    # The others evict nothing of ours, since no key of ours has an end by the server's clock.
    if policy.startswith("allkeys-"):
        _log.warning(
            "the Redis server may forget records while they are valid: its maxmemory-policy is %s; "
            "set it to noeviction, or people are signed out at random",
            policy,
        )
