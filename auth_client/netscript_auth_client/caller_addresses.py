"""Addresses and origins in a service's environment: what is not exact is refused, and never repeated."""

from urllib.parse import urlsplit

from netscript_kernel.addresses import address_problem


def checked_url(value: str) -> str:
    """Return an address without a trailing slash.

    Raises:
        ValueError: it is none of a host alone, or is plain HTTP to another machine.
    """
    problem = address_problem(value, allow_loopback_http=True)
    if problem is not None:
        raise ValueError(problem)
    parts = urlsplit(value)
    if parts.path not in {"", "/"} or "?" in value:
        raise ValueError("has a path or a query")
    return value.rstrip("/")


def checked_origins(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return origins as browsers write them.

    Raises:
        ValueError: one of them is none, with its number.
    """
    for position, origin in enumerate(value, start=1):
        problem = address_problem(origin, allow_loopback_http=True)
        parts = None if problem else urlsplit(origin)
        if parts is None or origin != f"{parts.scheme}://{parts.netloc}".lower():
            raise ValueError(f"has an entry, number {position}, that is no exact origin")
    return value
