"""What a server is like beyond what the store needs: for an operator who asks whether it is fit."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

from netscript_kernel.kv.redis.commands import Commands
from netscript_kernel.kv.redis.dialing import Dialer
from netscript_kernel.kv.redis.opening import ANSWER_LIMIT, CONNECT_LIMIT
from netscript_kernel.kv.redis_address import RedisAddress


@dataclass(frozen=True, slots=True)
class ServerCondition:
    """What a server says of itself.

    Attributes:
        eviction: Its ``maxmemory-policy``; empty where it does not say.
        keeps_a_log: Whether every write goes to its append-only file.
        has_failed_to_save: Whether its last snapshot, or its last write of that file, failed.
        time: Its clock.
    """

    eviction: str
    keeps_a_log: bool
    has_failed_to_save: bool
    time: datetime


async def ask_condition(address: RedisAddress) -> ServerCondition:
    """Ask a server what it is like; nothing is written.

    Raises:
        StoreUnavailableError: it does not say, or not to this user.
    """
    trust = await asyncio.to_thread(ssl.create_default_context) if address.is_encrypted else None
    commands = Commands(Dialer(address, trust, CONNECT_LIMIT, ANSWER_LIMIT), lambda: None)
    try:
        eviction, saved = await commands.eviction_policy(), await commands.facts("persistence")
        time = datetime.fromtimestamp(await commands.time(), UTC)
    finally:
        await commands.aclose()
    statuses = (saved.get("rdb_last_bgsave_status", "ok"), saved.get("aof_last_write_status", "ok"))
    return ServerCondition(eviction, saved.get("aof_enabled") == 1, statuses != ("ok", "ok"), time)
