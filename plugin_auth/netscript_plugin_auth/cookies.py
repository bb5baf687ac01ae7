"""The one writer of cookies, with one policy.

Every cookie is HttpOnly, SameSite=Lax, Path=/, without Domain. Over HTTPS it is Secure and its name
begins with ``__Host-``, so that browsers take it from this very host only (RFC 6265bis section
4.1.3.2). Over plain HTTP, which is for development on loopback, browsers would not keep that name, so
it has neither.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from netscript_plugin_auth.cookie_header import CookieFamilyReader, CookieReader

NAME_SYNTAX = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What the operator may call the session cookie."""

DEFAULT_SESSION_NAME = "netscript-session"
FLOW_PREFIX = "netscript-flow-"
FLASH_NAME = "netscript-flash"
SIGNOUT_NAME = "netscript-signout"

_PREFIX = "__Host-"
_LONGEST = 4096
_VALUE_SYNTAX = re.compile(r"[!#-+\--:<-\[\]-~]*")  # cookie-octets of RFC 6265 section 4.1.1
_FLOWS_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class CookiePolicy:
    """Names and attributes of our cookies.

    Attributes:
        is_secure: Whether the outside reaches the service by HTTPS.
        session_base: The session cookie's name without its prefix.
    """

    is_secure: bool
    session_base: str = DEFAULT_SESSION_NAME

    @property
    def session_name(self) -> str:
        """Full name of the session cookie."""
        return self._full(self.session_base)

    @property
    def flash_name(self) -> str:
        """Full name of the cookie that carries a form post over to its re-entry."""
        return self._full(FLASH_NAME)

    @property
    def signout_name(self) -> str:
        """Full name of the cookie that a browser takes along to the provider's sign-out."""
        return self._full(SIGNOUT_NAME)

    def flow_name(self, flow_id: str) -> str:
        """Full name of the cookie of one sign-in."""
        return self._full(f"{FLOW_PREFIX}{flow_id}")

    def session_reader(self) -> CookieReader:
        """Return what finds session tokens."""
        return CookieReader(self.session_name)

    def flash_reader(self) -> CookieReader:
        """Return what finds flash values."""
        return CookieReader(self.flash_name)

    def signout_reader(self) -> CookieReader:
        """Return what finds that."""
        return CookieReader(self.signout_name)

    def flow_reader(self) -> CookieFamilyReader:
        """Return what finds flow cookies."""
        return CookieFamilyReader(self._full(FLOW_PREFIX), _FLOWS_LOOKED_AT)

    def write(self, name: str, value: str, lifetime: timedelta) -> str:
        """Return the ``Set-Cookie`` line that leaves a cookie.

        Args:
            name: One of the full names above.
            value: Characters that need no quoting.
            lifetime: Rounded down to seconds; at least one.

        Raises:
            ValueError: no browser would keep it so: a character outside the syntax, or over 4096 bytes.
        """
        if not _VALUE_SYNTAX.fullmatch(value) or not value:
            raise ValueError(f"the value of the cookie {name} has a character that a cookie cannot carry")
        if len(name) + len(value) > _LONGEST:
            raise ValueError(f"the cookie {name} is larger than the {_LONGEST} bytes that browsers keep")
        seconds = max(1, int(lifetime.total_seconds()))
        return f"{name}={value}; Max-Age={seconds}; {self._attributes()}"

    def clear(self, name: str) -> str:
        """Return the ``Set-Cookie`` line that deletes a cookie: the same attributes, in the past."""
        past = "Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        return f"{name}=; {past}; {self._attributes()}"

    def _full(self, base: str) -> str:
        return f"{_PREFIX}{base}" if self.is_secure else base

    def _attributes(self) -> str:
        shared = "Path=/; HttpOnly; SameSite=Lax"
        return f"{shared}; Secure" if self.is_secure else shared
