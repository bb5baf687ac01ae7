"""Methods of requests, as names that metrics and spans may carry."""

from typing import Final

_KNOWN: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})  # RFC 9110, RFC 5789
_OTHER: Final = "_OTHER"


def method_label(method: str) -> str:
    """Return the method, or ``_OTHER`` for one that is not known: a client may send any word as one.

    Source: OpenTelemetry semantic conventions for HTTP, ``http.request.method``.
    """
    return method if method in _KNOWN else _OTHER
