"""A FastAPI service beside auth-api. The mode is a matter of its environment, not of its code.

Run it from the root of the repository, beside ``scripts/run``::

    export NETSCRIPT_CALLERS_AUTH_URL=http://localhost:8094
    .venv/bin/granian --interface asgi --port 8095 --factory examples.protected_service.orders:create_app
"""

from typing import Annotated

from fastapi import FastAPI

from netscript_auth_client import Authority
from netscript_auth_client.fastapi import CurrentCaller, OptionalPrincipal, Principal, protect, require_roles


def create_app(authority: Authority | None = None) -> FastAPI:
    """Return the service; without an authority, the environment says who finds out who calls."""
    app = FastAPI()
    protect(app, authority, public=["/"])
    app.get("/")(welcome)
    app.get("/me")(me)
    app.get("/admin")(admin)
    return app


async def welcome(principal: OptionalPrincipal) -> str:
    """Greet everybody."""
    return f"Hello, {principal.user_id if principal else 'stranger'}."


async def me(caller: CurrentCaller) -> str | None:
    """Say who calls."""
    return caller.name


async def admin(principal: Annotated[Principal, require_roles("admin")]) -> str:
    """Let only those in who may."""
    return principal.user_id
