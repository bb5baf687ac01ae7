"""From NETSCRIPT_KV_URL to a store."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from netscript_kernel.clock import SystemClock
from netscript_kernel.errors import ConfigurationError, StoreCorruptError, StoreUnavailableError
from netscript_kernel.kv.port import KvStorePort, Put
from netscript_kernel.kv.urls import is_store_in_clear, open_store
from tests.support.ports import unused_port


async def _open(url: str, data_dir: Path | None = None) -> KvStorePort:
    return await open_store(url, SystemClock(), data_dir=data_dir)


async def test_memory_is_a_store_in_this_process() -> None:
    store = await _open("memory://")

    assert (store.name, store.durable) == ("memory", False)


async def test_four_slashes_begin_an_absolute_path(tmp_path: Path) -> None:
    store = await _open(f"sqlite:///{tmp_path}/kv.db")

    await store.aclose()
    assert (store.name, store.durable) == ("sqlite", True)
    assert (tmp_path / "kv.db").is_file()


async def test_three_slashes_begin_a_path_below_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    store = await _open("sqlite:///state/kv.db", data_dir=tmp_path / "data")

    await store.aclose()
    assert (tmp_path / "state" / "kv.db").is_file()
    assert not (tmp_path / "data").exists()


async def test_no_path_means_the_data_directory(tmp_path: Path) -> None:
    store = await _open("sqlite://", data_dir=tmp_path / "data")

    await store.aclose()
    assert (tmp_path / "data" / "kv.db").is_file()


async def test_percent_signs_encode_what_a_url_cannot_say(tmp_path: Path) -> None:
    store = await _open(f"sqlite:///{tmp_path}/why%3F%20100%25.db")

    await store.aclose()
    assert (tmp_path / "why? 100%.db").is_file()


@pytest.mark.parametrize("synchronous", ["full", "normal"])
async def test_the_faster_mode_is_asked_for_by_name(tmp_path: Path, synchronous: str) -> None:
    store = await _open(f"sqlite:///{tmp_path}/kv.db?synchronous={synchronous}")

    assert await store.commit(puts=[Put("key", b"")]) is not None
    await store.aclose()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "names no store"),
        ("kv.db", "names no store"),
        ("/var/lib/hunter2/kv.db", "names no store"),
        ("postgres://user:hunter2@host/db", "names no store"),
        ("hunter2:kv.db", "names no store"),
        ("redis://:hunter2@", "names no host"),
        ("redis://:hun/ter2@hunter2:6379/0", "names no host"),
        ("redis://host/0?ssl_cert_reqs=hunter2", "only option, prefix=NAME"),
        ("rediss://user:hunter2@host:6379/auth", "number of a database"),
        ("redis+sentinel://:hunter2@host", "names no store"),
        ("http://[hunter2/", "no URL"),
        ("memory://hunter2", "nothing after it"),
        ("memory:///hunter2", "nothing after it"),
        ("memory://?hunter2=1", "nothing after it"),
        ("sqlite://user:hunter2@host/kv.db", "three slashes"),
        ("sqlite://hunter2/kv.db", "three slashes"),
        ("sqlite:///:memory:", "memory://"),
        ("sqlite:///a%00b", "NUL"),
        ("sqlite:///kv.db#hunter2", "%23"),
        ("sqlite:///kv.db?mode=hunter2", "only option"),
        ("sqlite:///kv.db?synchronous=hunter2", "only option"),
        ("sqlite:///kv.db?synchronous=normal&synchronous=full", "only option"),
        ("sqlite:///kv.db?synchronous", "only option"),
        ("sqlite://", "no data directory"),
        ("sqlite:///", "no data directory"),
    ],
)
async def test_what_is_not_understood_is_named_without_being_quoted(url: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem) as caught:
        await _open(url)

    (fault,) = caught.value.faults
    assert fault.variable == "NETSCRIPT_KV_URL"
    assert "sqlite:////absolute/path.db" in fault.fix
    assert "rediss://USER:PASSWORD@host:6379/0" in fault.fix
    assert "memory://" in fault.fix
    assert "hunter2" not in f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"


async def test_a_redis_url_is_a_store_on_that_server(redis_url: str) -> None:
    store = await _open(f"{redis_url}?prefix=acme")

    assert await store.commit(puts=[Put("key", b"")]) is not None
    assert (store.name, store.durable) == ("redis", True)
    await store.aclose()


async def test_a_redis_server_that_is_away_is_told_without_user_and_password() -> None:
    port = unused_port()

    with pytest.raises(StoreUnavailableError, match=f"localhost:{port}: nothing listens there") as caught:
        await _open(f"redis://hunter1:hunter2@localhost:{port}/0")

    assert str(caught.value).endswith("or correct its host, port, user or password in NETSCRIPT_KV_URL")
    assert "hunter" not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"


async def test_a_file_that_cannot_be_the_store_is_told_in_one_line_with_the_variable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError) as caught:
        await _open(f"sqlite:///{tmp_path}")

    assert str(caught.value) == (
        f"the sqlite store is unavailable: {tmp_path}: it is a folder; name a file in it, such as "
        f"{tmp_path / 'kv.db'}. Fix: see to that file and its folder, or name another file in "
        "NETSCRIPT_KV_URL"
    )


async def test_a_file_of_a_newer_version_is_told_with_the_variable(tmp_path: Path) -> None:
    store = await _open(f"sqlite:///{tmp_path / 'kv.db'}")
    await store.aclose()
    with closing(sqlite3.connect(tmp_path / "kv.db")) as newer:
        newer.execute("PRAGMA user_version = 7")

    with pytest.raises(
        StoreCorruptError, match=r"run a newer version.* name another store in NETSCRIPT_KV_URL"
    ):
        await _open(f"sqlite:///{tmp_path / 'kv.db'}")


async def test_without_the_client_a_redis_url_is_told_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def find_nothing(_: str) -> None: ...

    monkeypatch.setattr("netscript_kernel.kv.urls.find_spec", find_nothing)

    with pytest.raises(ConfigurationError, match=r"pip install 'netscript-kernel\[redis\]'"):
        await _open("redis://:hunter2@host")


@pytest.mark.parametrize(
    ("url", "in_clear"),
    [
        ("redis://10.0.0.7", True),
        ("rediss://10.0.0.7", False),
        ("redis://127.0.0.1", False),
        ("sqlite:////kv.db", False),
        ("memory://", False),
    ],
)
def test_only_redis_on_another_machine_without_tls_is_in_clear(url: str, in_clear: bool) -> None:
    assert is_store_in_clear(url) is in_clear


@pytest.mark.parametrize(
    ("url", "loads"), [("memory://", set[str]()), ("sqlite:///{folder}/kv.db", {"sqlite3"})]
)
def test_only_the_store_that_is_named_is_loaded(tmp_path: Path, url: str, loads: set[str]) -> None:
    code = (
        "import asyncio, sys\n"
        "from netscript_kernel.clock import SystemClock\n"
        "from netscript_kernel.kv.urls import check_store_url, open_store\n"
        "async def main():\n"
        "    check_store_url('rediss://:password@host', data_dir=None)\n"
        "    store = await open_store(sys.argv[1], SystemClock(), data_dir=None)\n"
        "    await store.aclose()\n"
        "asyncio.run(main())\n"
        "print(*sorted({'sqlite3', 'redis', 'hiredis'} & sys.modules.keys()))"
    )
    command = [sys.executable, "-c", code, url.format(folder=tmp_path)]

    output = subprocess.run(command, check=True, capture_output=True, text=True)

    assert set(output.stdout.split()) == loads
