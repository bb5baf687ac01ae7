"""What addresses, origins and hosts must look like that an operator sets."""

import re
from typing import Final

from netscript_plugin_auth.addresses import Address, parse_address
from netscript_plugin_auth.settings.entries import check_each

_HOST_SYNTAX: Final = re.compile(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")


def check_public_url(value: str, *, allows_loopback_http: bool) -> str:
    """Return the address of a host alone, without a trailing slash."""
    address = parse_address(value)
    if address is None or address.path != "/" or value.endswith(("?", "#")) or not address.is_bare:
        raise ValueError("is not an address of a host alone, without path, query and fragment")
    _require_https(address, "", allows_loopback_http=allows_loopback_http)
    return address.origin


def check_addresses(values: tuple[str, ...], *, allows_loopback_http: bool) -> tuple[str, ...]:
    """Check that each is an origin with an optional path."""
    for position, entry in enumerate(values, start=1):
        subject = f"has an entry, number {position}, that"
        address = parse_address(entry)
        if address is None or not address.is_bare:
            raise ValueError(f"{subject} is no plain http or https address")
        _require_https(address, subject, allows_loopback_http=allows_loopback_http)
    return values


def check_origins(values: tuple[str, ...], *, allows_loopback_http: bool) -> tuple[str, ...]:
    """Check that each is written exactly as browsers write an origin."""
    check_addresses(values, allows_loopback_http=allows_loopback_http)
    return check_each(values, _is_exact_origin, "is no exact origin")


def check_hosts(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return hosts in lower case."""
    return check_each(tuple(map(str.lower, values)), _HOST_SYNTAX.fullmatch, "is no host")


def _is_exact_origin(entry: str) -> bool:
    address = parse_address(entry)
    return address is not None and address.origin == entry


def _require_https(address: Address, subject: str, *, allows_loopback_http: bool) -> None:
    if address.scheme == "https":
        return
    if not allows_loopback_http:
        raise ValueError(f"{subject} is not https".strip())
    if not address.is_loopback:
        raise ValueError(f"{subject} is plain http to another machine".strip())
