"""Sessions that go to another store: whoever is signed in stays so when the store changes.

Only a backend that keeps its sessions here can let them go; it has :class:`KeepsPortableSessions` besides the
port. Where an upstream keeps them, they need no carrying.
"""

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Protocol, runtime_checkable

from pydantic import Field

from netscript_auth_core.domain import AuthSession, AuthUser
from netscript_kernel.contracts import WireModel


class PortableSession(WireModel):
    """An active session on its way, secrets and all: it is only ever written down sealed.

    Attributes:
        session: As it is.
        user: Whose it is, with all accounts.
        issuer: Of the account by which the person signed in.
        subject: Likewise.
        kept: What else its backend keeps of it, in a form that only that backend reads.
    """

    session: AuthSession
    user: AuthUser = Field(repr=False)
    issuer: str
    subject: str = Field(repr=False)
    kept: str = Field(repr=False)


class Acceptance(StrEnum):
    """What became of a session that came from another store.

    ``known``: one with its handle is here, in whatever state, and stays as it is. ``expired``: it ended on
    the way.
    """

    ACCEPTED = "accepted"
    KNOWN = "known"
    EXPIRED = "expired"


class PortableSessionsPort(Protocol):
    """Lets sessions go, and takes them. Each raises ``BackendUnavailableError`` when the store is away."""

    def of_user(self, user: AuthUser) -> AsyncIterator[PortableSession | None]:
        """Yield a person's active sessions; ``None`` for each that cannot go along: the log says why."""
        ...

    async def accept(
        self, portable: PortableSession, user: AuthUser, *, is_rehearsal: bool = False
    ) -> Acceptance:
        """Keep a session as it was where it came from: its credential is good here as well.

        Args:
            portable: As the same backend let it go.
            user: Whose it is here; the account by which it began leads to them.
            is_rehearsal: Only say what would become of it.

        Raises:
            InvalidInputError: it is not as this backend lets sessions go.
        """
        ...


@runtime_checkable
class KeepsPortableSessions(Protocol):
    """What a backend has that can let its sessions go."""

    @property
    def portable_sessions(self) -> PortableSessionsPort:
        """Its sessions, on their way."""
        ...
