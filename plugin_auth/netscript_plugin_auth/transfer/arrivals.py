"""Sessions that arrive: each is checked for its age, for whose it is here, and that it did not end here."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.directory_changes import DirectoryChanges
from netscript_auth_core.domain import AuthUser
from netscript_auth_core.errors import InvalidInputError
from netscript_auth_core.ports import Acceptance, PortableSession
from netscript_auth_core.revocation_log import is_logged
from netscript_plugin_auth.opening import Opened
from netscript_plugin_auth.transfer.departures import portable_sessions

_CLOCKS_DIFFER_BY: Final = timedelta(minutes=5)


class Arrival(StrEnum):
    """What became of a session."""

    IMPORTED = "imported"
    ALREADY_HERE = "alreadyHere"
    EXPIRED = "expired"
    ENDED_HERE = "endedHere"
    TOO_OLD = "tooOld"


_ARRIVALS: Final[Mapping[Acceptance, Arrival]] = MappingProxyType(
    {
        Acceptance.ACCEPTED: Arrival.IMPORTED,
        Acceptance.KNOWN: Arrival.ALREADY_HERE,
        Acceptance.EXPIRED: Arrival.EXPIRED,
    }
)


class Arrivals:
    """Takes sessions in.

    Args:
        parts: Where they go.
        max_age: How old an export may be: what was ended since, it does not know.
        is_rehearsal: Only say what would become of each.
    """

    def __init__(self, parts: Opened, max_age: timedelta, *, is_rehearsal: bool) -> None:
        self._users = UserDirectory(parts.store, parts.clock)
        self._changes = DirectoryChanges(parts.store)
        self._backends = portable_sessions(parts)
        self._store = parts.store
        self._clock = parts.clock
        self._max_age = max_age
        self._is_rehearsal = is_rehearsal

    async def take(self, portable: PortableSession, exported_at: datetime) -> Arrival:
        """Keep a session here, and its person where nobody has the account by which it began.

        Raises:
            InvalidInputError: it can be nobody's here, or no backend here takes it. Nothing was kept.
            BackendUnavailableError: could not find out.
            StoreUnavailableError: likewise.
        """
        if not -_CLOCKS_DIFFER_BY <= self._clock.now() - exported_at <= self._max_age:
            return Arrival.TOO_OLD
        # The log knows ends of which no record may be left.
        if await is_logged(self._store, portable.session.handle):
            return Arrival.ENDED_HERE
        backend = self._backends.get(portable.session.backend)
        if backend is None:
            raise InvalidInputError("session", "is of a backend that takes no sessions here")
        would = await backend.accept(portable, portable.user, is_rehearsal=True)
        if would is not Acceptance.ACCEPTED:
            return _ARRIVALS[would]
        user = await self._whose(portable)
        if self._is_rehearsal:
            return Arrival.IMPORTED
        return _ARRIVALS[await backend.accept(portable, user)]

    async def _whose(self, portable: PortableSession) -> AuthUser:
        """Return to whom the account leads here, as it would if they signed in; else bring them along."""
        here = await self._users.find(portable.issuer, portable.subject)
        if here is not None:
            return here
        if (portable.issuer, portable.subject) not in _accounts(portable.user):
            raise InvalidInputError("session", "is by an account that is not its person's")
        if await self._users.get(portable.user.id) is not None:
            raise InvalidInputError("session", "is of somebody here who does not have its account")
        try:
            await self._changes.restore(portable.user, is_rehearsal=self._is_rehearsal)
        except InvalidInputError:
            problem = "is of somebody who has an account of somebody else here, or a field too long"
            raise InvalidInputError("session", problem) from None
        return portable.user


def _accounts(user: AuthUser) -> set[tuple[str, str]]:
    return {(each.issuer, each.subject) for each in user.accounts}
