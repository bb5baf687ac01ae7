"""Writes down what happens to sign-ins and sessions, each with the id of its request."""

from netscript_auth_core.errors import FlowRefusedError, ProviderProtocolError
from netscript_auth_core.events import AuthEvent, EventName, EventSink
from netscript_kernel.clock import Clock
from netscript_kernel.errors import NetScriptError
from netscript_kernel.request_context import REQUEST_ID


class Journal:
    """Makes events and hands them to the sink.

    Args:
        sink: Takes them.
        backend: The active one's name.
        clock: Says when.
    """

    def __init__(self, sink: EventSink, backend: str, clock: Clock) -> None:
        self._sink = sink
        self._backend = backend
        self._clock = clock

    def signin_started(self, provider_id: str) -> None:
        """A browser was sent to a provider."""
        self._write(EventName.SIGNIN_STARTED, provider_id=provider_id)

    def signin_completed(self, provider_id: str) -> None:
        """Somebody signed in."""
        self._write(EventName.SIGNIN_COMPLETED, provider_id=provider_id)

    def signin_failed(self, error: NetScriptError, provider_id: str | None = None) -> None:
        """A sign-in was refused, or could not go on."""
        if isinstance(error, FlowRefusedError):
            self._write(
                EventName.SIGNIN_FAILED,
                provider_id=error.provider_id or provider_id,
                reason=error.code.value,
                expected=error.expected,
                seen=error.seen,
            )
            return
        at_provider = error.provider_id if isinstance(error, ProviderProtocolError) else provider_id
        self._write(EventName.SIGNIN_FAILED, provider_id=at_provider, reason=error.reason)

    def session_revoked(self, reason: str, provider_id: str | None = None) -> None:
        """A session ended by the person's own wish."""
        self._write(EventName.SESSION_REVOKED, provider_id=provider_id, reason=reason)

    def _write(
        self,
        name: EventName,
        *,
        provider_id: str | None = None,
        reason: str | None = None,
        expected: str | None = None,
        seen: str | None = None,
    ) -> None:
        event = AuthEvent(
            name=name,
            at=self._clock.now(),
            backend=self._backend,
            provider_id=provider_id,
            reason=reason,
            expected=expected,
            seen=seen,
            request_id=REQUEST_ID.get(),
        )
        self._sink.emit(event)
