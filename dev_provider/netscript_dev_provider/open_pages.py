"""Sign-in pages that were shown and not yet answered."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from netscript_dev_provider.authorization_request import AuthorizationRequest
from netscript_dev_provider.grants import CodeGrant

_AT_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Visit:
    """A valid request that waits for somebody to sign in."""

    request: AuthorizationRequest
    grant: CodeGrant


class OpenPages:
    """Visits by an id that only the page knows, so that a stranger's page cannot choose a persona.

    A page may be answered again until it expires: going back and being somebody else is what developers do.
    """

    def __init__(self, clock: Callable[[], datetime], lifetime: timedelta) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._visits: dict[str, tuple[datetime, Visit]] = {}

    def open(self, visit: Visit) -> str:
        """Remember a visit and return the id of its page."""
        if len(self._visits) >= _AT_MOST:
            del self._visits[next(iter(self._visits))]
        page_id = secrets.token_urlsafe(32)
        self._visits[page_id] = (self._clock() + self._lifetime, visit)
        return page_id

    def visit(self, page_id: str) -> Visit | None:
        """Return the visit behind a page, or ``None`` if there is no such page any more."""
        kept = self._visits.get(page_id)
        if kept is None or self._clock() >= kept[0]:
            return None
        return kept[1]
