"""Addresses of authorization requests and responses, taken apart and put together."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

import httpx


def query_of(url: str) -> dict[str, str]:
    """Return the parameters of an address, each of which comes once."""
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)


def with_query(url: str, parameters: Sequence[tuple[str, str]]) -> str:
    """Return an address with other parameters."""
    return f"{url.partition('?')[0]}?{httpx.QueryParams(list(parameters))}"


def replaced(url: str, name: str, *values: str) -> str:
    """Return an address with other values of one parameter, or with none."""
    others = [pair for pair in query_of(url).items() if pair[0] != name]
    return with_query(url, [*others, *((name, value) for value in values)])
