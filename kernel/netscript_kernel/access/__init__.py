"""Who calls, and what they may: the words and ports by which a service is guarded. Knows no way to sign in.

::

    define_service(
        "users",
        "1.0.0",
        implementations=[users],
        authn=with_authn(authenticator, allow_anonymous=[UsersV1.describe]),
        authz=with_authz(AccessRules(rule(UsersV1.find, scopes=["users:read"]))),
    )

The guards themselves are in ``netscript_kernel.service.guards``; this needs nothing beyond Pydantic.
"""

from netscript_kernel.access.ports import (
    AccessRefusedError,
    AccessRequest,
    Allowed,
    Anonymous,
    Authenticated,
    Authentication,
    AuthenticationUnavailableError,
    AuthenticatorPort,
    AuthorizerPort,
    Decision,
    Denied,
    KnownPrincipal,
    Principal,
    Refused,
)
from netscript_kernel.access.rules import AccessRule, AccessRules, rule

__all__ = [
    "AccessRefusedError",
    "AccessRequest",
    "AccessRule",
    "AccessRules",
    "Allowed",
    "Anonymous",
    "Authenticated",
    "Authentication",
    "AuthenticationUnavailableError",
    "AuthenticatorPort",
    "AuthorizerPort",
    "Decision",
    "Denied",
    "KnownPrincipal",
    "Principal",
    "Refused",
    "rule",
]
