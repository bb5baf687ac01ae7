"""The backend as the service composes it; and the question that every request asks."""

from dataclasses import dataclass
from typing import Final

from netscript_auth_core.capabilities import Capabilities
from netscript_auth_core.hosted import NoProviders
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, Denied, Identity, Outcome
from netscript_auth_core.reasons import AnonymousReason, DenialReason
from netscript_auth_workos.foundation import Foundation
from netscript_auth_workos.naming import BACKEND
from netscript_auth_workos.reading.presented import presented
from netscript_auth_workos.reading.proofs import Proofs
from netscript_auth_workos.reading.request_tokens import RequestTokens
from netscript_auth_workos.sessions.grants import Principals
from netscript_auth_workos.sessions.met_sessions import MetSessions
from netscript_auth_workos.sessions.renewed_cookies import RenewedCookies
from netscript_auth_workos.sessions.renewed_sessions import RenewedSessions
from netscript_auth_workos.sessions.sessions import Sessions
from netscript_auth_workos.sessions.signout import Signout

# The session is over for good, so its cookie is of no use to anybody.
_IS_OVER: Final = frozenset({AnonymousReason.SESSION_REVOKED})


@dataclass(frozen=True, slots=True)
class Parts:
    """What :mod:`netscript_auth_workos.assembly` puts together."""

    capabilities: Capabilities
    cookie_name: str
    proofs: Proofs
    met: MetSessions
    renewed: RenewedSessions
    sessions: Sessions
    signout: Signout
    tokens: RequestTokens
    cookies: RenewedCookies
    foundation: Foundation


class WorkOSBackend:
    """Sessions that WorkOS keeps, and that applications of its SDKs began."""

    name = BACKEND
    interactive = None
    upkeep = None
    sealed = None
    upstream_logout = None

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.capabilities = parts.capabilities
        self.providers = NoProviders()
        self.sessions = parts.sessions
        self.tokens = parts.tokens
        self.principals = Principals()
        self.signout = parts.signout

    async def authenticate(self, request: AuthRequest) -> Outcome:
        """Find out who asks; see :meth:`AuthBackendPort.authenticate`."""
        found = presented(request, self._parts.cookie_name)
        if isinstance(found, Anonymous):
            return found
        proof = await self._parts.proofs.of(found)
        if isinstance(proof, Anonymous):
            return proof
        if proof.is_impersonated:
            return Denied(DenialReason.IMPERSONATION)
        identity = await self._parts.met.identity(proof)
        if not isinstance(identity, Identity):
            return self._without_cookie(identity) if proof.data is not None else identity
        if proof.is_due and proof.data is not None:
            return await self._parts.renewed.outcome(proof.token, proof.data, identity)
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

    def _without_cookie(self, outcome: Anonymous | Denied) -> Anonymous | Denied:
        if isinstance(outcome, Anonymous) and outcome.reason in _IS_OVER:
            return Anonymous(outcome.reason, cookies=(self._parts.cookies.removal(),))
        return outcome
