"""AuthBackendPort: what every auth backend promises, whatever stands behind it.

``netscript_auth_core.memory`` keeps all of it in little code; start reading there.

Three answers are values: somebody (:class:`Authenticated`), nobody (:class:`Anonymous`), somebody who
may not (:class:`Denied`). The fourth, "could not find out", is raised as ``BackendUnavailableError``: a
backend that is down never turns into an anonymous user, and never into a signed-in one.
"""

from netscript_auth_core.ports.backend import AuthBackendPort
from netscript_auth_core.ports.parts import (
    InteractivePort,
    PrincipalsPort,
    ProvidersPort,
    SessionsPort,
    TokensPort,
)
from netscript_auth_core.ports.portable import (
    Acceptance,
    KeepsPortableSessions,
    PortableSession,
    PortableSessionsPort,
)
from netscript_auth_core.ports.sealed import KeyState, SealedSecrets, SealedSecretsPort, SealingRound
from netscript_auth_core.ports.signout import (
    SignedOut,
    SignoutPort,
    SignoutRequest,
    UpkeepPort,
    UpstreamStatus,
)
from netscript_auth_core.ports.upstream_logout import UpstreamLogoutPort
from netscript_auth_core.ports.values import (
    MOST_COOKIE_CHARACTERS,
    Anonymous,
    Authenticated,
    AuthRequest,
    CallbackRequest,
    Denied,
    EncodedViews,
    FlowCookie,
    Identity,
    IssuedSession,
    Outcome,
    SigninCompleted,
    SigninRequest,
    SigninStarted,
    at_present,
    ended_at,
    ended_reason,
)

__all__ = [
    "MOST_COOKIE_CHARACTERS",
    "Acceptance",
    "Anonymous",
    "AuthBackendPort",
    "AuthRequest",
    "Authenticated",
    "CallbackRequest",
    "Denied",
    "EncodedViews",
    "FlowCookie",
    "Identity",
    "InteractivePort",
    "IssuedSession",
    "KeepsPortableSessions",
    "KeyState",
    "Outcome",
    "PortableSession",
    "PortableSessionsPort",
    "PrincipalsPort",
    "ProvidersPort",
    "SealedSecrets",
    "SealedSecretsPort",
    "SealingRound",
    "SessionsPort",
    "SignedOut",
    "SigninCompleted",
    "SigninRequest",
    "SigninStarted",
    "SignoutPort",
    "SignoutRequest",
    "TokensPort",
    "UpkeepPort",
    "UpstreamLogoutPort",
    "UpstreamStatus",
    "at_present",
    "ended_at",
    "ended_reason",
]
