"""Reads our cookies out of raw ``Cookie`` headers, and nothing else.

Other cookies of the site may be broken in any way: they are skipped over, never decoded. A name counts
only if it is ours exactly, byte for byte. Work is linear in the length of the header. Nothing is
unescaped: what we write needs no escaping, so what does is not ours.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

RawHeaders = Iterable[tuple[bytes, bytes]]

_COOKIE = b"cookie"
_BEFORE_A_NAME = rb"(?:^|;)[ \t]*"
_VALUE = rb"=([^;]*)"
_ENOUGH_TO_BE_AMBIGUOUS = 2
_SHORT = 256  # bytes, below which a pattern is as fast as anything


class CookieReader:
    """Finds the values of one cookie.

    Args:
        names: What it may be called, exactly; ASCII.
    """

    def __init__(self, *names: str) -> None:
        self._names = tuple(name.encode("ascii") for name in names)
        any_of_them = b"(?:" + b"|".join(map(re.escape, self._names)) + b")"
        self._pattern = re.compile(_BEFORE_A_NAME + any_of_them + _VALUE)

    def values(self, headers: RawHeaders) -> tuple[str, ...]:
        """Return the values in the order sent, at most two: which of several is ours cannot be known."""
        found: list[bytes] = []
        for name, line in headers:
            if name == _COOKIE:
                found += self._pattern.findall(line, self._beginning(line) if len(line) > _SHORT else 0)
        return tuple([_text(value) for value in found[:_ENOUGH_TO_BE_AMBIGUOUS]]) if found else ()

    def _beginning(self, line: bytes) -> int:
        """Return where the first of ours may begin: bytes are found much faster than the pattern reads on."""
        places = [at for at in map(line.find, self._names) if at >= 0]
        return max(line.rfind(b";", 0, min(places)), 0) if places else len(line)


class CookieFamilyReader:
    """Finds cookies whose names share a beginning and end in an id.

    Args:
        prefix: The shared beginning; ASCII.
        limit: At most this many are looked at.
    """

    def __init__(self, prefix: str, limit: int) -> None:
        name = re.escape(prefix.encode("ascii")) + rb"([A-Za-z0-9_-]{1,32})"
        self._pattern = re.compile(_BEFORE_A_NAME + name + _VALUE)
        self._limit = limit

    def by_id(self, headers: RawHeaders) -> dict[str, str]:
        """Return id to value; an id that was sent twice is left out."""
        found: dict[str, str] = {}
        repeated: set[str] = set()
        for member, value in islice(self._pairs(headers), self._limit):
            if member in found:
                repeated.add(member)
            found[member] = value
        return {member: value for member, value in found.items() if member not in repeated}

    def _pairs(self, headers: RawHeaders) -> Iterator[tuple[str, str]]:
        for name, line in headers:
            if name == _COOKIE:
                for match in self._pattern.finditer(line):
                    yield _text(match[1]), _text(match[2])


def _text(raw: bytes) -> str:
    """Keep every byte apart: a value with foreign bytes is a wrong value, not a missing one."""
    return raw.strip(b" \t").decode("latin-1")
