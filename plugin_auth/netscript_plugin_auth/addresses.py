"""Web addresses as two independent parsers understand them; where they differ, there is no address.

Open redirects live in the gap between the parser that checks and the one that acts (the browser). So an
address counts only if Python's RFC 3986 parser and a WHATWG one, as browsers have it, see the same thing in
it, and if it is written in characters that neither has to repair.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from pydantic_core import Url

MAX_LENGTH = 2048

_DEFAULT_PORTS = {"https": 443, "http": 80}
_WEB_ADDRESS = re.compile(r"[Hh][Tt][Tt][Pp][Ss]?://[^/?#]")
# Printable ASCII without what RFC 3986 has no place for: space " < > \ ^ ` { | }
_WRITTEN_CLEANLY = re.compile(r"[!#-;=?-\[\]_a-z~]+")
_HOST = re.compile(r"[a-z0-9_.-]+|\[[0-9a-f:.]+\]")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_MEANINGFUL_IN_A_PATH = frozenset("/\\.%")
# They enclose hosts and stand nowhere else (RFC 3986 section 3.2.2); some clients escape them in a path.
_BRACKETS = frozenset("[]")
_LOOPBACK_V4 = re.compile(r"127(?:\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}")


@dataclass(frozen=True, slots=True)
class Address:
    """An http or https address without user information.

    Attributes:
        scheme: ``http`` or ``https``.
        host: In lower case, ASCII; IPv6 in brackets.
        port: As written, or the scheme's own.
        path: As written; ``/`` where there is none. Never with ``//``, dot segments or hidden separators.
        is_bare: Whether there is nothing behind the path, no query and no fragment.
    """

    scheme: str
    host: str
    port: int
    path: str
    is_bare: bool

    @property
    def origin(self) -> str:
        """Scheme, host and port as browsers write them in ``Origin`` (RFC 6454 section 6.2)."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host and port as browsers write them in ``Host``."""
        is_default = self.port == _DEFAULT_PORTS[self.scheme]
        return self.host if is_default else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether the host never leaves this machine."""
        return is_loopback(self.host)


def parse_address(text: str) -> Address | None:
    """Read an absolute http or https address, or return ``None`` where there is any doubt about it."""
    if len(text) > MAX_LENGTH or not _WRITTEN_CLEANLY.fullmatch(text) or not _WEB_ADDRESS.match(text):
        return None
    try:
        split, whatwg = urlsplit(text), Url(text)
        seen_by_python = _as_python_sees(split)
    except ValueError:
        return None
    if seen_by_python != _as_browsers_see(whatwg) or not _HOST.fullmatch(seen_by_python.host):
        return None
    return seen_by_python if _has_plain_path(split.path) else None


def is_loopback(host: str) -> bool:
    """Whether a host, a name or an address, never leaves this machine (RFC 6761 section 6.3)."""
    name = host.lower().strip("[]")
    return name in {"localhost", "::1"} or name.endswith(".localhost") or bool(_LOOPBACK_V4.fullmatch(name))


def _as_python_sees(split: SplitResult) -> Address:
    if "@" in split.netloc or split.netloc.endswith(":") or not split.hostname:
        raise ValueError("no address of a site")
    host = f"[{split.hostname}]" if ":" in split.hostname else split.hostname
    port = split.port if split.port is not None else _DEFAULT_PORTS[split.scheme]
    is_bare = not split.query and not split.fragment
    return Address(split.scheme, host, port, split.path or "/", is_bare)


def _as_browsers_see(url: Url) -> Address:
    if url.username is not None or url.password is not None or not url.host:
        raise ValueError("no address of a site")
    is_bare = not url.query and not url.fragment
    return Address(url.scheme, url.host, url.port or _DEFAULT_PORTS[url.scheme], url.path or "/", is_bare)


def _has_plain_path(path: str) -> bool:
    """Whether no server on the way, however it decodes or cuts the path, sees other segments in it."""
    if "//" in path or "%" in _ESCAPES.sub("", path) or _BRACKETS & set(path):
        return False
    if any(segment.partition(";")[0] in {".", ".."} for segment in path.split("/")):
        return False
    return all(_is_plain(escaped.group()) for escaped in _ESCAPES.finditer(path))


def _is_plain(escaped: str) -> bool:
    try:
        text = unquote_to_bytes(escaped).decode("utf-8")
    except UnicodeDecodeError:
        return False
    # Compatibility forms count too: some servers turn a full-width slash into a slash.
    meant = unicodedata.normalize("NFKC", text)
    return meant.isprintable() and not _MEANINGFUL_IN_A_PATH & set(meant)
