"""Judges ``NETSCRIPT_AUTH_COOKIE_DOMAIN``, and knows every domain that a cookie sent to a host can be of."""

import re
from collections.abc import Sequence

from netscript_plugin_auth.addresses import parse_address

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_IPV6 = re.compile(r"\[?[0-9a-f]*:[0-9a-f:.]*\]?")
_LONGEST = 253
_FEWEST_LABELS = 2


def check_cookie_domain(value: str, public_url: str) -> str:
    """Return the domain as it stands in a cookie: lower case, without the dot that some put in front.

    Args:
        value: What the operator set.
        public_url: What browsers call the service; sound.

    Raises:
        ValueError: what is wrong, in words that do not repeat the value.
    """
    domain, address = value.lower().removeprefix("."), parse_address(public_url)
    if domain == "localhost":
        raise ValueError("is localhost, of which browsers keep no such cookie; acme.localhost works")
    if _is_ip_address(domain):
        raise ValueError("is an IP address, which has no subdomains")
    if len(domain) > _LONGEST or not _NAME.fullmatch(domain):
        raise ValueError("is no domain in ASCII letters, without scheme, port and path")
    if "." not in domain:
        raise ValueError("is a single label, of which browsers keep no cookie")
    if address is None or address.scheme != "https":
        raise ValueError("needs a public URL that is https")
    if domain not in domains_of(address.host):
        raise ValueError("is neither the host of the public URL nor a domain above it")
    if _is_public_suffix(domain):
        raise ValueError("is a public suffix, below which hosts belong to strangers")
    return domain


def domains_of(host: str) -> Sequence[str]:
    """Return the host, and each domain above it that has two labels or more; nothing for an IP address."""
    if _is_ip_address(host):
        return ()
    labels = host.split(".")
    return [".".join(labels[first:]) for first in range(len(labels) - _FEWEST_LABELS + 1)]


def _is_ip_address(host: str) -> bool:
    """Whether browsers take it for one: they do so whenever the last label is a number (WHATWG URL, 3.5)."""
    return bool(_IPV6.fullmatch(host) or _NUMBER.fullmatch(host.rpartition(".")[2]))


def _is_public_suffix(domain: str) -> bool:
    # Why here: the list takes a while to read, and most services set no domain.
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList().is_public(domain)
