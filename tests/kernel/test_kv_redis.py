"""RedisKvStore against the port, on a real server."""

import pytest

from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.redis import RedisKvStore
from netscript_kernel.kv.testing import KvStoreConformance
from tests.support.valkey import OpenRedis


class TestRedisKvStore(KvStoreConformance):
    @pytest.fixture
    async def store(self, clock: SettableClock, open_redis: OpenRedis) -> RedisKvStore:
        return await open_redis(clock)
