"""Reads the cookies of an upstream out of what a request carries, and nothing else.

Other cookies of the site may be broken in any way: they are skipped over. A name counts only if it is exactly
the one that is asked for. Nothing is unescaped; whoever reads a value knows how its writer escapes. Work is
linear in the length of the header.
"""

from collections.abc import Iterator, Mapping

_COOKIE = "cookie"
_BLANKS = " \t"


def cookie_values(headers: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return all values of one cookie, in the order sent: of several, whose is which cannot be told.

    Args:
        headers: Of an ``AuthRequest``.
        name: Exactly; letters count.
    """
    return tuple(value for found, value in _pairs(headers) if found == name)


def cookie_family(headers: Mapping[str, str], prefix: str) -> Mapping[str, tuple[str, ...]]:
    """Return full name to values of all cookies whose names begin like this, such as those sent in chunks."""
    family: dict[str, list[str]] = {}
    for found, value in _pairs(headers):
        if found.startswith(prefix):
            family.setdefault(found, []).append(value)
    return {name: tuple(values) for name, values in family.items()}


def _pairs(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield name and value of each cookie (RFC 6265 section 5.4); what has no ``=`` is none."""
    for piece in headers.get(_COOKIE, "").split(";"):
        name, equals, value = piece.partition("=")
        if equals:
            yield name.strip(_BLANKS), value.strip(_BLANKS)
