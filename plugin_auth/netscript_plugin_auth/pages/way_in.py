"""How people sign in, as the pages tell it: here, or where the backend says."""

import logging
import re
from dataclasses import dataclass

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.contract_v1 import AuthV1
from netscript_auth_core.ports import AuthBackendPort
from netscript_plugin_auth.addresses import parse_address

_log = logging.getLogger("netscript.auth")


@dataclass(frozen=True, slots=True)
class WayIn:
    """Where a sign-in begins.

    Attributes:
        url: Where a link to it leads; ``None`` where nobody told.
        why_not_here: The backend's own words, where it is not here.
    """

    url: str | None
    why_not_here: str | None = None


def find_way_in(backend: AuthBackendPort, public_url: str) -> WayIn:
    """Return the way in; an address that is none of a site becomes no link, and the log says so.

    Args:
        backend: Signs people in, or says where they do.
        public_url: What the outside calls the service: links into a sign-in lead there, because the provider
            leads back there, and cookies do not cross hosts.
    """
    if backend.interactive is not None:
        return WayIn(f"{public_url}{AuthV1.prefix}{AuthV1.begin_signin.path}")
    refusal = backend.capabilities.refusal(backend.name, Capability.SIGNIN)
    url = refusal.sign_in_url
    if url is not None and not _is_of_a_site(url):
        _log.error(
            "the %s backend names an address for signing in to which no browser can be led", backend.name
        )
        url = None
    return WayIn(url, refusal.why)


def _is_of_a_site(url: str) -> bool:
    """Whether it is an http or https address. What is behind the path is the site's own business."""
    return parse_address(re.split("[?#]", url, maxsplit=1)[0]) is not None
