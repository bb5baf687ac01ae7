"""The application's session cookie: set anew after a renewal, taken away with its session."""

import logging
from datetime import datetime, timedelta
from typing import Final

from netscript_auth_workos.seals.cookie_seals import CookieSeals
from netscript_auth_workos.seals.session_data import SessionData
from netscript_kernel.clock import Clock

_log = logging.getLogger("netscript.auth.workos")

_MOST_BYTES: Final = 4096
LONGEST_KEPT: Final = timedelta(days=400)  # what browsers keep at most (RFC 6265bis section 5.5)


class RenewedCookies:
    """Writes ``Set-Cookie`` values.

    Args:
        name: Of the cookie.
        domain: Of the cookie, where it has one.
        seals: Seal it in the form in which it came.
        clock: Tells how long it has to be kept.
    """

    def __init__(self, name: str, domain: str | None, seals: CookieSeals, clock: Clock) -> None:
        self._name = name
        self._seals = seals
        self._clock = clock
        place = f"; Domain={domain}" if domain is not None else ""
        self._attributes = f"; Path=/{place}; Secure; HttpOnly; SameSite=Lax"

    def line(self, data: SessionData, until: datetime) -> str:
        """Return the cookie of a renewed session, to be kept until its end."""
        value = self._seals.seal(data)
        if len(self._name) + len(value) >= _MOST_BYTES:
            _log.warning("a renewed %s has %d characters, more than browsers keep", self._name, len(value))
        age = min(until - self._clock.now(), LONGEST_KEPT)
        return f"{self._name}={value}; Max-Age={max(0, int(age.total_seconds()))}{self._attributes}"

    def removal(self) -> str:
        """Return what takes the cookie away."""
        return f"{self._name}=; Max-Age=0{self._attributes}"
