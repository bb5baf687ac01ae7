"""Which network a request comes from: the peer's, or what a trusted proxy says of the peer that it had."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from starlette.types import Scope

from netscript_kernel.networks import Network, is_within

Address: TypeAlias = IPv4Address | IPv6Address

_FORWARDED_FOR: Final = b"x-forwarded-for"
_MOST_PROXIES: Final = 16
_PREFIXES: Final = {4: 32, 6: 64}  # a household's router may use any address of its /64
_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052 section 2.1
# Where proxies and gateways stand. Not `is_private`, which has networks of documentation, too.
_LOCAL: Final[Sequence[Network]] = tuple(
    ip_network(each)
    for each in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        *("100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10"),  # RFC 6598, RFC 4193, RFC 4291
    )
)
_NO_ADDRESS: Final = "local"


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks, as far as the network tells.

    Attributes:
        block: The network, such as ``203.0.113.7/32`` or ``2001:db8::/64``.
        may_be_many: Whether it is probably a proxy or gateway, with everybody behind it.
        is_unnamed_proxy: Whether it behaves like a proxy, and is trusted by nobody.
    """

    block: str
    may_be_many: bool
    is_unnamed_proxy: bool = False


class Clients:
    """Finds the client of a request.

    Args:
        trusted: Where proxies are whose ``X-Forwarded-For`` counts.
    """

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = trusted

    def of(self, scope: Scope) -> Client:
        """Return who asks. What an untrusted peer says of others is not read."""
        peer = scope.get("client")
        address = _read(peer[0]) if peer else None
        says = b",".join(value for name, value in scope["headers"] if name == _FORWARDED_FOR)
        if address is None:  # a Unix socket
            return Client(_NO_ADDRESS, may_be_many=True, is_unnamed_proxy=bool(says))
        if not self._is_trusted(address):
            is_local = _is_local(address)
            return Client(_block(address), is_local, is_unnamed_proxy=is_local and bool(says))
        told = self._told(address, says.decode("latin-1"))
        return Client(_block(told), may_be_many=_is_local(told) or self._is_trusted(told))

    def _told(self, peer: Address, says: str) -> Address:
        """Return the last address that is no trusted proxy's, as far as every proxy on the way says one."""
        address = peer
        for entry in reversed(says.rsplit(",", _MOST_PROXIES)[-_MOST_PROXIES:]):
            before = _read(_without_port(entry.strip()))
            if before is None:
                break
            address = before
            if not self._is_trusted(address):
                break
        return address

    def _is_trusted(self, address: Address) -> bool:
        return is_within(str(address), self._trusted)


def _read(text: str) -> Address | None:
    """Return the address, that of IPv4 where it is one in the clothes of IPv6."""
    try:
        address = ip_address(text.partition("%")[0])  # a zone is of no use to anybody but the machine
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address


def _without_port(entry: str) -> str:
    """Return an entry without the port that some proxies write: ``192.0.2.1:80``, ``[2001:db8::1]:80``."""
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    host, colon, port = entry.partition(":")
    return host if colon and port.isdecimal() and "." in host else entry


def _block(address: Address) -> str:
    return str(ip_network(f"{address}/{_PREFIXES[address.version]}", strict=False))


def _is_local(address: Address) -> bool:
    return is_within(str(address), _LOCAL)
