"""Writes down what happens to sign-ins and sessions, each with the id of its request."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat

from netscript_auth_core.domain import AuthSession
from netscript_auth_core.errors import FlowRefusedError, LogoutRefusedError, ProviderProtocolError
from netscript_auth_core.events import AuthEvent, EventName, EventSink
from netscript_auth_core.ports import SignedOut
from netscript_kernel.clock import Clock
from netscript_kernel.errors import NetScriptError
from netscript_kernel.request_context import REQUEST_ID
from netscript_kernel.service.problems import ProblemError


@dataclass(slots=True)
class Attempt:
    """A sign-in that somebody asked for.

    Attributes:
        provider_id: With whom, once that is known to be one of ours.
    """

    provider_id: str | None = None


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

    @contextmanager
    def attempt(self) -> Generator[Attempt]:
        """Within the block somebody asks for a sign-in: whatever keeps it from going on is written down."""
        attempt = Attempt()
        try:
            yield attempt
        except NetScriptError as error:
            self.signin_failed(error, attempt.provider_id)
            raise

    @contextmanager
    def logout(self) -> Generator[None]:
        """Within the block a provider tells of a sign-out, or whoever passes for one: see :meth:`change`."""
        try:
            yield
        except NetScriptError as error:
            self._failed(EventName.LOGOUT_REFUSED, error, None)
            raise

    @contextmanager
    def change(self) -> Generator[None]:
        """Within the block somebody wants something changed: a refusal is written down."""
        try:
            yield
        except NetScriptError as error:
            self._failed(EventName.REQUEST_REFUSED, error, None)
            raise

    def signin_started(self, provider_id: str) -> None:
        """A browser was sent to a provider."""
        self.write(EventName.SIGNIN_STARTED, provider_id=provider_id)

    def signin_completed(self, session: AuthSession) -> None:
        """Somebody signed in."""
        self.write(
            EventName.SIGNIN_COMPLETED,
            provider_id=session.provider_id,
            user_id=session.user_id,
            handle=session.handle,
        )

    def signin_failed(self, error: NetScriptError, provider_id: str | None = None) -> None:
        """A sign-in was refused, or could not go on."""
        self._failed(EventName.SIGNIN_FAILED, error, provider_id)

    def session_revoked(
        self,
        reason: str,
        provider_id: str | None = None,
        *,
        user_id: str | None = None,
        handle: str | None = None,
    ) -> None:
        """A session ended by the person's own wish, or an operator's."""
        self.write(
            EventName.SESSION_REVOKED, provider_id=provider_id, reason=reason, user_id=user_id, handle=handle
        )

    def sessions_revoked(self, reason: str, signed_out: SignedOut) -> None:
        """Sessions ended together; of some it may not be known which."""
        unknown = signed_out.ended - len(signed_out.handles)
        for handle in (*signed_out.handles, *repeat(None, unknown)):
            self.session_revoked(reason, user_id=signed_out.user_id, handle=handle)

    def token_issued(self, session: AuthSession, audience: str) -> None:
        """A service can be asked for somebody from now on."""
        self.write(
            EventName.TOKEN_ISSUED,
            provider_id=session.provider_id,
            detail=audience,
            user_id=session.user_id,
            handle=session.handle,
        )

    def limited(self, whose: str, *, handle: str | None) -> None:
        """Somebody asked too often; ``whose`` requests are counted together."""
        seen = f"too many requests of {whose}"
        self.write(EventName.REQUEST_LIMITED, reason="rate_limited", seen=seen, handle=handle)

    def write(
        self,
        name: EventName,
        *,
        provider_id: str | None = None,
        reason: str | None = None,
        expected: str | None = None,
        seen: str | None = None,
        detail: str | None = None,
        user_id: str | None = None,
        handle: str | None = None,
    ) -> None:
        """Anything; see :class:`AuthEvent`."""
        event = AuthEvent(
            name=name,
            at=self._clock.now(),
            backend=self._backend,
            provider_id=provider_id,
            reason=reason,
            expected=expected,
            seen=seen,
            request_id=REQUEST_ID.get(),
            detail=detail,
            user_id=user_id,
            handle=handle,
        )
        self._sink.emit(event)

    def _failed(self, name: EventName, error: NetScriptError, provider_id: str | None) -> None:
        if isinstance(error, FlowRefusedError | LogoutRefusedError):
            self.write(
                name,
                provider_id=error.provider_id or provider_id,
                reason=error.code.value,
                expected=error.expected,
                seen=error.seen,
            )
            return
        at_provider = error.provider_id if isinstance(error, ProviderProtocolError) else provider_id
        self.write(name, provider_id=at_provider, reason=_reason_of(error))


def _reason_of(error: NetScriptError) -> str:
    if not isinstance(error, ProblemError):
        return error.reason
    return str((error.data or {}).get("reason") or error.spec.code.lower())
