"""What the header-proxy backend reads: ``NETSCRIPT_AUTH_HEADER_PROXY_*``."""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator, Field
from pydantic_settings import SettingsConfigDict

from netscript_kernel.settings import Duration, Fix, Settings

Network: TypeAlias = IPv4Network | IPv6Network

# As wide as the widest network of one house (RFC 1918: 10.0.0.0/8). Two halves are everybody, too.
_SHORTEST_PREFIX: Final = {4: 8, 6: 16}


def _networks(value: object) -> object:
    """Read ``10.1.2.0/24, fd00::7``; every entry exactly as a network is written."""
    if not isinstance(value, str):
        return value
    try:
        networks = tuple(ip_network(entry.strip()) for entry in value.split(","))
    except ValueError:
        raise ValueError("has an entry that is no network, or has bits set beyond its prefix") from None
    for position, network in enumerate(networks, start=1):
        shortest = _SHORTEST_PREFIX[network.version]
        if network.prefixlen < shortest:
            raise ValueError(
                f"has an entry, number {position}, with a prefix shorter than /{shortest}, so that many a "
                "stranger could say who they are"
            )
    return networks


class HeaderProxySettings(Settings):
    """The settings of the backend.

    Attributes:
        trusted: Where connections have to come from for their headers to count.
        cookie: The proxy's session cookie; also in pieces, ``NAME_0``, ``NAME_1`` and so on.
        issuer: Who vouches for the ids that the proxy passes on.
        session_ttl: How long a session is said to last, from its first request on. Not shorter than the
            proxy's own limit: that is the one that counts, see ``HeaderProxyBackend``.
        sign_in_url: Where people sign in.
    """

    model_config = SettingsConfigDict(env_prefix="NETSCRIPT_AUTH_HEADER_PROXY_")

    trusted: Annotated[
        tuple[Network, ...],
        BeforeValidator(_networks),
        Fix(
            "the networks that the proxy connects from, such as 10.1.2.0/24 or 10.1.2.3, separated by commas"
        ),
    ]
    cookie: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$"), Fix("the name of the proxy's session cookie")
    ] = "_oauth2_proxy"
    issuer: Annotated[
        str,
        Fix("who the proxy signs people in with, such as https://accounts.google.com; their ids hang on it"),
    ] = "urn:header-proxy"
    session_ttl: Annotated[
        Duration,
        Field(gt=timedelta(0)),
        Fix("a duration such as 168h, not shorter than the proxy's own limit"),
    ] = timedelta(days=7)
    sign_in_url: Annotated[
        str | None,
        Field(pattern=r"^https?://"),
        Fix("where people sign in, such as https://acme.example/oauth2/start"),
    ] = None
