"""auth-api as the authenticator of a service on the kernel: all modes, and so each topology.

::

    define_service(
        "orders",
        "1.0.0",
        implementations=[orders],
        authn=with_authn(create_authenticator()),  # NETSCRIPT_CALLERS_*
    )
"""

import os
from collections.abc import Collection
from dataclasses import dataclass

from netscript_auth_client.asgi import Scope
from netscript_auth_client.authority import Authority
from netscript_auth_client.caller import Caller, Nobody, Outcome
from netscript_auth_client.composition import create_authority
from netscript_auth_client.own_variables import ASK, LOCAL, PROXY, chosen_mode
from netscript_auth_client.proxied.identity_headers import ProxiedPrincipal
from netscript_auth_client.proxied.proxy_authenticator import ProxyAuthenticator
from netscript_auth_client.proxied.proxy_settings import ProxySettings
from netscript_auth_client.refusals import CHALLENGE, RefusedError, for_little_known, for_nobody
from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.access import (
    Anonymous,
    Authenticated,
    Authentication,
    AuthenticationUnavailableError,
    AuthenticatorPort,
    Denied,
    Principal,
)
from netscript_kernel.settings import Environment

__all__ = [
    "AuthApiAuthenticator",
    "CallerPrincipal",
    "ProxiedPrincipal",
    "ProxyAuthenticator",
    "caller_behind",
    "create_authenticator",
]


@dataclass(frozen=True, slots=True)
class CallerPrincipal:
    """Somebody whom auth-api knows, as the kernel sees a principal.

    Attributes:
        caller: All that is known of them.
    """

    caller: Caller

    @property
    def subject(self) -> str:
        """The user's stable id."""
        return self.caller.principal.user_id

    @property
    def scopes(self) -> Collection[str]:
        """What they were granted."""
        return self.caller.principal.scopes

    @property
    def roles(self) -> Collection[str]:
        """What they are."""
        return self.caller.principal.roles


class AuthApiAuthenticator:
    """An ``AuthenticatorPort`` that asks an authority.

    Args:
        authority: ``AskAuthority`` or ``LocalAuthority``. It is started and closed with the service.
    """

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    async def authenticate(self, scope: Scope) -> Authentication:
        """Find out who sent a request.

        Raises:
            AuthenticationUnavailableError: auth-api could not be asked, or its revocations are not heard.
        """
        try:
            return _said(await self._authority.authenticate(scope))
        except BackendUnavailableError as error:
            raise AuthenticationUnavailableError(str(error), error.retry_after) from error

    async def start(self) -> None:
        """Begin to listen to revocations, where the mode does."""
        await self._authority.start()

    async def aclose(self) -> None:
        """End that, and close connections."""
        await self._authority.aclose()


def create_authenticator(environment: Environment | None = None) -> AuthenticatorPort:
    """Return what finds out who calls, as the environment says.

    Args:
        environment: With ``NETSCRIPT_CALLERS_*``; without one, that of the process.

    Raises:
        ConfigurationError: with every fault, each naming its variable and what to set.
    """
    said = os.environ if environment is None else environment
    if chosen_mode(said, (ASK, LOCAL, PROXY)) != PROXY:
        return AuthApiAuthenticator(create_authority(environment))
    settings = ProxySettings.from_environment(said)
    return ProxyAuthenticator(
        settings.trusted_proxies, public_url=settings.public_url, allowed_origins=settings.allowed_origins
    )


def caller_behind(principal: Principal) -> Caller:
    """Return all that is known of a principal, for :func:`~netscript_auth_client.need_recent` and names.

    Raises:
        RefusedError: 403, where a proxy said who it is: its headers do not say so much.
        TypeError: something else found out who it is.
    """
    if isinstance(principal, ProxiedPrincipal):
        raise RefusedError(for_little_known())
    if not isinstance(principal, CallerPrincipal):
        raise TypeError("this principal is none of auth-api's")
    return principal.caller


def _said(outcome: Outcome) -> Authentication:
    if isinstance(outcome, Caller):
        return Authenticated(CallerPrincipal(outcome), outcome.cookies)
    if isinstance(outcome, Nobody):
        challenge = for_nobody(outcome).headers[CHALLENGE]
        return Anonymous(outcome.reason, challenge, outcome.cookies)
    return Denied(outcome.reason, outcome.cookies)
