"""Which Redis server an operator means, read from ``redis://`` and ``rediss://``. Imports no client."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

DEFAULT_PORT: Final = 6379
DEFAULT_PREFIX: Final = "netscript"

_SCHEMES: Final = {"redis": False, "rediss": True}
_HOST: Final = re.compile(r"[a-z0-9_][a-z0-9._-]*|[0-9a-f:.]*:[0-9a-f:.]*")
_DATABASE: Final = re.compile(r"/?|/(?P<number>[0-9]{1,5})")
_PREFIX: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """Where a server is, and how it is spoken to. See :func:`read_redis_address` for the usual way to one.

    Attributes:
        host: A name or an address.
        port: Of the server.
        database: Which of the server's numbered ones.
        username: Of its access control list; ``None`` is its default user.
        password: ``None`` where the server asks for none.
        is_encrypted: Whether by TLS, with the certificate and its name checked.
        prefix: What all keys begin with, so that several services may share a server.
    """

    host: str
    port: int = DEFAULT_PORT
    database: int = 0
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    is_encrypted: bool = False
    prefix: str = DEFAULT_PREFIX

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_in_clear(self) -> bool:
        """Whether everything crosses a network for others on it to read."""
        return not self.is_encrypted and not _is_loopback(self.host)


def read_redis_address(url: str) -> RedisAddress:
    """Read ``redis[s]://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=NAME]``.

    Special characters of user and password are percent-encoded.

    Raises:
        ValueError: it is no such URL. The words go on from "the URL", and repeat nothing of it.
    """
    parts = _split(url)
    if parts.scheme not in _SCHEMES:
        raise ValueError("names no Redis server")
    if parts.fragment:
        raise ValueError("has a #, which is written %23 in a password")
    username, password = _read_credentials(parts)
    host, port = _read_host(parts)
    return RedisAddress(
        host=host,
        port=port,
        database=_read_database(parts.path),
        username=username,
        password=password,
        is_encrypted=_SCHEMES[parts.scheme],
        prefix=_read_prefix(parts.query),
    )


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        # Without the cause, whose words would quote the URL; here and below.
        raise ValueError("is no URL") from None


def _read_host(parts: SplitResult) -> tuple[str, int]:
    host = parts.hostname
    if not host or not _HOST.fullmatch(host):
        raise ValueError("names no host; characters such as / ? # @ % in a password are percent-encoded")
    try:
        port = parts.port
    except ValueError:
        raise ValueError("has a port that is no number from 1 to 65535") from None
    if port == 0:
        raise ValueError("has a port that is no number from 1 to 65535")
    return host, port or DEFAULT_PORT


def _read_credentials(parts: SplitResult) -> tuple[str | None, str | None]:
    if parts.username and not parts.password:
        raise ValueError("names a user without a password; a password alone is written :PASSWORD@")
    return _decode(parts.username), _decode(parts.password)


def _decode(text: str | None) -> str | None:
    if not text:
        return None
    if _STRAY_PERCENT.search(text):
        raise ValueError("has a % in its user or password that encodes nothing; a % itself is written %25")
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError("has a user or a password that is not percent-encoded UTF-8") from None


def _read_database(path: str) -> int:
    match = _DATABASE.fullmatch(path)
    if match is None:
        raise ValueError("has a path that is no number of a database, such as /0")
    return int(match["number"] or 0)


def _read_prefix(query: str) -> str:
    match parse_qsl(query, keep_blank_values=True):
        case []:
            return DEFAULT_PREFIX
        case [("prefix", prefix)] if _PREFIX.fullmatch(prefix):
            return prefix
        case _:
            raise ValueError(
                "has an option beside its only option, prefix=NAME: 1 to 64 letters, digits, or . _ : -"
            )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
