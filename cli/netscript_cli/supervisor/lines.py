"""Whole lines out of bytes that arrive in pieces."""

from collections.abc import Iterator
from typing import Final

LONGEST: Final = 1024 * 1024
"""A line that goes on is passed on in pieces of this size, so that it fills no memory."""


class Lines:
    """The lines of one stream."""

    def __init__(self) -> None:
        self._begun = bytearray()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield every line that is complete now, without its end."""
        *whole, begun = piece.split(b"\n")
        for each in whole:
            yield self._ended(each)
        self._begun += begun
        if len(self._begun) >= LONGEST:
            yield self._ended(b"")

    def rest(self) -> Iterator[bytes]:
        """Yield the last line, where it has no end."""
        if self._begun:
            yield self._ended(b"")

    def _ended(self, end: bytes) -> bytes:
        line = bytes(self._begun + end)
        self._begun.clear()
        return line.removesuffix(b"\r")
