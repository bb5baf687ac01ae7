"""The backend with sign-in at AuthKit through us, as the service composes it."""

from dataclasses import dataclass

from netscript_auth_core.capabilities import Capabilities
from netscript_auth_core.errors import SessionEndedError
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, Outcome
from netscript_auth_workos.foundation import Foundation
from netscript_auth_workos.interactive.authkit import AuthKit
from netscript_auth_workos.interactive.interactive_sealed import InteractiveSealed
from netscript_auth_workos.interactive.interactive_sessions import InteractiveSessions
from netscript_auth_workos.interactive.interactive_signin import InteractiveSignin
from netscript_auth_workos.interactive.interactive_tokens import InteractiveTokens
from netscript_auth_workos.naming import BACKEND
from netscript_auth_workos.sessions.grants import Principals
from netscript_auth_workos.sessions.signout import Signout


@dataclass(frozen=True, slots=True)
class InteractiveParts:
    """What :mod:`netscript_auth_workos.assembly` puts together."""

    capabilities: Capabilities
    authkit: AuthKit
    sessions: InteractiveSessions
    signin: InteractiveSignin
    sealed: InteractiveSealed
    signout: Signout
    foundation: Foundation


class InteractiveWorkOSBackend:
    """Sessions of our own, that began at AuthKit and live as long as WorkOS renews them."""

    name = BACKEND
    upkeep = None
    upstream_logout = None

    def __init__(self, parts: InteractiveParts) -> None:
        self._parts = parts
        self.capabilities = parts.capabilities
        self.providers = parts.authkit
        self.sessions = parts.sessions
        self.tokens = InteractiveTokens()
        self.principals = Principals()
        self.interactive = parts.signin
        self.sealed = parts.sealed
        self.signout = parts.signout

    async def authenticate(self, request: AuthRequest) -> Outcome:
        """Find out who asks; see :meth:`AuthBackendPort.authenticate`."""
        handle = self.tokens.recognise(request)
        if isinstance(handle, Anonymous):
            return handle
        try:
            identity = await self._parts.sessions.identity(handle)
        except SessionEndedError as error:
            return Anonymous(error.cause)
        return Authenticated(lambda: identity)

    async def start(self) -> None:
        """Begin; see :meth:`AuthBackendPort.start`."""
        await self._parts.foundation.start()

    async def check_health(self) -> None:
        """Return if it is well; see :meth:`AuthBackendPort.check_health`."""
        await self._parts.foundation.check_health()

    async def aclose(self) -> None:
        """End; see :meth:`AuthBackendPort.aclose`."""
        await self._parts.foundation.aclose()
