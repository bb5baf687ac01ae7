"""The backend as the service composes it; and the check that every request pays for."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from netscript_auth_core.background import Background
from netscript_auth_core.capabilities import Capabilities
from netscript_auth_core.domain import SessionState
from netscript_auth_core.hosted import WithoutRoles
from netscript_auth_core.outages import store_outage
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, Identity, Outcome, ended_reason
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth.grants.lazy_refreshes import LazyRefreshes
from netscript_auth_kv_oauth.grants.sealed_secrets import Secrets
from netscript_auth_kv_oauth.naming import BACKEND
from netscript_auth_kv_oauth.outages import store_outages
from netscript_auth_kv_oauth.provider.provider_clients import ProviderClients
from netscript_auth_kv_oauth.providers import Providers
from netscript_auth_kv_oauth.sessions.portable_sessions import PortableSessions
from netscript_auth_kv_oauth.sessions.recent_answers import RecentAnswers
from netscript_auth_kv_oauth.sessions.session_records import (
    Head,
    is_active,
    read_head,
    read_identity,
    read_views,
    state_of,
)
from netscript_auth_kv_oauth.sessions.session_touches import SessionTouches
from netscript_auth_kv_oauth.sessions.sessions import Sessions
from netscript_auth_kv_oauth.sessions.stored_sessions import Stored, session_key
from netscript_auth_kv_oauth.sessions.tokens import SessionTokens
from netscript_auth_kv_oauth.signin.interactive import Interactive
from netscript_auth_kv_oauth.signout.signout import Signout
from netscript_auth_kv_oauth.signout.upstream_logouts import UpstreamLogouts
from netscript_auth_kv_oauth.signout.upstream_revocations import UpstreamRevocations
from netscript_kernel.clock import Clock
from netscript_kernel.errors import StoreCorruptError, StoreUnavailableError
from netscript_kernel.kv.port import KvStorePort

_UNKNOWN: Final = Anonymous(AnonymousReason.SESSION_UNKNOWN)
_OVER: Final = {
    state: Anonymous(ended_reason(state)) for state in (SessionState.EXPIRED, SessionState.REVOKED)
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What :mod:`netscript_auth_kv_oauth.assembly` puts together.

    Attributes:
        store: Looked at by each check, past what forgets recent answers.
        owns_store: Whether closing the backend closes the store.
        recent: Answers to be given again; ``None`` where each check looks at the store.
    """

    capabilities: Capabilities
    store: KvStorePort
    clock: Clock
    providers: Providers
    sessions: Sessions
    interactive: Interactive
    touches: SessionTouches
    refreshes: LazyRefreshes
    signout: Signout
    upkeep: UpstreamRevocations
    sealed: Secrets
    portable: PortableSessions
    upstream_logout: UpstreamLogouts | None
    clients: ProviderClients
    background: Background
    owns_store: bool
    recent: RecentAnswers | None


class KvOAuthBackend:
    """Interactive OAuth 2.0 and OpenID Connect sign-in, with sessions in a key-value store.

    Made by :func:`~netscript_auth_kv_oauth.create_kv_oauth_backend`.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._store = parts.store
        self._clock = parts.clock
        self._recent = parts.recent
        self._tokens = SessionTokens()
        self._principals = WithoutRoles()

    @property
    def name(self) -> str:
        """``kv-oauth``."""
        return BACKEND

    @property
    def capabilities(self) -> Capabilities:
        """Everything that the providers make possible; a revocation is seen by the next request here.

        Other processes see it with a lag where answers are given again.
        """
        return self._parts.capabilities

    @property
    def providers(self) -> Providers:
        """The configured providers."""
        return self._parts.providers

    @property
    def sessions(self) -> Sessions:
        """Our sessions."""
        return self._parts.sessions

    @property
    def tokens(self) -> SessionTokens:
        """Our session tokens."""
        return self._tokens

    @property
    def principals(self) -> WithoutRoles:
        """Our principals: roles are not a provider's to give."""
        return self._principals

    @property
    def interactive(self) -> Interactive:
        """Sign-in through us."""
        return self._parts.interactive

    @property
    def signout(self) -> Signout:
        """Sign-out that reaches the providers."""
        return self._parts.signout

    @property
    def upkeep(self) -> UpstreamRevocations:
        """What providers could not be told before."""
        return self._parts.upkeep

    @property
    def sealed(self) -> Secrets:
        """What we keep sealed."""
        return self._parts.sealed

    @property
    def portable_sessions(self) -> PortableSessions:
        """Our sessions, on their way to another store or from one."""
        return self._parts.portable

    @property
    def upstream_logout(self) -> UpstreamLogouts | None:
        """Sign-outs that providers tell us of; ``None`` where none speaks OpenID Connect."""
        return self._parts.upstream_logout

    async def authenticate(self, request: AuthRequest) -> Outcome:
        """Find out who asks: one digest, one read, four comparisons; no read where an answer is recent.

        Raises:
            BackendUnavailableError: the store did not answer, or not with something that we can read.
        """
        handle = self._tokens.recognise(request)
        if isinstance(handle, Anonymous):
            return handle
        reading = None
        if self._recent is not None:
            recent = self._recent.get(handle)
            if recent is not None:
                return recent
            reading = self._recent.reading(handle)
        try:
            entry = await self._store.get(session_key(handle))
            if entry is None:
                return _UNKNOWN
            stored = entry.value
            head = read_head(stored)
        except (StoreUnavailableError, StoreCorruptError) as error:
            raise store_outage(BACKEND, error) from error
        now = self._clock.unix()
        if not is_active(head, now):
            return _OVER[state_of(head, now)]
        if now >= head.touch_from:
            self._parts.touches.note(Stored(handle, entry, head))
        if now >= head.refresh_from:
            self._parts.refreshes.note(handle)
        answer = Authenticated(partial(_load, stored, head), read_views(stored, head))
        if reading is not None:
            reading.keep(answer, head)
        return answer

    async def start(self) -> None:
        """Return at once: providers are asked when somebody wants to sign in."""

    async def check_health(self) -> None:
        """Return if the store answers. A provider that is away keeps nobody from being recognised.

        Raises:
            BackendUnavailableError: it does not.
        """
        with store_outages():
            await self._store.check_health()

    async def settle(self) -> None:
        """Return when nothing goes on off the response path any more."""
        with self._parts.touches.hurried():
            await self._parts.background.drain()

    async def aclose(self) -> None:
        """Finish the writes under way and let go of everything that is ours."""
        await self.settle()
        await self._parts.clients.aclose()
        if self._parts.owns_store:
            await self._store.aclose()


def _load(stored: bytes, head: Head) -> Identity:
    with store_outages():
        return read_identity(stored, head)
