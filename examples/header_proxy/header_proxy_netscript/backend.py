"""HeaderProxyBackend, and how it is opened."""

from datetime import timedelta
from typing import Final

from header_proxy_netscript.settings import HeaderProxySettings
from header_proxy_netscript.vouching import Vouched, Vouching
from netscript_auth_core.backends import BackendContext, BackendDefinition
from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.domain import ExternalIdentity
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.hosted import HostedSessions, NoProviders, WithoutRoles
from netscript_auth_core.ports import (
    Anonymous,
    AuthBackendPort,
    Authenticated,
    AuthRequest,
    Identity,
    Outcome,
)
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_core.upstream_sessions import UpstreamSession, UpstreamSessions
from netscript_kernel.errors import StoreUnavailableError

NAME: Final = "header-proxy"
_WHY: Final = "the proxy in front signs people in and out and keeps the sessions; use its own pages"
_SEEN_EVERY: Final = timedelta(minutes=5)


class HeaderProxyBackend:
    """People whom the proxy vouches for, request by request.

    How long they stay signed in is the proxy's to say: its cookie does not show how old it is. With a limit
    here that is shorter than the proxy's, the session ends at that limit; it is forgotten some minutes
    later, and the same cookie then begins another.
    """

    name = NAME
    interactive = None
    signout = None
    upkeep = None
    sealed = None
    upstream_logout = None

    def __init__(self, settings: HeaderProxySettings, context: BackendContext) -> None:
        self.capabilities = Capabilities(
            frozenset(), why_not=dict.fromkeys(Capability, _WHY), sign_in_url=settings.sign_in_url
        )
        self._settings = settings
        self._store, self._clock = context.store, context.clock
        self._met = UpstreamSessions(NAME, context.store, context.keys, context.users, context.clock)
        self.tokens = Vouching(settings)
        self.providers = NoProviders()
        self.principals = WithoutRoles()
        self.sessions = HostedSessions(NAME, self.capabilities, self._met)

    async def authenticate(self, request: AuthRequest) -> Outcome:
        """Find out who asks: whom the proxy vouches for, and one read of the store."""
        vouched = self.tokens.read(request)
        if isinstance(vouched, Anonymous):
            return vouched
        identity = await self._identity(vouched)
        if identity is None:
            return Anonymous(AnonymousReason.SESSION_EXPIRED)
        return Authenticated(lambda: identity)

    async def start(self) -> None:
        """Nothing to get ready."""

    async def check_health(self) -> None:
        """Return if the store answers."""
        try:
            await self._store.check_health()
        except StoreUnavailableError as error:
            raise BackendUnavailableError(NAME, str(error)) from error

    async def aclose(self) -> None:
        """Nothing to let go of: the store is the service's."""

    async def _identity(self, vouched: Vouched) -> Identity | None:
        """Return a session with its person; ``None`` where it has ended and is not forgotten yet."""
        now, known = self._clock.now(), await self._met.identity(vouched.handle)
        if known is not None and now - known.session.last_seen_at < _SEEN_EVERY:
            return known
        if known is None and await self._met.get(vouched.handle) is not None:
            return None
        begun = known.session.created_at if known is not None else now
        end = begun + self._settings.session_ttl
        person = ExternalIdentity(
            issuer=self._settings.issuer,
            subject=vouched.user,
            provider_id=NAME,
            email=vouched.email,
            email_verified=False,  # the proxy does not say
        )
        return await self._met.meet(UpstreamSession(vouched.handle, person, begun, end, end))


async def open_backend(settings: HeaderProxySettings, context: BackendContext) -> AuthBackendPort:
    """Build the backend; the entry point ``header-proxy`` leads here."""
    return HeaderProxyBackend(settings, context)


definition = BackendDefinition(settings=HeaderProxySettings, open=open_backend)
