"""Which services may listen: each has a secret of its own, by which it is known."""

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from hmac import compare_digest
from types import MappingProxyType
from typing import Final

_NAME: Final = re.compile(r"[a-z0-9-]{1,64}")
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43,256}")  # 32 bytes and more, in base64url
_BEARER: Final = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9_-]{43,256})")


class ServiceCredentials:
    """Knows services by their secrets, of which it keeps digests alone.

    Args:
        pairs: Name and secret of each. One name may have several secrets: while one takes another's place.
    """

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._names: Mapping[bytes, str] = MappingProxyType({_digest(secret): name for name, secret in pairs})

    def name_of(self, authorization: Sequence[str]) -> str | None:
        """Return whose secret a request brings along, or ``None``.

        Args:
            authorization: Every ``Authorization`` header of it: two of them are nobody's.
        """
        match = _BEARER.fullmatch(authorization[0]) if len(authorization) == 1 else None
        if match is None:
            return None
        given, found = _digest(match[1]), None
        # All of them, whichever fits: how long it takes says nothing of any.
        for digest, name in self._names.items():
            if compare_digest(given, digest):
                found = name
        return found


def parse_credentials(text: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs that a configuration names.

    Args:
        text: ``name:secret``, separated by commas.

    Raises:
        ValueError: says which entry is wrong and how; repeats nothing of it.
    """
    return tuple(_pairs([entry.strip() for entry in text.split(",")]))


def _pairs(entries: Sequence[str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for position, entry in enumerate(entries, start=1):
        name, colon, secret = entry.partition(":")
        where = f"has an entry, number {position}, "
        if not colon:
            raise ValueError(where + "that is no name and secret with a colon between them")
        if not _NAME.fullmatch(name):
            raise ValueError(where + "whose name is not 1 to 64 of a-z, 0-9 and hyphens")
        if not _SECRET.fullmatch(secret):
            raise ValueError(where + "whose secret is not at least 32 bytes in base64url")
        if secret in seen:
            raise ValueError(where + "whose secret was named before")
        seen.add(secret)
        yield name, secret


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("ascii")).digest()
