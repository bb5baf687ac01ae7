"""The request that a proxy asks about, as far as the proxy is trusted to tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.types import Scope

from netscript_kernel.networks import Network, is_within
from netscript_plugin_auth.accept import wants_page

_PROTO, _HOST, _URI = "x-forwarded-proto", "x-forwarded-host", "x-forwarded-uri"
_METHOD = "x-forwarded-method"
_READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Original:
    """A request that came to a proxy.

    Attributes:
        url: Where it went, unchecked; ``None`` where nobody who is trusted says so.
        is_navigation: Whether a person waits for a page, who can be sent to sign in.
    """

    url: str | None
    is_navigation: bool


class Forwarded:
    """Reads ``X-Forwarded-*`` of trusted proxies, and of nobody else.

    Args:
        trusted: Where such connections come from.
    """

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = trusted

    def read(self, headers: Mapping[str, str], peer: str | None) -> Original:
        """Return the original request as ``X-Forwarded-*`` tells it.

        Args:
            headers: By lower-case name.
            peer: Address of whoever opened the connection.
        """
        is_trusted = is_within(peer, self._trusted)
        method = headers.get(_METHOD, "GET") if is_trusted else "GET"
        is_navigation = method in _READS and _is_of_a_page(headers)
        return Original(_url(headers) if is_trusted else None, is_navigation)

    def read_repeated(
        self, scope: Scope, headers: Mapping[str, str], peer: str | None, *, below: str
    ) -> Original:
        """Return the original request where the proxy repeats it: its method, its host, its path below ours.

        Args:
            scope: Of the request that the proxy makes.
            headers: Its headers by lower-case name.
            peer: See :meth:`read`.
            below: What stands in front of the original path.
        """
        is_navigation = scope["method"] in _READS and _is_of_a_page(headers)
        if not is_within(peer, self._trusted):
            return Original(None, is_navigation)
        proto, host = headers.get(_PROTO), headers.get("host")
        path = scope.get("raw_path", b"").partition(below.encode())[2].decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        if not (proto and host and path):
            return Original(None, is_navigation)
        return Original(f"{proto}://{host}{path}{'?' if query else ''}{query}", is_navigation)


def _url(headers: Mapping[str, str]) -> str | None:
    """Return the address, if each part of it is there; two of one part make no address."""
    parts = [headers.get(name) for name in (_PROTO, _HOST, _URI)]
    if not all(parts):
        return None
    proto, host, uri = parts
    return f"{proto}://{host}{uri}"


def _is_of_a_page(headers: Mapping[str, str]) -> bool:
    """Whether a browser is about to show the answer (Fetch Metadata; older ones say it by ``Accept``)."""
    if "x-requested-with" in headers or "upgrade" in headers:
        return False
    if headers.get("sec-fetch-mode", "navigate") != "navigate":
        return False
    return headers.get("sec-fetch-dest", "document") == "document" and wants_page(headers.get("accept"))
