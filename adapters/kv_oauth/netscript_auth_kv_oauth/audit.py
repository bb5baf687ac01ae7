"""Tells the audit what this backend does on its own; the service tells what people ask for."""

from typing import Final

from netscript_auth_core.domain import AuthSession
from netscript_auth_core.events import AuthEvent, EventName, EventSink
from netscript_auth_core.ports import UpstreamStatus
from netscript_auth_kv_oauth.naming import BACKEND
from netscript_kernel.clock import Clock
from netscript_kernel.request_context import REQUEST_ID

_UPSTREAM: Final = {
    UpstreamStatus.DONE: EventName.UPSTREAM_ENDED,
    UpstreamStatus.PENDING: EventName.UPSTREAM_PENDING,
    UpstreamStatus.REFUSED: EventName.UPSTREAM_REFUSED,
}


class Audit:
    """Events of this backend, each with the id of the request that it goes back to, where one does.

    None of them has a token; whose session it is, the service turns into pseudonyms.
    """

    def __init__(self, events: EventSink, clock: Clock) -> None:
        self._events = events
        self._clock = clock

    def refreshed(self, session: AuthSession) -> None:
        """The grant of a session was refreshed."""
        self._tell(EventName.TOKEN_REFRESHED, session.provider_id, None, session.handle, session.user_id)

    def revoked(self, provider_id: str, why: str, *, handle: str, user_id: str | None = None) -> None:
        """A session ended without anybody having asked for that."""
        self._tell(EventName.SESSION_REVOKED, provider_id, why, handle, user_id)

    def refused(self, provider_id: str, why: str, *, handle: str) -> None:
        """A provider does not let us refresh, for a reason that its operator or ours has to see to."""
        self._tell(EventName.TOKEN_REFUSED, provider_id, why, handle)

    def grant_lost(self, provider_id: str, *, handle: str, user_id: str) -> None:
        """A grant can be refreshed no more, since an answer of the provider got lost; its session goes on."""
        self._tell(EventName.TOKEN_LOST, provider_id, "answer_lost", handle, user_id)

    def ended_upstream(
        self, provider_id: str, status: UpstreamStatus, why: str | None, *, handle: str
    ) -> None:
        """A provider was told of a sign-out, or could not be."""
        self._tell(_UPSTREAM[status], provider_id, why, handle)

    def _tell(
        self, name: EventName, provider_id: str, reason: str | None, handle: str, user_id: str | None = None
    ) -> None:
        self._events.emit(
            AuthEvent(
                name,
                self._clock.now(),
                BACKEND,
                provider_id=provider_id,
                reason=reason,
                request_id=REQUEST_ID.get(),
                user_id=user_id,
                handle=handle,
            )
        )
