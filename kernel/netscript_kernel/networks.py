"""Networks that an operator names, such as those of the proxies in front."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator

Network: TypeAlias = IPv4Network | IPv6Network

# Prefix lengths by version. 10.0.0.0/8 is the widest private network (RFC 1918); IPv6: /48 (RFC 4193).
_WIDEST: Final = {4: 8, 6: 16}
_MAPPED_BITS: Final = 96
_LOOPBACK: Final = IPv6Address("::1")


def read_networks(value: object) -> object:
    """Read ``10.1.2.0/24, fd00::7``, each entry exactly as a network is written.

    Raises:
        ValueError: with what is wrong, in words that do not repeat the value.
    """
    if not isinstance(value, str):
        return value
    networks: list[Network] = []
    for position, entry in enumerate(value.split(","), start=1):
        try:
            network = _without_mapping(ip_network(entry.strip()))
        except ValueError:
            raise ValueError(
                f"has an entry, number {position}, that is no network, or has bits set beyond its prefix"
            ) from None
        if network.prefixlen < _WIDEST[network.version] or _is_beside_loopback(network):
            raise ValueError(f"has an entry, number {position}, that is too wide to be a network of yours")
        networks.append(network)
    return tuple(networks)


def _without_mapping(network: Network) -> Network:
    """Return the IPv4 network that an IPv4-mapped one stands for (RFC 4291 section 2.5.5.2)."""
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped is None or network.prefixlen < _MAPPED_BITS:
        return network
    return IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))


def _is_beside_loopback(network: Network) -> bool:
    """Whether a network holds ``::1`` among others, such as ``::/16``: those are reserved (RFC 4291)."""
    return network.prefixlen < _LOOPBACK.max_prefixlen and _LOOPBACK in network


Networks = Annotated[tuple[Network, ...], BeforeValidator(read_networks)]


def is_within(peer: str | None, networks: Sequence[Network]) -> bool:
    """Whether a peer's address, as the server saw it, is in one of the networks; ``None`` is in none."""
    try:
        address = ip_address(peer or "")
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # a socket for both families shows IPv4 like this
    return any(address in network for network in networks)
