"""Judges addresses: which ones an operator or a provider may give us."""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

MOST_CHARACTERS: Final = 2048
_URI_CHARACTERS: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")  # RFC 3986 section 2
_HOST: Final = re.compile(r"[A-Za-z0-9._:-]+")  # a name, or an IP address without its brackets
# Who asks takes such steps, or not: two readers of one address would mean two places.
_DOTS: Final = re.compile(r"(?:\.|%2[Ee]){1,2}")  # RFC 3986 section 5.2.4


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine (RFC 6761 section 6.3, RFC 8252 section 8.3)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def address_problem(url: str, *, allow_loopback_http: bool) -> str | None:
    """Return what is wrong with an absolute address, in words that do not repeat it, or ``None``.

    Args:
        url: An issuer, an endpoint or a redirect URI.
        allow_loopback_http: Whether plain HTTP to this machine will do.
    """
    if url != url.strip():
        return "has a space before or after it"
    parts = _split(url)
    if parts is None or not parts.hostname:
        return "is not an absolute URL"
    if parts.scheme not in {"https", "http"}:
        return "is not an https URL"
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        where = "for this machine" if allow_loopback_http else "for this machine in the development profile"
        return f"is a plain http URL, which anybody on the way can read and change; it will do only {where}"
    if parts.scheme == "http" and not allow_loopback_http:
        return "is a plain http URL, which only the development profile allows, for this machine"
    if parts.username is not None or parts.password is not None:
        return "has a user name or password in it"
    if any(_DOTS.fullmatch(segment) for segment in parts.path.split("/")):
        return "has a step in its path that is . or .."
    return "has a fragment (#)" if "#" in url else None


def issuer_problem(issuer: str, *, allow_loopback_http: bool) -> str | None:
    """The same for an issuer, which has no query either (OpenID Connect Discovery 1.0 section 3)."""
    problem = address_problem(issuer, allow_loopback_http=allow_loopback_http)
    if problem is not None:
        return problem
    return "has a query (?)" if "?" in issuer else None


def service_address_problem(url: str) -> str | None:
    """Return what is wrong with the address of a service, or ``None``; plain HTTP will do."""
    parts = _split(url)
    if parts is None:
        return "is no address"
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        return "is no http or https address"
    if parts.username is not None or parts.password is not None:
        return "has a user name or password in it"
    if "?" in url or "#" in url:
        return "has a query or a fragment"
    if not _HOST.fullmatch(parts.hostname):
        return "is no address"
    is_stepping = any(_DOTS.fullmatch(segment) for segment in parts.path.split("/"))
    return "has a step in its path that is . or .." if is_stepping else None


def host_of(url: str) -> str | None:
    """Return the host of an absolute address, or ``None`` where it is none."""
    parts = _split(url)
    return parts.hostname if parts else None


def last_segment(url: str) -> str:
    """Return what stands behind the last slash of the path."""
    return urlsplit(url).path.rpartition("/")[2]


def _split(url: str) -> SplitResult | None:
    if len(url) > MOST_CHARACTERS or not _URI_CHARACTERS.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts
