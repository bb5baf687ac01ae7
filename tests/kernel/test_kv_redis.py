"""RedisKvStore against the port, on a real server."""

from collections.abc import AsyncIterator

import pytest

from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.redis import RedisKvStore, open_redis_store
from netscript_kernel.kv.testing import KvStoreConformance


class TestRedisKvStore(KvStoreConformance):
    @pytest.fixture
    async def store(self, clock: SettableClock, redis_url: str) -> AsyncIterator[RedisKvStore]:
        store = await open_redis_store(redis_url, clock)
        yield store
        await store.aclose()
