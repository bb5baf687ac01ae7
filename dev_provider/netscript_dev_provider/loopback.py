"""Who may call: names of this machine, and nobody else.

A page of a stranger's site may point its own name at 127.0.0.1 and then read what we answer (DNS rebinding).
It cannot choose the ``Host`` header, so that header decides.
"""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_REFUSAL: Final = (
    "This is a development identity provider. It answers loopback names only: "
    "localhost, names ending in .localhost, 127.0.0.0/8 and [::1].\n"
)


def is_loopback_name(host: str) -> bool:
    """Tell whether a host name or address, without port and brackets, can only mean this machine.

    Source: RFC 6761 section 6.3 for ``localhost`` and everything below it.
    """
    name = host.lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_loopback_authority(authority: str) -> bool:
    """Tell the same of a ``Host`` header: a name or address with an optional port."""
    try:
        parts = urlsplit(f"//{authority}")
        port_is_sound = parts.port is None or parts.port > 0
    except ValueError:
        return False
    if parts.netloc != authority or "@" in authority or not port_is_sound:
        return False
    return is_loopback_name(parts.hostname or "")


class LoopbackOnly:
    """ASGI middleware that refuses every request whose ``Host`` is not a loopback name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 421 (Misdirected Request, RFC 9110 section 15.5.20)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) != 1 or not is_loopback_authority(hosts[0]):
            await PlainTextResponse(_REFUSAL, status_code=421)(scope, receive, send)
            return
        await self._app(scope, receive, send)
