"""The parts of a backend: providers, tokens, sessions, principals, and sign-in through us."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from netscript_auth_core.domain import AuthSession, Device, ExternalIdentity, Principal, ProviderDescriptor
from netscript_auth_core.ports.values import (
    Anonymous,
    AuthRequest,
    CallbackRequest,
    IssuedSession,
    SigninCompleted,
    SigninRequest,
    SigninStarted,
)


class ProvidersPort(Protocol):
    """The providers that a person may choose from."""

    def list(self) -> Sequence[ProviderDescriptor]:
        """Return all, in the order configured; empty where the upstream hosts the choice."""
        ...

    def get(self, provider_id: str) -> ProviderDescriptor | None:
        """Return one, or ``None`` where no provider has this id."""
        ...


class TokensPort(Protocol):
    """Session tokens as they arrive with a request."""

    def recognise(self, request: AuthRequest) -> str | Anonymous:
        """Return the handle of the session whose token the request carries, without looking it up.

        Returns:
            The handle, or why there is none: no token, two of them, or one that cannot be ours. Never a
            handle that the sender merely names: who signs out by it would end a stranger's session.

        Raises:
            BackendUnavailableError: what is at hand cannot tell yet, such as signing keys.
        """
        ...


class SessionsPort(Protocol):
    """Sessions of one backend, by handle. A session that has ended stays ended.

    One that has ended may be forgotten after a while; it is unknown then.

    Each method raises ``BackendUnavailableError`` when it cannot find out, and
    ``OperationUnsupportedError`` where the capabilities say so.
    """

    async def get(self, handle: str) -> AuthSession | None:
        """Return the session in its present state, or ``None`` where no session has this handle."""
        ...

    async def create(
        self, identity: ExternalIdentity, device: Device, *, authenticated_at: datetime | None = None
    ) -> IssuedSession:
        """Start a session for the person that this identity leads to, with a token never used before.

        A backend may bound how many a person has: it ends the oldest then, as :meth:`revoke` does.

        Args:
            identity: Whose.
            device: From where.
            authenticated_at: When the person showed who they are, where the session takes the place of one
                that says so. Otherwise it claims no time: whoever asks for a session proves nothing.
        """
        ...

    async def refresh(self, handle: str) -> AuthSession:
        """Refresh what the upstream granted; where there is nothing to refresh, return the session as it is.

        A transient failure upstream changes nothing. A final refusal ends the session, unless an answer that
        got lost before may be its reason. A revocation that happens meanwhile wins, and waits for no
        upstream. The limits of the session stay as they are.

        A backend may leave it at one attempt a minute for each session, over all instances. Who asks while
        one is under way gets what comes of it; who asks after one that succeeded gets the session.

        Raises:
            SessionEndedError: it is unknown, had ended, ended meanwhile, or the upstream ended it now.
            BackendUnavailableError: upstream did not answer, now or within the last minute; the session is
                as before.
        """
        ...

    async def revoke(self, handle: str) -> bool:
        """End a session for good and return whether it was active until now. Unknown handles are no fault."""
        ...

    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        """Return all of a person's active sessions, newest first; empty where there are none."""
        ...

    async def revoke_all_for_user(self, user_id: str, *, keep: str | None = None) -> int:
        """End all of a person's sessions but ``keep``, and return how many were active."""
        ...


class PrincipalsPort(Protocol):
    """From a session to who acts."""

    def principal(self, session: AuthSession) -> Principal:
        """Return the principal of an active session."""
        ...


class InteractivePort(Protocol):
    """Sign-in that goes through us, for backends whose upstream does not host it."""

    async def start(self, request: SigninRequest) -> SigninStarted:
        """Begin a sign-in.

        Raises:
            InvalidInputError: unknown provider, scopes beyond the configured ones, or a ``max_age`` for a
                provider that cannot prove when somebody signed in there.
            OperationUnsupportedError: ``max_age``, which no provider can prove (``step_up``).
            BackendUnavailableError: the provider's metadata or the store could not be had.
        """
        ...

    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        """Finish a sign-in: at most once per flow, only in the browser that began it.

        A flow that the person cancelled, or whose code was tried, is used up.

        Raises:
            FlowRefusedError: with the check that refused; nobody is signed in. ``flow_not_bound`` without the
                flow's cookie, ``flow_used`` after the first time, ``flow_expired`` from ``lifetime`` on,
                ``provider_mismatch`` for any other ``provider_id`` than the flow's, ``access_denied`` when
                the person did not want to; ``auth_time_missing`` or ``auth_time_too_old`` where the provider
                did not prove the flow's ``max_age``.
            RestartSigninError: the upstream sent somebody who began no sign-in here, to a browser that has no
                flow's cookie. The service sends a browser on to begin one; that has a cookie then, so that
                nobody is sent in a circle.
            ProviderProtocolError: the provider's answer cannot be understood.
            BackendUnavailableError: the provider or the store did not answer; start over.
        """
        ...
