"""The tables, and the way from every earlier version of them to this one."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from netscript_kernel.errors import StoreCorruptError, StoreUnavailableError
from netscript_kernel.kv.sqlite.failures import STORE

Migration: TypeAlias = Sequence[str]

APPLICATION_ID = 0x4E534B56  # "NSKV" in the file's header: what `file` and other programs know it by
MIGRATIONS: tuple[Migration, ...] = (
    (
        # With its own rowid: in a WITHOUT ROWID table records of 1 kB would take three times as long to find.
        """CREATE TABLE records (
            key TEXT NOT NULL PRIMARY KEY,
            value BLOB NOT NULL,
            version INTEGER NOT NULL,
            expires_at REAL
        )""",
        "CREATE INDEX records_by_expiry ON records (expires_at) WHERE expires_at IS NOT NULL",
        """CREATE TABLE owned (
            owner TEXT NOT NULL,
            rank REAL NOT NULL,
            key TEXT NOT NULL,
            PRIMARY KEY (owner, rank, key)
        ) WITHOUT ROWID""",
        "CREATE INDEX owned_by_key ON owned (key)",
        "CREATE TABLE counter (last_version INTEGER NOT NULL)",
        "INSERT INTO counter VALUES (0)",
    ),
)


def check_ownership(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a database of another program before anything in it is changed.

    Raises:
        StoreUnavailableError: it has tables that are not ours.
    """
    # In this order: another process may make our tables, and set our id with them, between the two reads.
    if connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None:
        return
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise StoreUnavailableError(STORE, f"{path} is a database of another program; name another file")


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the tables to the version that this program knows: all steps or none.

    Args:
        connection: In autocommit mode.
        migrations: Statements that lead from version 0 to 1, from 1 to 2, and so on.

    Raises:
        StoreCorruptError: a newer program has made the tables.
    """
    if _version(connection, migrations) == len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Read again under the lock: another process may have been faster.
        for statements in migrations[_version(connection, migrations) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _version(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> int:
    version = _pragma(connection, "user_version")
    if version > len(migrations):
        known = f"this program knows versions up to {len(migrations)}"
        raise StoreCorruptError(
            "key-value", f"the file has schema version {version}, {known}; run a newer version"
        )
    return version


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
