"""What fits into a cookie, for what a backend leaves in browsers.

The service adds the cookie's name, and to the value of a flow cookie the time and a signature. Browsers keep
4096 bytes of all that.
"""

import re

from netscript_auth_core.errors import CapabilityMismatchError
from netscript_auth_core.ports import MOST_COOKIE_CHARACTERS, FlowCookie

_COOKIE_OCTETS = re.compile(r"[!#-+\--:<-\[\]-~]+")  # RFC 6265 section 4.1.1
_FLOW_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


def check_flow_cookie(backend: str, cookie: FlowCookie) -> None:
    """Refuse a flow cookie that no browser would keep.

    Raises:
        CapabilityMismatchError: says which part of it; never shows it.
    """
    if not _FLOW_ID.fullmatch(cookie.flow_id):
        raise CapabilityMismatchError(backend, "a flow id has to be 1 to 32 characters of A-Za-z0-9_-")
    _check_value(backend, "the value of a flow cookie", cookie.value)


def check_session_token(backend: str, token: str) -> None:
    """Refuse a session token that no browser would keep.

    Raises:
        CapabilityMismatchError: says why; never shows it.
    """
    _check_value(backend, "a session token", token)


def _check_value(backend: str, subject: str, value: str) -> None:
    if not _COOKIE_OCTETS.fullmatch(value):
        raise CapabilityMismatchError(
            backend, f"{subject} is empty or has a character that no cookie carries"
        )
    if len(value) > MOST_COOKIE_CHARACTERS:
        problem = f"{subject} has {len(value)} characters, and {MOST_COOKIE_CHARACTERS} fit into a cookie"
        raise CapabilityMismatchError(backend, problem)
