"""BetterAuthBackend: the port, in whichever mode."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from netscript_auth_better_auth.naming import BACKEND
from netscript_auth_core.background import Background
from netscript_auth_core.capabilities import Capabilities
from netscript_auth_core.hosted import NoProviders, WithoutRoles
from netscript_auth_core.outages import store_outages
from netscript_auth_core.ports import AuthRequest, Outcome, SessionsPort, TokensPort
from netscript_kernel.kv.port import KvStorePort


@dataclass(frozen=True, slots=True)
class Parts:
    """What :mod:`netscript_auth_better_auth.assembly` puts together for a mode.

    Attributes:
        check_upstream: Returns if the server can be asked what reads need of it.
        close: Lets go of what is ours.
    """

    capabilities: Capabilities
    store: KvStorePort
    tokens: TokensPort
    sessions: SessionsPort
    authenticate: Callable[[AuthRequest], Awaitable[Outcome]]
    check_upstream: Callable[[], Awaitable[object]]
    background: Background
    close: Callable[[], Awaitable[None]]


class BetterAuthBackend:
    """People who are signed in at a better-auth server.

    Made by :func:`~netscript_auth_better_auth.create_better_auth_backend`.
    """

    name = BACKEND
    interactive = None
    signout = None
    upkeep = None
    sealed = None
    upstream_logout = None

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.capabilities = parts.capabilities
        self.tokens = parts.tokens
        self.sessions = parts.sessions
        self.providers = NoProviders()
        # Roles at better-auth are its application's, not ours to hand on.
        self.principals = WithoutRoles()

    async def authenticate(self, request: AuthRequest) -> Outcome:
        """Find out who asks.

        Raises:
            BackendUnavailableError: the server or the store did not answer.
        """
        return await self._parts.authenticate(request)

    async def start(self) -> None:
        """Return at once: the server is asked when somebody comes."""

    async def check_health(self) -> None:
        """Return if the store and the server answer.

        Raises:
            BackendUnavailableError: one of them does not.
        """
        with store_outages(BACKEND):
            await self._parts.store.check_health()
        await self._parts.check_upstream()

    async def aclose(self) -> None:
        """Finish what is under way and let go of everything that is ours."""
        await self._parts.background.drain()
        await self._parts.close()
