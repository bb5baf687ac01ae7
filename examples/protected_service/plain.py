"""The same without a framework: any ASGI application, guarded.

Run it from the root of the repository, beside ``scripts/run``::

    export NETSCRIPT_CALLERS_AUTH_URL=http://localhost:8094
    .venv/bin/granian --interface asgi --port 8096 --factory examples.protected_service.plain:create_app
"""

from netscript_auth_client import AuthMiddleware, Authority, create_authority, principal_of
from netscript_auth_client.asgi import ASGIApp, Receive, Scope, Send


def create_app(authority: Authority | None = None) -> ASGIApp:
    """Return the service; without an authority, the environment says who finds out who calls."""
    return AuthMiddleware(serve, authority or create_authority())


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """Say who calls; the middleware lets nobody else in."""
    del receive
    principal = principal_of(scope)
    body = principal.user_id.encode() if principal is not None else b""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": body})
