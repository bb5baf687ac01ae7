"""The file of a SqliteKvStore: who may read it, what is refused, how its tables come to be."""

import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from netscript_kernel.clock import SettableClock, SystemClock
from netscript_kernel.errors import StoreCorruptError, StoreUnavailableError
from netscript_kernel.kv.port import Put
from netscript_kernel.kv.sqlite import SqliteKvStore, open_sqlite_store
from netscript_kernel.kv.sqlite.schema import APPLICATION_ID, MIGRATIONS, check_ownership, migrate

SHORT = timedelta(milliseconds=50)


async def _open(path: Path) -> SqliteKvStore:
    return await open_sqlite_store(path, SystemClock(), lock_timeout=SHORT)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _plain(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


async def test_only_its_owner_may_read_what_it_makes(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folders" / "kv.db"

    store = await _open(path)

    await store.commit(puts=[Put("key", b"")])
    assert {file.name: _mode(file) for file in path.parent.iterdir()} == {
        "kv.db": 0o600,
        "kv.db-wal": 0o600,
        "kv.db-shm": 0o600,
    }
    assert _mode(path.parent) == _mode(path.parent.parent) == 0o700
    await store.aclose()


async def test_the_mode_that_an_operator_gave_a_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "kv.db"
    path.touch()
    path.chmod(0o660)

    store = await _open(path)

    await store.aclose()
    assert _mode(path) == 0o660


async def test_records_outlive_the_store_object(tmp_path: Path) -> None:
    store = await _open(tmp_path / "kv.db")
    version = await store.commit(puts=[Put("key", b"value")])
    await store.aclose()

    store = await _open(tmp_path / "kv.db")

    entry = await store.get("key")
    assert entry is not None
    assert (entry.value, entry.version) == (b"value", version)
    await store.aclose()


async def test_versions_go_on_growing_after_a_restart(tmp_path: Path) -> None:
    store = await _open(tmp_path / "kv.db")
    first = await store.commit(puts=[Put("key", b"")])
    last = await store.commit(deletes=["key"])
    await store.aclose()

    store = await _open(tmp_path / "kv.db")

    again = await store.commit(puts=[Put("key", b"")])
    assert first is not None
    assert last is not None
    assert again is not None
    assert first < last < again
    await store.aclose()


@pytest.mark.parametrize(
    "name", ["with space.db", "100%.db", "who?.db", "a#b.db", "ключ.db", "semi;colon&=.db"]
)
async def test_a_path_may_have_any_characters(tmp_path: Path, name: str) -> None:
    store = await _open(tmp_path / name)

    await store.commit(puts=[Put("key", b"")])

    await store.aclose()
    assert (tmp_path / name).is_file()


async def test_a_link_to_a_file_that_is_not_there_yet_makes_a_private_one(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")

    store = await _open(tmp_path / "link.db")

    await store.aclose()
    assert _mode(tmp_path / "real.db") == 0o600


async def test_a_folder_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match=r"it is a folder; name a file in it, such as .*kv\.db"):
        await _open(tmp_path)


async def test_a_path_below_a_regular_file_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreUnavailableError, match="is a file where a folder should be"):
        await _open(tmp_path / "file" / "below" / "kv.db")


async def test_something_that_is_no_file_is_refused() -> None:
    with pytest.raises(StoreUnavailableError, match="no regular file"):
        await _open(Path("/dev/null"))


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 500)

    with pytest.raises(StoreUnavailableError, match=r"notes\.txt: the file is no SQLite database"):
        await _open(path)

    assert path.read_text() == "not a database " * 500


async def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(_plain(path)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    before = path.read_bytes()

    with pytest.raises(StoreUnavailableError, match="database of another program"):
        await _open(path)

    assert path.read_bytes() == before


async def test_a_damaged_file_is_an_error_never_a_miss(tmp_path: Path) -> None:
    path = tmp_path / "kv.db"
    store = await _open(path)
    await store.commit(puts=[Put(f"{number}", b"value" * 100) for number in range(200)])
    await store.aclose()
    _overwrite_all_but_the_first_page(path)

    store = await _open(path)

    with pytest.raises(StoreUnavailableError, match="damaged; stop every process"):
        await store.get("7")
    with pytest.raises(StoreUnavailableError, match="damaged"):
        await store.take("7")
    with pytest.raises(StoreUnavailableError, match="damaged"):
        await store.list_owned("owner")
    with pytest.raises(StoreUnavailableError, match="damaged"):
        await store.commit(puts=[Put("7", b"")])
    with pytest.raises(StoreUnavailableError, match="damaged"):
        await store.check_health()
    await store.aclose()


def _overwrite_all_but_the_first_page(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


async def test_a_file_that_was_removed_under_the_store_is_unhealthy(tmp_path: Path) -> None:
    store = await _open(tmp_path / "kv.db")
    (tmp_path / "kv.db").unlink()

    with pytest.raises(StoreUnavailableError, match="removed or replaced"):
        await store.check_health()

    await store.aclose()


async def test_a_file_that_another_keeps_locked_cannot_be_opened_in_time(tmp_path: Path) -> None:
    path = tmp_path / "kv.db"
    with closing(_plain(path)) as other:
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StoreUnavailableError, match="locked for too long"):
            await _open(path)

    store = await _open(path)
    await store.aclose()


async def test_an_empty_database_gets_the_tables_of_this_version(tmp_path: Path) -> None:
    path = tmp_path / "kv.db"
    with closing(_plain(path)) as empty:
        empty.execute("VACUUM")

    store = await _open(path)

    await store.commit(puts=[Put("key", b"")])
    await store.aclose()
    with closing(_plain(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


async def test_tables_of_a_newer_version_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "kv.db"
    await (await _open(path)).aclose()
    with closing(_plain(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 6}")

    with pytest.raises(StoreCorruptError, match=r"schema version 7, .* up to 1; run a newer version"):
        await _open(path)


async def test_an_older_version_is_led_forward_with_its_records(tmp_path: Path) -> None:
    path = tmp_path / "kv.db"
    store = await open_sqlite_store(path, SettableClock())
    await store.commit(puts=[Put("key", b"value")])
    await store.aclose()
    later = (*MIGRATIONS, ("ALTER TABLE records ADD COLUMN note TEXT",), ("UPDATE records SET note = 'v3'",))

    with closing(_plain(path)) as connection:
        migrate(connection, later)
        migrate(connection, later)

        assert connection.execute("SELECT key, value, note FROM records").fetchall() == [
            ("key", b"value", "v3")
        ]
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)


async def test_a_migration_that_fails_leaves_the_version_before_it(tmp_path: Path) -> None:
    path = tmp_path / "kv.db"
    await (await _open(path)).aclose()
    broken = (*MIGRATIONS, ("ALTER TABLE records ADD COLUMN note TEXT", "UPDATE nothing SET note = ''"))

    with closing(_plain(path)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="nothing"):
            migrate(connection, broken)

        columns = [row[1] for row in connection.execute("PRAGMA table_info (records)")]
    assert "note" not in columns
    await (await _open(path)).aclose()


async def test_a_file_that_another_process_is_just_making_is_no_strangers(tmp_path: Path) -> None:
    path = tmp_path / "kv.db"
    statements = count(1)
    with closing(_plain(path)) as other, closing(_plain(path)) as connection:

        def make_the_tables_after_the_first_look(_: str) -> None:
            if next(statements) == 2:
                migrate(other)

        connection.set_trace_callback(make_the_tables_after_the_first_look)

        check_ownership(connection, path)

        connection.set_trace_callback(None)
        migrate(connection)
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
