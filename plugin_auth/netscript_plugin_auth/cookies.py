"""The one writer of cookies, with one policy.

Every cookie is HttpOnly, SameSite=Lax, Path=/, without Domain. Over HTTPS it is Secure and its name
begins with ``__Host-``, so that browsers take it from this very host only (RFC 6265bis section
4.1.3.2). Over plain HTTP, which is for development on loopback, browsers would not keep that name, so
it has neither.

Where the operator shares the session with sibling hosts, the session cookie alone has a Domain, and
begins with ``__Secure-``. No other cookie is of use to them.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from netscript_plugin_auth.cookie_domain import domains_of
from netscript_plugin_auth.cookie_header import CookieFamilyReader, CookieReader, RawHeaders

NAME_SYNTAX = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What the operator may call the session cookie."""

DEFAULT_SESSION_NAME = "netscript-session"
FLOW_PREFIX = "netscript-flow-"
FLASH_NAME = "netscript-flash"
SIGNOUT_NAME = "netscript-signout"

_PREFIX = "__Host-"
_SHARED_PREFIX = "__Secure-"
_LONGEST = 4096
_VALUE_SYNTAX = re.compile(r"[!#-+\--:<-\[\]-~]*")  # cookie-octets of RFC 6265 section 4.1.1
_FLOWS_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class CookiePolicy:
    """Names and attributes of our cookies.

    Attributes:
        is_secure: Whether the outside reaches the service by HTTPS.
        session_base: The session cookie's name without its prefix.
        host: What browsers call the service, without a port.
        domain: Whose hosts the session cookie is sent to, all of them; ``None`` for ours alone.
    """

    is_secure: bool
    session_base: str = DEFAULT_SESSION_NAME
    host: str = ""
    domain: str | None = None

    @property
    def session_name(self) -> str:
        """Full name of the session cookie."""
        return self._shared_name if self.domain else self._full(self.session_base)

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
        """Return what finds session tokens.

        With a domain it finds those of before, too: they keep people signed in, and no sibling can set them.
        Without one, what siblings can set is never looked at.
        """
        if self.domain:
            return CookieReader(self.session_name, self._full(self.session_base))
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

    def leave_session(self, token: str, lifetime: timedelta, headers: RawHeaders) -> list[str]:
        """Return the ``Set-Cookie`` lines after which a browser has this session and no other.

        Raises as :meth:`write` does.
        """
        # What goes comes first: a browser that confuses the two is left with what was written last.
        return [*self._clear_others(headers), self.write(self.session_name, token, lifetime)]

    def forget_session(self, headers: RawHeaders) -> list[str]:
        """Return the ``Set-Cookie`` lines after which a browser has no session."""
        return [*self._clear_others(headers), self.clear(self.session_name)]

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
        return f"{name}={value}; Max-Age={seconds}; {self._attributes(self._domain_of(name))}"

    def clear(self, name: str) -> str:
        """Return the ``Set-Cookie`` line that deletes a cookie: the same attributes, in the past."""
        return self._clear(name, self._domain_of(name))

    def _clear_others(self, headers: RawHeaders) -> list[str]:
        """Delete what a browser has of our name from elsewhere: another domain of before, or a sibling.

        Which domain a cookie is of does not show in a request, so all are tried whose hosts we are among.
        """
        if not self.is_secure:
            return []
        host_only = self._full(self.session_base)
        places = {host_only: (None,), self._shared_name: (None, *domains_of(self.host))}
        return [
            self._clear(name, domain)
            for name, domains in places.items()
            if CookieReader(name).values(headers)
            for domain in domains
            if (name, domain) != (self.session_name, self.domain)
        ]

    def _clear(self, name: str, domain: str | None) -> str:
        past = "Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        return f"{name}=; {past}; {self._attributes(domain)}"

    @property
    def _shared_name(self) -> str:
        return f"{_SHARED_PREFIX}{self.session_base}"

    def _full(self, base: str) -> str:
        return f"{_PREFIX}{base}" if self.is_secure else base

    def _domain_of(self, name: str) -> str | None:
        return self.domain if name == self.session_name else None

    def _attributes(self, domain: str | None) -> str:
        reach = f"Domain={domain}; " if domain else ""
        shared = f"{reach}Path=/; HttpOnly; SameSite=Lax"
        return f"{shared}; Secure" if self.is_secure else shared
