"""From the operator's ``NETSCRIPT_KV_URL`` to an open store; only the adapter that it names is imported."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from netscript_kernel.clock import Clock
from netscript_kernel.errors import ConfigurationError, Fault, StoreCorruptError, StoreUnavailableError
from netscript_kernel.kv.port import KvStorePort
from netscript_kernel.kv.redis_address import RedisAddress, read_redis_address

if TYPE_CHECKING:
    from netscript_kernel.kv.sqlite import Synchronous

VARIABLE = "NETSCRIPT_KV_URL"
DEFAULT_FILE = "kv.db"

_ACCEPTED = (
    "one of sqlite:////absolute/path.db, sqlite:///below/the/working/directory.db, sqlite:// (kv.db in the "
    "data directory), each with ?synchronous=normal where a power failure may undo the last writes, "
    "rediss://USER:PASSWORD@host:6379/0 (redis: without TLS; ?prefix=NAME where services share a server), or "
    "memory:// (nothing is kept past the end of the process)"
)
_REDIS_CLIENT = ("redis", "hiredis")
_FIXES = {
    "redis": f"see to that server, or correct its host, port, user or password in {VARIABLE}",
    "sqlite": f"see to that file and its folder, or name another file in {VARIABLE}",
}


async def open_store(url: str, clock: Clock, *, data_dir: Path | None) -> KvStorePort:
    """Open the store that a URL names.

    ==================================  ====================================================================
    ``redis://host:6379/0``             A Redis or Valkey server and one of its numbered databases.
    ``rediss://user:password@host``     The same by TLS, as a user of its access control list; ``:password@``
                                        for the default user.
    ``rediss://...?prefix=name``        With keys that begin so, where services share a server.
    ``sqlite:////var/lib/app/kv.db``    The file ``/var/lib/app/kv.db``: four slashes for an absolute path.
    ``sqlite:///state/kv.db``           ``state/kv.db`` below the working directory: three slashes, as in
                                        SQLAlchemy. Not below ``data_dir``.
    ``sqlite://``                       ``kv.db`` in ``data_dir``.
    ``sqlite:///kv.db?synchronous=...`` ``full`` (default) or ``normal``, see ``open_sqlite_store``.
    ``memory://``                       In this process, for its lifetime.
    ==================================  ====================================================================

    Special characters of a path, a user or a password are percent-encoded, as in every URL: ``%20`` for a
    space, ``%3F`` for ``?``.

    Args:
        url: As the operator wrote it. It may hold a password, so nothing of it appears in an error.
        clock: Says what has expired.
        data_dir: Where a file without a path of its own lies; ``None`` where there is no such folder.

    Raises:
        ConfigurationError: the URL names no store that this version has.
        StoreUnavailableError: the store cannot be opened. The sentence ends with what to do.
        StoreCorruptError: a newer program has made the store's tables. Likewise.
    """
    named = _read(url, data_dir)
    try:
        return await _open(named, clock)
    except StoreUnavailableError as error:
        problem, fix = error.problem.rstrip("."), _FIXES.get(error.store, f"see to it, or change {VARIABLE}")
        raise StoreUnavailableError(error.store, f"{problem}. Fix: {fix}") from error
    except StoreCorruptError as error:
        fix = f"do that, or name another store in {VARIABLE}"
        raise StoreCorruptError(error.kind, f"{error.problem}. Fix: {fix}") from error


async def _open(named: "_SqliteFile | RedisAddress | None", clock: Clock) -> KvStorePort:
    match named:
        case None:
            from netscript_kernel.kv.memory import MemoryKvStore

            return MemoryKvStore(clock)
        case RedisAddress() as address:
            from netscript_kernel.kv.redis import open_redis_store

            return await open_redis_store(address, clock)
        case _SqliteFile(path, synchronous):
            from netscript_kernel.kv.sqlite import open_sqlite_store

            return await open_sqlite_store(path, clock, synchronous=synchronous)


def check_store_url(url: str, *, data_dir: Path | None) -> None:
    """Make sure that a URL names a store that this version has, without opening it.

    Args:
        url: See :func:`open_store`.
        data_dir: See :func:`open_store`.

    Raises:
        ConfigurationError: it does not.
    """
    _read(url, data_dir)


def is_store_in_clear(url: str) -> bool:
    """Tell whether records cross a network for others on it to read.

    Args:
        url: One that :func:`check_store_url` accepts.
    """
    return urlsplit(url).scheme.startswith("redis") and read_redis_address(url).is_in_clear


def store_file(url: str, *, data_dir: Path | None) -> Path | None:
    """Return the file that a URL names, relative where the URL is; ``None`` for a server or memory.

    Args:
        url: One that :func:`check_store_url` accepts.
        data_dir: See :func:`open_store`.
    """
    named = _read(url, data_dir)
    return named.path if isinstance(named, _SqliteFile) else None


@dataclass(frozen=True, slots=True)
class _SqliteFile:
    path: Path
    synchronous: "Synchronous"


def _read(url: str, data_dir: Path | None) -> _SqliteFile | RedisAddress | None:
    """Return the file or the server that a URL names; ``None`` is the store in memory."""
    parts = _split(url)
    match parts.scheme:
        case "memory":
            _require_nothing_more(parts)
            return None
        case "sqlite":
            return _SqliteFile(_read_path(parts, data_dir), _read_synchronous(parts.query))
        case "redis" | "rediss":
            return _read_server(url)
        case _:
            raise _fault("names no store that there is")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        # Without the cause, whose words would quote the URL.
        raise _fault("is no URL") from None


def _read_server(url: str) -> RedisAddress:
    if not all(find_spec(package) for package in _REDIS_CLIENT):
        raise _fault("names Redis, whose client is not installed; pip install 'netscript-kernel[redis]'")
    try:
        return read_redis_address(url)
    except ValueError as error:
        raise _fault(str(error)) from None


def _require_nothing_more(parts: SplitResult) -> None:
    if parts.netloc or parts.path or parts.query or parts.fragment:
        raise _fault("goes on after memory://, which takes nothing after it")


def _read_path(parts: SplitResult, data_dir: Path | None) -> Path:
    if parts.netloc:
        raise _fault("names a host; after sqlite: come three slashes and a path, or four for an absolute one")
    if parts.fragment:
        raise _fault("has a #, which is written %23 in a path")
    name = unquote(parts.path.removeprefix("/"))
    if "\0" in name:
        raise _fault("has a NUL character in its path")
    if name == ":memory:":
        raise _fault("names a store in memory, which is written memory://")
    if name:
        return Path(name)
    if data_dir is None:
        raise _fault("names no file, and there is no data directory")
    return data_dir / DEFAULT_FILE


def _read_synchronous(query: str) -> "Synchronous":
    match parse_qsl(query, keep_blank_values=True):
        case [] | [("synchronous", "full")]:
            return "full"
        case [("synchronous", "normal")]:
            return "normal"
        case _:
            raise _fault("has an option beside its only option, synchronous=full or synchronous=normal")


def _fault(problem: str) -> ConfigurationError:
    return ConfigurationError([Fault(VARIABLE, problem, f"set it to {_ACCEPTED}")])
