"""Keeps pages of other sites from acting by a person's cookie, which their browser sends along.

The session cookie is ``SameSite=Lax``: it does not travel from other sites, but it does from sibling
subdomains, and a websocket has no CORS in front of it. A browser says where a request comes from, and pages
cannot change what it says: ``Origin``, and where that is missing or ``null``, ``Sec-Fetch-Site``. Where
neither tells, no browser of this decade asks. Reads pass: what a page may see of an answer is for CORS.

Source: Fetch Standard sections 3.2 and 4.4; RFC 6455 section 10.2.
"""

from collections.abc import Iterable
from typing import Final

from netscript_auth_client.asgi import Scope
from netscript_auth_client.credentials import RawHeaders

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OPAQUE: Final = b"null"
_NOT_ANOTHER_SITE: Final = frozenset({b"same-origin", b"none"})


class PageOrigins:
    """Decides by the request's headers.

    Args:
        own: The origin at which browsers reach the service, and have their cookie.
        allowed: Others, whose pages may act for the person here.
    """

    def __init__(self, own: str, allowed: Iterable[str]) -> None:
        self._known = frozenset(origin.encode("ascii") for origin in (own, *allowed))

    def allow(self, scope: Scope) -> bool:
        """Whether a cookie counts for this request."""
        if scope["type"] == "http" and scope["method"] in _READS:
            return True
        headers: RawHeaders = scope["headers"]
        origins = [value for name, value in headers if name == b"origin"]
        if origins and origins != [_OPAQUE]:
            return len(origins) == 1 and origins[0] in self._known
        sites = [value for name, value in headers if name == b"sec-fetch-site"]
        return _NOT_ANOTHER_SITE.issuperset(sites) and (bool(sites) or not origins)
