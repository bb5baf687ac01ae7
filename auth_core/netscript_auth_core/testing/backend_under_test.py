"""BackendUnderTest: a backend with what the kit needs around it to judge it."""

from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

import anyio

from netscript_auth_core.ports import AuthBackendPort, AuthRequest, InteractivePort
from netscript_auth_core.revocation_log import KEPT_FOR, revoked_in, span_of
from netscript_auth_core.testing.credentials import usual_credentials
from netscript_auth_core.testing.identity_provider import (
    IdentityProvider,
    LogoutTokens,
    Parameters,
    RefreshPause,
)
from netscript_auth_core.testing.recorded_events import RecordedEvents
from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.port import KvStorePort


class SubjectIncompleteError(AssertionError):
    """The kit cannot judge a promise that the backend makes, since something was not given."""

    def __init__(self, field: str, why: str) -> None:
        self.field = field
        super().__init__(f"BackendUnderTest.{field} is missing: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendUnderTest:
    """One backend, started and holding nobody's session yet.

    Nothing is skipped for want of a field: where the backend's capabilities make one necessary, the tests
    that need it fail and say so.

    Attributes:
        backend: Goes by ``clock``.
        clock: The tests move it; a provider in the same process should go by it too.
        store_outage: Takes away what reads depend on: the store, or the remote system.
        store: What the backend was given as ``BackendContext.store``. Needed where ``revoke`` is offered: it
            has the log of ended sessions.
        identity_provider: Needed where sign-in or ``create`` is offered.
        upstream_outage: Takes away the upstream that keeps the sessions (``capabilities.needs_upstream``) and
            nothing else. Where there is an ``identity_provider``, its outage, unless given.
        paused_refresh: Stops a refresh between reading the session and writing it, most easily by holding
            back the provider's answer. Needed where refresh is offered.
        logout_tokens: What the upstream sends when somebody signs out there. Needed where ``upstream_logout``
            is offered.
        remembered_sign_in: Signs a person in as ``identity_provider.sign_in`` does, but by what the provider
            remembers from so long ago, whatever the backend asked for. Needed where ``step_up`` is offered.
        upstream_session: Signs a person in where the upstream alone can, and returns the request that then
            carries the credential. Needed where neither sign-in nor ``create`` is offered.
        reopen: Opens another instance over the same store, started; the first may still be open, as two
            worker processes are, or closed, as after a restart. The kit closes it. ``None`` where
            sessions live and die with the instance.
        change_key: Opens another instance like ``reopen``, with one more key, which seals from now on. Needed
            where the backend keeps sealed secrets.
        settle: Returns when work that the backend does off the response path is done.
        events: Where the backend's events go; searched for secrets.
        last_instant: One step of time, where an upstream counts in steps and lets a session's last one count.
        credentials: Returns the secrets in a request that let its sender in: the tests change them and look
            for them in logs. Needed where they are not session tokens, values of cookies or a bearer token,
            or where a part of such a text is no secret.
        peer_vouches: Whether the connection (``request.peer``) lets people in, and no secret in the request.
            The tests then change the connection, and a changed cookie may begin another session.
    """

    backend: AuthBackendPort
    clock: SettableClock
    store_outage: Callable[[], AbstractAsyncContextManager[object]]
    store: KvStorePort | None = None
    identity_provider: IdentityProvider | None = None
    upstream_outage: Callable[[], AbstractAsyncContextManager[object]] | None = None
    paused_refresh: Callable[[], AbstractAsyncContextManager[RefreshPause]] | None = None
    logout_tokens: LogoutTokens | None = None
    remembered_sign_in: Callable[[str, str, timedelta], Awaitable[Parameters]] | None = None
    upstream_session: Callable[[str], Awaitable[AuthRequest]] | None = None
    reopen: Callable[[], Awaitable[AuthBackendPort]] | None = None
    change_key: Callable[[], Awaitable[AuthBackendPort]] | None = None
    settle: Callable[[], Awaitable[None]] = anyio.wait_all_tasks_blocked
    events: RecordedEvents | None = None
    last_instant: timedelta = timedelta(0)
    credentials: Callable[[AuthRequest], Collection[str]] = usual_credentials
    peer_vouches: bool = False

    @property
    def provider(self) -> IdentityProvider:
        """The identity provider.

        Raises:
            SubjectIncompleteError: none was given.
        """
        if self.identity_provider is None:
            raise SubjectIncompleteError("identity_provider", "somebody has to sign people in")
        return self.identity_provider

    @property
    def logouts(self) -> LogoutTokens:
        """What the upstream sends when somebody signs out there.

        Raises:
            SubjectIncompleteError: no way was given.
        """
        if self.logout_tokens is None:
            why = "a backend that an upstream tells of sign-outs is judged by what that sends"
            raise SubjectIncompleteError("logout_tokens", why)
        return self.logout_tokens

    async def remembered(self, redirect_url: str, person: str, age: timedelta) -> Parameters:
        """Sign a person in by what the provider remembers from so long ago.

        Raises:
            SubjectIncompleteError: no way was given.
        """
        if self.remembered_sign_in is None:
            why = "a sign-in that has to prove its age is judged by one that is too old"
            raise SubjectIncompleteError("remembered_sign_in", why)
        return await self.remembered_sign_in(redirect_url, person, age)

    def without_upstream(self) -> AbstractAsyncContextManager[object]:
        """Take away the upstream that keeps the sessions.

        Raises:
            SubjectIncompleteError: no way was given.
        """
        if self.upstream_outage is not None:
            return self.upstream_outage()
        if self.identity_provider is not None:
            return self.identity_provider.outage()
        raise SubjectIncompleteError("upstream_outage", "the upstream keeps the sessions, and may be away")

    @property
    def interactive(self) -> InteractivePort:
        """The interactive part of a backend that offers sign-in.

        Raises:
            AssertionError: the backend offers sign-in but has no such part.
        """
        part = self.backend.interactive
        assert part is not None, f"{self.backend.name} offers signin but has no interactive part"
        return part

    def secrets_of(self, request: AuthRequest) -> frozenset[str]:
        """Return what of a request must show nowhere, whether it lets somebody in or not.

        Raises:
            SubjectIncompleteError: there is nothing, so that nothing could be judged.
        """
        found = frozenset({*self.credentials(request), *usual_credentials(request)})
        if not found and not self.peer_vouches:
            why = "no credential is in session_tokens, cookies or Authorization: say where it is"
            raise SubjectIncompleteError("credentials", why)
        return found

    def pause_refresh(self) -> AbstractAsyncContextManager[RefreshPause]:
        """Stop the next refresh half-way.

        Raises:
            SubjectIncompleteError: no way was given.
        """
        if self.paused_refresh is None:
            why = "a backend that refreshes is judged by a revocation that comes half-way"
            raise SubjectIncompleteError("paused_refresh", why)
        return self.paused_refresh()

    async def under_a_new_key(self) -> AuthBackendPort:
        """Open another instance, under a new key.

        Raises:
            SubjectIncompleteError: no way was given.
        """
        if self.change_key is None:
            why = "a backend that keeps sealed secrets is judged by a change of keys"
            raise SubjectIncompleteError("change_key", why)
        return await self.change_key()

    async def logged_endings(self) -> frozenset[str]:
        """Return the handles of the sessions whose end was logged, of which a token may still be under way.

        Raises:
            SubjectIncompleteError: no store was given.
        """
        if self.store is None:
            why = "services that believe tokens learn from the log in it which sessions have ended"
            raise SubjectIncompleteError("store", why)
        last = span_of(self.clock.now())
        first = span_of(self.clock.now() - KEPT_FOR)
        spans = range(first, last + 1)
        return frozenset([each for span in spans async for each in revoked_in(self.store, span)])

    def pass_revocation_lag(self) -> None:
        """Move on by the time for which the backend may still answer for a revoked session."""
        self.clock.advance(self.backend.capabilities.revocation_lag)
