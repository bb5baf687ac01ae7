"""What the endpoints and pages of auth-api work with, put together once by the composition root."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from netscript_auth_core.ports import AuthBackendPort, AuthRequest, Outcome
from netscript_kernel.clock import Clock
from netscript_plugin_auth.cookies import CookiePolicy
from netscript_plugin_auth.flash import Flash
from netscript_plugin_auth.flow_cookies import FlowCookies
from netscript_plugin_auth.gateway.forwarded import Forwarded
from netscript_plugin_auth.journal import Journal
from netscript_plugin_auth.limits.limiter import RateLimits
from netscript_plugin_auth.origin_rule import OriginRule
from netscript_plugin_auth.return_to import ReturnToPolicy
from netscript_plugin_auth.revocations.feed import RevocationFeed
from netscript_plugin_auth.signout_handover import SignoutHandover
from netscript_plugin_auth.signout_return import SignoutReturn
from netscript_plugin_auth.tokens.issuer import TokenIssuer
from netscript_plugin_auth.visitor import Visitors

Authenticate: TypeAlias = Callable[[AuthRequest], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What every handler and page is given; what each part does stands at its class.

    Attributes:
        drains: Whether the backend answers for earlier ones, too: a request may carry a session of each.
        authenticate: The backend's, counted where there are metrics: what hot routes ask.
        public_url: What the outside calls the service, without a trailing slash.
        has_pages: Whether people are shown pages; else every answer is JSON.
        logout_limits: Of those that tell of sign-outs in the name of a provider.
        tokens: ``None`` where no service takes any.
        revocations: Tells services of sessions that end.
    """

    backend: AuthBackendPort
    drains: bool
    authenticate: Authenticate
    clock: Clock
    public_url: str
    has_pages: bool
    cookies: CookiePolicy
    flows: FlowCookies
    flash: Flash
    signout_return: SignoutReturn
    signout_handover: SignoutHandover
    visitors: Visitors
    forwarded: Forwarded
    origins: OriginRule
    return_to: ReturnToPolicy
    journal: Journal
    limits: RateLimits
    logout_limits: RateLimits
    tokens: TokenIssuer | None
    revocations: RevocationFeed
