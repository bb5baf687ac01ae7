"""Three connections to one file: one that never waits, one that may, and the one that writes."""

import sqlite3
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal, TypeAlias

from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.sqlite.failures import STORE, explain, is_busy
from netscript_kernel.kv.sqlite.location import file_identity, prepare_file
from netscript_kernel.kv.sqlite.schema import check_ownership, migrate

Synchronous: TypeAlias = Literal["full", "normal"]
"""``full``: a commit that returned survives a power failure. ``normal``: it survives the end of the process,
a power failure may undo the last ones (never half of one), and none of them waits for the disk."""

_LEVELS: dict[Synchronous, str] = {"full": "FULL", "normal": "NORMAL"}
_READ_CACHE_KIB = 16 * 1024
_LOG_BYTES_KEPT = 64 * 1024 * 1024
_RETRY_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Connections:
    """What the store works with.

    Attributes:
        path: The file, absolute.
        identity: Which file it was when it was opened.
        fast: Reads in the event loop; answers "busy" at once instead of waiting.
        patient: Reads that may wait for a lock.
        writer: The only one that writes.
    """

    path: Path
    identity: tuple[int, int]
    fast: sqlite3.Connection
    patient: sqlite3.Connection
    writer: sqlite3.Connection


def open_connections(path: Path, synchronous: Synchronous, lock_timeout: timedelta) -> Connections:
    """Open the file, making it and its tables where needed. Blocks: call it in a thread.

    Raises:
        StoreUnavailableError: the file cannot be used. The sentence says why.
        StoreCorruptError: a newer program has made its tables.
    """
    resolved = prepare_file(path)
    with ExitStack() as undo:
        try:
            writer = _open_writer(resolved, synchronous, lock_timeout)
            undo.callback(writer.close)
            fast = _open_reader(resolved, timedelta(0))
            undo.callback(fast.close)
            patient = _open_reader(resolved, lock_timeout)
        except sqlite3.Error as error:
            raise StoreUnavailableError(STORE, f"{path}: {explain(error)}") from error
        undo.pop_all()
    return Connections(resolved, file_identity(resolved), fast, patient, writer)


def _open_writer(path: Path, synchronous: Synchronous, lock_timeout: timedelta) -> sqlite3.Connection:
    deadline = time.monotonic() + lock_timeout.total_seconds()
    while True:
        connection = _connect(path, timedelta(0))
        try:
            _set_up_writer(connection, path, synchronous)
        except sqlite3.Error as error:
            connection.close()
            # Several processes may make the same file at once, and SQLite does not wait by itself while one
            # of them turns the write-ahead log on.
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        except BaseException:
            connection.close()
            raise
        else:
            return connection


def _set_up_writer(connection: sqlite3.Connection, path: Path, synchronous: Synchronous) -> None:
    check_ownership(connection, path)
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        problem = f"{path}: its file system allows no write-ahead log; name a file on a local disk"
        raise StoreUnavailableError(STORE, problem)
    migrate(connection)
    connection.execute(f"PRAGMA synchronous = {_LEVELS[synchronous]}")
    # Where fsync stops short of the disk (macOS) this asks for more; elsewhere it changes nothing.
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES_KEPT}")


def _open_reader(path: Path, wait: timedelta) -> sqlite3.Connection:
    connection = _connect(path, wait)
    connection.execute("PRAGMA query_only = ON")
    # Not mapped into memory: after each commit of somebody else SQLite maps the whole file anew, and all
    # reads wait for that.
    connection.execute("PRAGMA mmap_size = 0")
    connection.execute(f"PRAGMA cache_size = -{_READ_CACHE_KIB}")
    return connection


def _connect(path: Path, wait: timedelta) -> sqlite3.Connection:
    # Mode "rw" makes no file, so one that vanishes is an error, never an empty store. Threads are not checked
    # because the one that opens a connection is not the one that uses it.
    return sqlite3.connect(
        f"{path.as_uri()}?mode=rw",
        uri=True,
        timeout=wait.total_seconds(),
        isolation_level=None,
        check_same_thread=False,
    )
