"""Refuses what another site makes a browser do here: the defence of every request that changes something.

A browser says where a request comes from, and pages cannot change what it says. In this order:

1. ``Origin`` names a site: it must be ours, be the host that was asked (which the service serves), or be
   allowed.
2. ``Origin`` is missing or ``null`` (our own forms send ``null`` under a strict referrer policy; so do
   sandboxed frames of anybody): ``Sec-Fetch-Site`` must say ``same-origin``, or ``none`` for what the person
   did without a page.
3. Neither tells: a browser older than 2020, or no browser at all. Then the request must be one that a page of
   another site cannot send without asking first (a CORS preflight, which is refused): a JSON body, a DELETE,
   or the header ``X-NetScript-CSRF`` with any value. ``null`` alone is not enough here.

The cookie's ``SameSite=Lax`` stands behind all this; it does not separate sibling subdomains, these rules do.

Source: Fetch Standard sections 3.2 and 4.4; OWASP ASVS 5.0 section 3.5.
"""

from collections.abc import Collection, Mapping

from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.reasons import FlowReason

CUSTOM_HEADER = "x-netscript-csrf"
NEITHER_HEADER = "neither header"
"""What is seen of a request that does not say at all where it comes from, as a program's."""

_OPAQUE = "null"
_NOT_ANOTHER_SITE = frozenset({"same-origin", "none"})


class OriginRule:
    """Decides by the request's headers.

    Args:
        public_origin: Ours, as the outside sees it.
        allowed_origins: Whose pages may act for the person here.
    """

    def __init__(self, public_origin: str, allowed_origins: Collection[str]) -> None:
        self._scheme = public_origin.partition("://")[0]
        self._known = frozenset({public_origin, *allowed_origins})

    def check(self, method: str, headers: Mapping[str, str]) -> None:
        """Let the request pass, or refuse it.

        Args:
            method: Of the request.
            headers: By lower-case name; the host has been checked already.

        Raises:
            FlowRefusedError: ``cross_site``.
        """
        if not self._allows(method, headers):
            seen = headers.get("origin") or headers.get("sec-fetch-site") or NEITHER_HEADER
            expected = "our own origin, or one that NETSCRIPT_AUTH_ALLOWED_ORIGINS names"
            raise FlowRefusedError(FlowReason.CROSS_SITE, expected=expected, seen=seen)

    def _allows(self, method: str, headers: Mapping[str, str]) -> bool:
        origin = headers.get("origin")
        if origin is not None and origin != _OPAQUE:
            return origin in self._known or origin == f"{self._scheme}://{headers.get('host')}"
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in _NOT_ANOTHER_SITE
        return origin is None and _needs_a_preflight(method, headers)


def _needs_a_preflight(method: str, headers: Mapping[str, str]) -> bool:
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return method == "DELETE" or media_type == "application/json" or bool(headers.get(CUSTOM_HEADER))
