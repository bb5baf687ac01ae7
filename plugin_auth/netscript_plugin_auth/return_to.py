"""Where a browser may be sent after signing in or out: to us, and to where the operator said."""

import re
from collections.abc import Sequence
from urllib.parse import unquote, urljoin

from netscript_auth_core.contract_v1 import AuthV1
from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.reasons import FlowReason
from netscript_plugin_auth.addresses import Address, parse_address

# What may hold a secret: query and fragment, and a password before the host.
_NOT_FOR_A_LOG = re.compile(r"[?#].*|(?<=//)[^/?#]*@", re.DOTALL)
_EXPECTED = "a path of this service, or an address that NETSCRIPT_AUTH_ALLOWED_RETURN_TO names"


class ReturnToPolicy:
    """The allow-list of destinations (RFC 9700 section 4.11).

    Allowed are paths of this service, such as ``/account?tab=1#top``, absolute addresses on its own origin,
    and absolute addresses whose origin is exactly that of an allowed entry and whose path begins with the
    entry's, ending at a segment: ``https://app.example/area`` allows ``/area/x`` but not ``/area51``.

    Refused is whatever two parsers understand differently, more than 2048 characters, and our own endpoints:
    a sign-in that returns to a sign-in never ends.

    Args:
        public_url: What the outside calls the service, without a trailing slash.
        allowed: Origins with an optional path, each readable by ``parse_address``.
        default: Where to go without a wish; checked like a wish.
    """

    def __init__(self, public_url: str, allowed: Sequence[str], default: str) -> None:
        self._public_url = public_url
        self._own = _must_parse(public_url)
        self._allowed = tuple(_must_parse(entry) for entry in allowed)
        self.default = self.check(default)

    def check(self, wanted: str | None) -> str:
        """Return the destination unchanged, or the default where there is no wish.

        Raises:
            FlowRefusedError: ``redirect_not_allowed``.
        """
        if not wanted:
            return self.default
        if not self.allows(wanted):
            seen = _NOT_FOR_A_LOG.sub("", wanted)
            raise FlowRefusedError(FlowReason.REDIRECT_NOT_ALLOWED, expected=_EXPECTED, seen=seen)
        return wanted

    def allows(self, wanted: str) -> bool:
        """Whether a browser may be sent there."""
        address = self._resolve(wanted)
        if address is None:
            return False
        if address.origin == self._own.origin:
            # As the router reads it. What would still be an escape after that was refused before.
            return not _is_below(unquote(address.path), AuthV1.prefix)
        return any(
            address.origin == entry.origin and _is_below(address.path, entry.path) for entry in self._allowed
        )

    def _resolve(self, wanted: str) -> Address | None:
        """Read a path of ours or an absolute address; nothing else, so no ``//host`` and no ``path``."""
        if not wanted.startswith("/"):
            return parse_address(wanted)
        absolute = self._public_url + wanted
        try:
            joined = urljoin(self._public_url, wanted)
        except ValueError:
            return None
        # An empty query or fragment is lost in joining; it means nothing.
        return parse_address(absolute) if joined.rstrip("?#") == absolute.rstrip("?#") else None


def _is_below(path: str, prefix: str) -> bool:
    prefix = prefix.rstrip("/")
    return path == prefix or path.startswith(f"{prefix}/")


def _must_parse(text: str) -> Address:
    address = parse_address(text)
    if address is None:
        raise ValueError("not an absolute http or https address")
    return address
