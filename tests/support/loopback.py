"""HTTP clients that find ``*.localhost`` on loopback as browsers do: not every system resolves such names."""

import ssl
from collections.abc import Mapping

import httpx

from tests.support.certificates import Certificates

PATIENCE_SECONDS = 60.0
"""Of clients in tests: httpx's own 5 s tell on a busy machine what is slow, not what hangs."""

_TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class LoopbackTransport(httpx.AsyncHTTPTransport):
    """Connects to 127.0.0.1 for every host below ``localhost`` (RFC 6761 section 6.3), and to no other.

    Args:
        certificates: Whose authority is trusted; ``None`` where only plain HTTP is spoken.
    """

    def __init__(self, certificates: Certificates | None = None) -> None:
        super().__init__(verify=certificates.client_context() if certificates else _TRUSTS_NOBODY)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if host != "127.0.0.1" and host != "localhost" and not host.endswith(".localhost"):
            raise httpx.ConnectError(f"{host} is not on this machine", request=request)
        # A request of its own: the client's keeps its host, to which cookies belong.
        sent = httpx.Request(
            request.method,
            request.url.copy_with(host="127.0.0.1"),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await super().handle_async_request(sent)


def loopback_client(
    base_url: str = "",
    certificates: Certificates | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.AsyncClient:
    """Return a client with cookies of its own that follows no redirect.

    Args:
        base_url: What addresses without a host are below.
        certificates: See :class:`LoopbackTransport`.
        headers: Sent with each request.
    """
    transport = LoopbackTransport(certificates)
    return httpx.AsyncClient(
        base_url=base_url, transport=transport, headers=headers, timeout=PATIENCE_SECONDS
    )
