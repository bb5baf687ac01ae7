"""What SQLite's errors mean to a caller of the store."""

import sqlite3

from netscript_kernel.errors import StoreUnavailableError

STORE = "sqlite"

_PRIMARY_CODE = 0xFF
_ADVICE = {
    sqlite3.SQLITE_BUSY: "another process kept the file locked for too long",
    sqlite3.SQLITE_LOCKED: "another process kept the file locked for too long",
    sqlite3.SQLITE_FULL: "the disk is full, or the file has reached its largest size; make room",
    sqlite3.SQLITE_IOERR: "the disk reported an error; look at the system's log",
    sqlite3.SQLITE_READONLY: "this user may not write the file; change its owner or its mode",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened; see that it and its folder exist and are writable",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; stop every process that uses it and restore a backup",
    sqlite3.SQLITE_NOTADB: "the file is no SQLite database, or is damaged; name another or restore a backup",
}


def is_busy(error: sqlite3.Error) -> bool:
    """Tell whether the same statement may succeed a moment later."""
    return _primary_code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def unavailable(error: sqlite3.Error) -> StoreUnavailableError:
    """Say what happened, and what an operator can do about it."""
    return StoreUnavailableError(STORE, explain(error))


def explain(error: sqlite3.Error) -> str:
    """Put advice before SQLite's own words, which hold no key and no value."""
    advice = _ADVICE.get(_primary_code(error))
    return f"{advice} ({error})" if advice else str(error)


def closed() -> StoreUnavailableError:
    """Say that the store is used after its end."""
    return StoreUnavailableError(STORE, "it is closed")


def _primary_code(error: sqlite3.Error) -> int:
    # What the sqlite3 module refuses by itself, such as a closed connection, carries no code.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & _PRIMARY_CODE
