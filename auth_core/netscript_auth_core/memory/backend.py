"""MemoryAuthBackend: the parts put together, and the one question that every request asks."""

from collections.abc import Sequence

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import ProviderDescriptor, SessionState
from netscript_auth_core.events import EventSink, LogEventSink
from netscript_auth_core.hosted import WithoutRoles
from netscript_auth_core.memory.provider import PretendProvider
from netscript_auth_core.memory.sessions import BACKEND, MemorySessions
from netscript_auth_core.memory.settings import MemoryBackendSettings
from netscript_auth_core.memory.signin import MemorySignin
from netscript_auth_core.memory.signout import MemorySignout, MemoryUpkeep
from netscript_auth_core.memory.storage import Storage
from netscript_auth_core.memory.tokens import MemoryTokens
from netscript_auth_core.memory.upstream_logout import MemoryUpstreamLogout
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, Identity, Outcome, ended_reason
from netscript_auth_core.reasons import AnonymousReason
from netscript_kernel.clock import Clock
from netscript_kernel.kv.port import KvStorePort


class MemoryAuthBackend:
    """A backend that keeps its sessions in this process and signs in whoever is named.

    Args:
        users: Gives our user ids.
        settings: The limits of sessions.
        provider: Where people sign in; its test side lets them.
        storage: Given to several backends, it is what they share.
        store: Where the end of a session is logged, for whoever believes its tokens.
    """

    name = BACKEND
    capabilities = Capabilities(frozenset(Capability))
    sealed = None

    def __init__(
        self,
        users: UserDirectory,
        clock: Clock,
        *,
        settings: MemoryBackendSettings | None = None,
        provider: PretendProvider | None = None,
        storage: Storage | None = None,
        events: EventSink | None = None,
        store: KvStorePort | None = None,
    ) -> None:
        self.pretend_provider = provider or PretendProvider()
        self.storage = storage or Storage()
        self.providers = MemoryProviders(self.pretend_provider)
        self.tokens = MemoryTokens()
        self.principals = WithoutRoles()
        self.sessions = MemorySessions(
            settings or MemoryBackendSettings(),
            self.storage,
            self.pretend_provider,
            users,
            clock,
            LogEventSink() if events is None else events,
            store,
        )
        self.upkeep = MemoryUpkeep(self.storage, self.pretend_provider)
        self.signout = MemorySignout(self.storage, self.pretend_provider, self.sessions, self.upkeep)
        self.upstream_logout = MemoryUpstreamLogout(self.storage, self.pretend_provider, self.sessions)
        self.interactive = MemorySignin(self.storage, self.pretend_provider, self.sessions, clock)

    async def authenticate(self, request: AuthRequest) -> Outcome:
        """Find out who asks: recognise the token, read one record, compare the time."""
        handle = self.tokens.recognise(request)
        if isinstance(handle, Anonymous):
            return handle
        stored = self.storage.sessions.get(handle)
        if stored is None:
            return Anonymous(AnonymousReason.SESSION_UNKNOWN)
        state = self.sessions.at_present(stored.session).state
        if state is not SessionState.ACTIVE:
            return Anonymous(ended_reason(state))
        self.sessions.touch(stored)
        identity = Identity(stored.session, stored.user)
        return Authenticated(lambda: identity)

    async def start(self) -> None:
        """Nothing to get ready."""

    async def check_health(self) -> None:
        """Return unless the storage is away; the provider is not needed for reads."""
        self.storage.check()

    async def aclose(self) -> None:
        """Nothing to let go of: the storage is whoever's made it."""


class MemoryProviders:
    """The one provider that there is."""

    def __init__(self, provider: PretendProvider) -> None:
        self._descriptor = provider.descriptor

    def list(self) -> Sequence[ProviderDescriptor]:
        """Return it."""
        return (self._descriptor,)

    def get(self, provider_id: str) -> ProviderDescriptor | None:
        """Return it by its id, or ``None`` for any other."""
        return self._descriptor if provider_id == self._descriptor.id else None
