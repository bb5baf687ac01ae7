"""Addresses and origins in a service's environment: what is not exact is refused, and never repeated."""

from typing import Final
from urllib.parse import urlsplit

from netscript_kernel.addresses import address_problem

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def checked_url(value: str) -> str:
    """Return an address as browsers write its origin, and auth-api its own.

    Raises:
        ValueError: it is none of a host alone, or is plain HTTP to another machine.
    """
    problem = address_problem(value, allow_loopback_http=True)
    if problem is not None:
        raise ValueError(problem)
    parts = urlsplit(value)
    if parts.path not in {"", "/"} or "?" in value:
        raise ValueError("has a path or a query")
    return origin_of(value)


def origin_of(url: str) -> str:
    """Return scheme, host and port as browsers write them in ``Origin`` (RFC 6454 section 6.2)."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    origin = f"{parts.scheme}://[{host}]" if ":" in host else f"{parts.scheme}://{host}"
    return origin if port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f"{origin}:{port}"


def checked_origins(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return origins as browsers write them.

    Raises:
        ValueError: one of them is none, with its number.
    """
    for position, origin in enumerate(value, start=1):
        if address_problem(origin, allow_loopback_http=True) or origin != origin_of(origin):
            raise ValueError(f"has an entry, number {position}, that is no exact origin")
    return value
