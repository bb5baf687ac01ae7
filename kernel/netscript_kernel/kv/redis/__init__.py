"""The KvStore on a Redis or Valkey server, shared by any number of processes of any number of machines.

Reads of one record share one connection, on which the commands of one turn of the event loop travel together.
Everything else goes through redis-py: a script for each method, which the server runs as one step.
"""

from netscript_kernel.kv.redis.opening import open_redis_store
from netscript_kernel.kv.redis.store import RedisKvStore

__all__ = ["RedisKvStore", "open_redis_store"]
