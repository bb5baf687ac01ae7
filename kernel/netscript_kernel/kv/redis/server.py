"""What a server says of itself when it is greeted, and whether it can serve."""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.redis.failures import STORE, out_of_step

OLDEST: Final = 7  # the first whose scripts say beforehand what they do

_MAJOR: Final = re.compile(rb"[0-9]{1,4}")


def check_server(greeting: object, place: str) -> None:
    """Refuse a server that could not keep the port's promises.

    Args:
        greeting: The answer to ``HELLO``.
        place: The server, for messages.

    Raises:
        StoreUnavailableError: it is too old, of a cluster, a Sentinel, or a replica.
    """
    if not isinstance(greeting, dict):
        raise out_of_step()
    problem = _problem(cast("Mapping[bytes, Any]", greeting))
    if problem:
        raise StoreUnavailableError(STORE, f"{place}: {problem}")


def _problem(greeting: Mapping[bytes, Any]) -> str | None:
    version = greeting.get(b"version", b"")
    major = _MAJOR.match(version)
    if major is None or int(major[0]) < OLDEST:
        told = version.decode(errors="replace")[:20]
        return f"it is of version {told}; Redis {OLDEST}.0 or newer, or Valkey, is needed"
    match greeting.get(b"mode"), greeting.get(b"role"):
        case b"cluster", _:
            return "it is part of a Redis Cluster, which this store does not speak; name a server that is not"
        case b"sentinel", _:
            return "it is a Sentinel, which keeps no data; name the server itself"
        case _, b"master":
            return None
        case _:
            return "it is a replica, which takes no writes; name the primary"
