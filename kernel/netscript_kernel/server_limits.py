"""What strangers can hold of a server: so many connections, for so long without a word, with so large a head.

By granian's own limits 1024 connections that never say a word stop a worker for half a minute, and a head may
have 400 KB, which cost more to read than any request to answer.
"""

import sys
from datetime import timedelta
from typing import Final

from granian.http import HTTP1Settings

MOST_CONNECTIONS: Final = 4096
"""Of each worker, open at once; those beyond wait to be let in."""

HEAD_PATIENCE: Final = timedelta(seconds=5)
"""How long the head of a request may take, and a connection may lie idle before the next one."""

LARGEST_HEAD: Final = 32 * 1024
"""Bytes. As much as common proxies pass on; a larger one is answered by 431."""

# For the store, providers, logs and modules: a worker without files left answers nothing at all.
_OTHER_FILES: Final = 256


def http1_settings(head_patience: timedelta) -> HTTP1Settings:
    """Return the limits of one connection."""
    return HTTP1Settings(
        header_read_timeout=round(head_patience.total_seconds() * 1000), max_buffer_size=LARGEST_HEAD
    )


def connections_at_most() -> int:
    """Return how many connections a worker may hold, after asking the system for as many files as that takes.

    To be called before the workers are started: they inherit what was asked for.
    """
    if sys.platform == "win32":  # has no such limit
        return MOST_CONNECTIONS
    import resource  # not everywhere

    wanted = MOST_CONNECTIONS + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return min(MOST_CONNECTIONS, max(soft - _OTHER_FILES, soft // 2))
