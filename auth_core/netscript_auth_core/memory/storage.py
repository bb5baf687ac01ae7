"""What a database is to a real backend: shared by instances, and sometimes away."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from netscript_auth_core.domain import AuthSession, AuthUser
from netscript_auth_core.errors import BackendUnavailableError


@dataclass(slots=True)
class StoredSession:
    """A session, whose it is, and what the provider granted with it.

    Attributes:
        grant: Buys a new grant from the provider, once; ``None`` where it gave nothing to refresh.
        subject: The person's id at the provider.
        sid: Names the session at the provider, where the person signed in there.
        refreshing: Held by the one refresh under way.
    """

    session: AuthSession
    user: AuthUser
    subject: str
    sid: str | None = None
    grant: str | None = field(default=None, repr=False)
    refreshing: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)


@dataclass(slots=True)
class StoredFlow:
    """A sign-in that began. The cookie that binds it to a browser is known by its digest only."""

    flow_id: str
    provider_id: str
    return_to: str
    scopes: tuple[str, ...]
    cookie_digest: str
    expires_at: datetime
    max_age: timedelta | None = None
    is_used: bool = False


class Storage:
    """Sessions by handle, and sign-ins under way by the digest of their state.

    Backends that share one see the same sessions, as processes on one database do.
    """

    def __init__(self) -> None:
        self.is_away = False
        self._sessions: dict[str, StoredSession] = {}
        self._flows: dict[str, StoredFlow] = {}
        self._owed: set[str] = set()
        self._logouts: set[str] = set()

    @property
    def sessions(self) -> dict[str, StoredSession]:
        """All sessions, ended ones too.

        Raises:
            BackendUnavailableError: the storage is away.
        """
        self.check()
        return self._sessions

    @property
    def flows(self) -> dict[str, StoredFlow]:
        """All sign-ins, used ones too.

        Raises:
            BackendUnavailableError: the storage is away.
        """
        self.check()
        return self._flows

    @property
    def owed(self) -> set[str]:
        """Grants of sessions that have ended, to be given back to the provider.

        Raises:
            BackendUnavailableError: the storage is away.
        """
        self.check()
        return self._owed

    @property
    def logouts(self) -> set[str]:
        """Digests of logout tokens that were used.

        Raises:
            BackendUnavailableError: the storage is away.
        """
        self.check()
        return self._logouts

    def check(self) -> None:
        """Return if the storage can be asked.

        Raises:
            BackendUnavailableError: it is away.
        """
        if self.is_away:
            raise BackendUnavailableError("memory", "its storage is away")
