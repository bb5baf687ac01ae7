"""What happens in auth, for audit: about whom is told by pseudonyms alone, and no token or secret ever."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol


class EventName(StrEnum):
    """What happened."""

    SIGNIN_STARTED = "auth.signin.started"
    SIGNIN_COMPLETED = "auth.oidc.completed"
    SIGNIN_FAILED = "auth.signin.failed"
    TOKEN_REFRESHED = "auth.token.refreshed"  # noqa: S105  # an event's name, not a password
    TOKEN_REFUSED = "auth.token.refused"  # noqa: S105  # likewise
    TOKEN_LOST = "auth.token.lost"  # noqa: S105  # likewise
    TOKEN_ISSUED = "auth.token.issued"  # noqa: S105  # likewise
    SESSION_REVOKED = "auth.session.revoked"
    SESSIONS_EXPORTED = "auth.sessions.exported"
    SESSIONS_IMPORTED = "auth.sessions.imported"
    SESSION_EXCHANGED = "auth.session.exchanged"
    UPSTREAM_ENDED = "auth.upstream.ended"
    UPSTREAM_PENDING = "auth.upstream.pending"
    UPSTREAM_REFUSED = "auth.upstream.refused"
    LOGOUT_REFUSED = "auth.logout.refused"
    REQUEST_REFUSED = "auth.request.refused"
    REQUEST_LIMITED = "auth.request.limited"
    IDENTITY_LINKED = "auth.identity.linked"
    IDENTITY_UNLINKED = "auth.identity.unlinked"
    IDENTITIES_IMPORTED = "auth.identity.imported"
    KEYS_ROTATED = "auth.keys.rotated"
    SIGNING_KEY_ROTATED = "auth.keys.signing_rotated"


@dataclass(frozen=True, slots=True)
class AuthEvent:
    """One thing that happened.

    Attributes:
        at: Aware UTC.
        reason: Reason code of a refusal or ending.
        expected: What the refusing check wanted, for the operator.
        seen: What it got, capped.
        detail: What it was done with, by a name that the operator or the code gave, or how many.
        subject: Pseudonym of the person; it and the next two come from the service, where it has a salt.
        session: That of the session.
        client: That of the network that asked.
        user_id: Whose it is, as the emitter knows it. The service takes it out, as it does the handle, before
            an event goes anywhere; nothing may write it down.
        handle: Of the session.
    """

    name: EventName
    at: datetime
    backend: str
    provider_id: str | None = None
    reason: str | None = None
    expected: str | None = None
    seen: str | None = None
    request_id: str | None = None
    detail: str | None = None
    subject: str | None = None
    session: str | None = None
    client: str | None = None
    user_id: str | None = field(default=None, repr=False)
    handle: str | None = field(default=None, repr=False)


_TOLD: Final = (
    *("backend", "provider_id", "reason", "expected", "seen", "request_id", "detail"),
    *("subject", "session", "client"),
)


class EventSink(Protocol):
    """Takes events. It must not fail its caller: a sink that cannot write says so in the log."""

    def emit(self, event: AuthEvent) -> None:
        """Take one event; returns at once."""
        ...


class LogEventSink:
    """Writes each event as one structured log line."""

    logger = logging.getLogger("netscript.auth.events")

    def emit(self, event: AuthEvent) -> None:
        """Log the event with its fields."""
        fields = {"at": event.at.isoformat()} | {name: getattr(event, name) for name in _TOLD}
        told = {key: value for key, value in fields.items() if value is not None}
        self.logger.info(event.name.value, extra=told)
