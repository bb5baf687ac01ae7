"""The backend with sign-in at AuthKit through us, as the service composes it."""

from dataclasses import dataclass

from netscript_auth_core.background import Background
from netscript_auth_core.capabilities import Capabilities
from netscript_auth_core.errors import SessionEndedError
from netscript_auth_core.key_set import KeySet
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, Outcome
from netscript_auth_workos.api.calls import WorkOSCalls
from netscript_auth_workos.life import Life
from netscript_auth_workos.naming import BACKEND
from netscript_auth_workos.own.authkit import AuthKit
from netscript_auth_workos.own.own_sealed import OwnSealed
from netscript_auth_workos.own.own_sessions import OwnSessions
from netscript_auth_workos.own.own_signin import OwnSignin
from netscript_auth_workos.own.own_tokens import OwnTokens
from netscript_auth_workos.sessions.grants import Principals
from netscript_auth_workos.sessions.signout import Signout
from netscript_kernel.jose.keys import Keys
from netscript_kernel.kv.port import KvStorePort


@dataclass(frozen=True, slots=True)
class InteractiveParts:
    """What :mod:`netscript_auth_workos.opening` puts together."""

    capabilities: Capabilities
    authkit: AuthKit
    sessions: OwnSessions
    signin: OwnSignin
    sealed: OwnSealed
    signout: Signout
    keys: KeySet[Keys]
    calls: WorkOSCalls
    store: KvStorePort
    background: Background


class InteractiveWorkOSBackend(Life):
    """Sessions of our own, that began at AuthKit and live as long as WorkOS renews them."""

    name = BACKEND
    upkeep = None

    def __init__(self, parts: InteractiveParts) -> None:
        super().__init__(parts.keys, parts.calls, parts.store, parts.background)
        self._parts = parts
        self.capabilities = parts.capabilities
        self.providers = parts.authkit
        self.sessions = parts.sessions
        self.tokens = OwnTokens()
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
