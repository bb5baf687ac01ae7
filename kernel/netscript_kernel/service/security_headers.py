"""Headers that every response carries unless the route says otherwise."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from netscript_kernel.service.settings import ServiceSettings

_DEFAULTS: tuple[tuple[bytes, bytes], ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class SecurityHeaderRule:
    """The defaults, and how a route's own headers take their place.

    Args:
        settings: HSTS is sent in production only, and only where the outside speaks HTTPS.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        is_production = settings.profile == "production"
        self.over_https = (*_DEFAULTS, _HSTS) if is_production else _DEFAULTS
        self.over_http = self.over_https if settings.is_behind_https else _DEFAULTS
        self._names = frozenset(name for name, _ in (*_DEFAULTS, _HSTS))

    def complete(self, headers: Sequence[tuple[bytes, bytes]], scheme: str) -> list[tuple[bytes, bytes]]:
        """Return the headers, followed by each default that is not among them."""
        defaults = self.over_https if scheme == "https" else self.over_http
        given = self._names.intersection([name for name, _ in headers])
        if not given:
            return [*headers, *defaults]
        return [*headers, *[header for header in defaults if header[0] not in given]]


class SecurityHeaders:
    """Middleware: completes the headers of each response."""

    def __init__(self, app: ASGIApp, rule: SecurityHeaderRule) -> None:
        self._app = app
        self._rule = rule

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the defaults added as the response begins."""
        scheme: str = scope.get("scheme", "http")

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._rule.complete(message.get("headers", ()), scheme)
            await send(message)

        await self._app(scope, receive, send_completed)
