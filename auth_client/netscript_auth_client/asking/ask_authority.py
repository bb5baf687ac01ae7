"""Asks auth-api about each request: strict, and a sign-out counts at once."""

from collections.abc import Sequence
from typing import Final

import httpx

from netscript_auth_client.asgi import Scope
from netscript_auth_client.asking.reachability import Reachability
from netscript_auth_client.asking.verify_answers import outcome_of
from netscript_auth_client.auth_api import AuthApi
from netscript_auth_client.caller import Denied, Nobody, Outcome
from netscript_auth_client.credentials import CredentialReader, Credentials
from netscript_auth_client.page_origins import PageOrigins
from netscript_auth_client.reasons import DeniedReason, NobodyReason
from netscript_auth_core.contract_v1 import AuthV1
from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.clock import Clock, SystemClock

SESSION_COOKIES: Final = ("__Host-netscript-session", "__Secure-netscript-session", "netscript-session")
"""Of auth-api over https, there with a domain, and over plain http in development; it says which it hears."""

_PATH: Final = AuthV1.prefix + AuthV1.verify.path


class AskAuthority:
    """Forwards the session cookies and the bearer token to ``/verify``, and nothing else.

    Args:
        url: Where auth-api is reached, such as ``http://127.0.0.1:8094``.
        public_url: What browsers call it, where that is something else.
        cookies: Names of the session cookies; for a backend with cookies of its own, those.
        allowed_origins: Whose pages, besides those of ``public_url``, may act by a person's cookie here.
        http: Instead of our own client; it stays its owner's to close.
        clock: Tells for how long somebody has been signed in.
    """

    def __init__(
        self,
        url: str,
        *,
        public_url: str | None = None,
        cookies: Sequence[str] = SESSION_COOKIES,
        allowed_origins: Sequence[str] = (),
        http: httpx.AsyncClient | None = None,
        clock: Clock | None = None,
    ) -> None:
        base, own = url.rstrip("/"), (public_url or url).rstrip("/")
        self._api = AuthApi(base, own, http)
        self._cookies = tuple(cookies)
        self._reader = CredentialReader(cookies)
        self._origins = PageOrigins(own, allowed_origins)
        self._clock = clock or SystemClock()
        self._reachability = Reachability(self._clock)

    @property
    def clock(self) -> Clock:
        """Tells the time."""
        return self._clock

    async def authenticate(self, scope: Scope) -> Outcome:
        """Find out who sent a request; see :class:`Authority`."""
        found = self._reader.read(scope["headers"])
        if isinstance(found, Nobody):
            return found
        if found.bearer is None and not found.cookies:
            return Nobody(NobodyReason.NO_SESSION)
        if found.cookies and not self._origins.allow(scope):
            return Denied(DeniedReason.CROSS_SITE)
        try:
            outcome = outcome_of(await self._api.get(_PATH, _headers(found)), self._cookies)
        except BackendUnavailableError as error:
            self._reachability.lost(error)
            raise
        self._reachability.answered()
        return outcome

    async def start(self) -> None:
        """Do nothing: connections are opened when they are needed."""

    async def aclose(self) -> None:
        """Close connections."""
        await self._api.aclose()


def _headers(found: Credentials) -> dict[str, str]:
    headers: dict[str, str] = {}
    if found.bearer is not None:
        headers["authorization"] = f"Bearer {found.bearer}"
    if found.cookies:
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in found.cookies)
    return headers
