"""Believes the identity headers of the proxies in front, and of nobody else."""

from collections.abc import Sequence

from netscript_auth_client.asgi import Scope
from netscript_auth_client.page_origins import PageOrigins
from netscript_auth_client.proxied.identity_headers import ProxiedPrincipal, read_identity
from netscript_auth_client.reasons import DeniedReason, NobodyReason
from netscript_kernel.access import Anonymous, Authenticated, Authentication, Denied
from netscript_kernel.networks import Network, is_within


class ProxyAuthenticator:
    """An ``AuthenticatorPort`` for a service behind a proxy that does forward-auth.

    The address that counts is that of the connection, as the server saw it: the server may not let
    ``X-Forwarded-For`` change it (uvicorn: ``--no-proxy-headers``). A Unix socket has none: nobody gets in.

    Args:
        trusted: Where the proxies connect from. Whoever connects from there is whom they say they are.
        public_url: The origin at which browsers reach this service.
        allowed_origins: Other origins, whose pages may act for the person here.
    """

    def __init__(
        self, trusted: Sequence[Network], *, public_url: str, allowed_origins: Sequence[str] = ()
    ) -> None:
        self._trusted = tuple(trusted)
        self._origins = PageOrigins(public_url.rstrip("/"), allowed_origins)

    async def authenticate(self, scope: Scope) -> Authentication:
        """Find out for whom the proxy vouches, where the request came from it."""
        peer = scope.get("client")
        if not is_within(peer[0] if peer else None, self._trusted):
            return Anonymous(NobodyReason.NOT_BY_PROXY)
        identity = read_identity(scope["headers"])
        if not isinstance(identity, ProxiedPrincipal):
            return Anonymous(identity)
        if not self._origins.allow(scope):
            return Denied(DeniedReason.CROSS_SITE)
        return Authenticated(identity)

    async def start(self) -> None:
        """Do nothing: the proxy does all the asking."""

    async def aclose(self) -> None:
        """Do nothing: nothing was opened."""
