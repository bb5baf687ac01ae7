"""What may be done inside a write transaction, on the connection that holds the lock."""

import sqlite3

from netscript_kernel.kv.batch import Batch, Record
from netscript_kernel.kv.port import Check, Entry

LIVE = "(expires_at IS NULL OR expires_at > ?)"
READ_RECORD = f"SELECT value, version FROM records WHERE key = ? AND {LIVE}"  # noqa: S608 - no input in it

_READ_VERSION = f"SELECT version FROM records WHERE key = ? AND {LIVE}"  # noqa: S608 - no input in it
# In place where the end stays the same, as for each recorded use of a session: its entry in the index by
# expiry is left alone then.
_PUT = """
    INSERT INTO records (key, value, version, expires_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version
    WHERE expires_at IS excluded.expires_at
"""
_PUT_WITH_ANOTHER_END = "UPDATE records SET value = ?, version = ?, expires_at = ? WHERE key = ?"
_EXPIRED = "FROM records WHERE expires_at <= :now ORDER BY expires_at, rowid LIMIT :limit"
SWEEPS = (
    f"DELETE FROM owned WHERE key IN (SELECT key {_EXPIRED})",  # noqa: S608 - no input in it
    f"DELETE FROM records WHERE rowid IN (SELECT rowid {_EXPIRED})",  # noqa: S608 - no input in it
)


class Transaction:
    """The steps of a group of commits, in the order of their arrival.

    Attributes:
        changed: Whether there is something to commit.
    """

    def __init__(self, connection: sqlite3.Connection, now: float) -> None:
        """Start from the state that the lock protects.

        Args:
            connection: Inside ``BEGIN IMMEDIATE``.
            now: Unix seconds by our clock.
        """
        self._cursor = connection.cursor()
        self._execute = self._cursor.execute
        self._now = now
        self._stored_version = int(self._execute("SELECT last_version FROM counter").fetchone()[0])
        self._version = self._stored_version
        self.changed = False

    def commit(self, batch: Batch) -> int | None:
        """Write the batch if all of its checks hold, and return its version."""
        if not all(self._holds(check) for check in batch.checks):
            return None
        self._version += 1
        self.changed = True
        for key in batch.deletes:
            self._remove(key)
        for record in batch.records:
            self._write(record)
        return self._version

    def take(self, key: str) -> Entry | None:
        """Delete the record and return it."""
        row = self._execute(READ_RECORD, (key, self._now)).fetchone()
        if row is None:
            return None
        self._remove(key)
        self.changed = True
        return Entry(key, *row)

    def sweep(self, limit: int) -> int:
        """Delete expired records, at most this many, and return how many."""
        batch = {"now": self._now, "limit": limit}
        for statement in SWEEPS:
            self._execute(statement, batch)
        self.changed = self.changed or self._cursor.rowcount > 0
        return self._cursor.rowcount

    def finish(self) -> None:
        """Keep the version count with the records."""
        if self._version != self._stored_version:
            self._execute("UPDATE counter SET last_version = ?", (self._version,))

    def _holds(self, check: Check) -> bool:
        row = self._execute(_READ_VERSION, (check.key, self._now)).fetchone()
        return (row[0] if row else None) == check.version

    def _write(self, record: Record) -> None:
        key, value, end = record.key, record.value, record.expires_at
        if not self._execute(_PUT, (key, value, self._version, end)).rowcount:
            self._execute(_PUT_WITH_ANOTHER_END, (value, self._version, end, key))
        places = self._execute("SELECT owner, rank FROM owned WHERE key = ?", (key,)).fetchall()
        if dict(places) == dict(record.index):
            return
        self._execute("DELETE FROM owned WHERE key = ?", (key,))
        for owner, rank in record.index:
            self._execute("INSERT INTO owned (owner, rank, key) VALUES (?, ?, ?)", (owner, rank, key))

    def _remove(self, key: str) -> None:
        self._execute("DELETE FROM owned WHERE key = ?", (key,))
        self._execute("DELETE FROM records WHERE key = ?", (key,))
