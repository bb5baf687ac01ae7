"""An application that greets whoever is signed in, with auth-api mounted beside it on one host.

Run it from the root of the repository, then sign in at http://localhost:8094/account and look at /hello::

    export NETSCRIPT_PROFILE=development NETSCRIPT_AUTH_ISSUER=http://localhost:9094
    export NETSCRIPT_AUTH_CLIENT_ID=netscript-dev
    callback=http://localhost:8094/api/v1/auth/callback
    .venv/bin/python -m netscript_dev_provider --redirect-uri $callback &
    .venv/bin/granian --interface asgi --port 8094 --factory examples.greeting:create_app
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

from netscript_plugin_auth.service import create_auth_app


def create_app(environment: Mapping[str, str] | None = None) -> FastAPI:
    """Return the application; its auth is configured by the environment, as auth-api alone is."""
    auth = create_auth_app(environment)
    inside = httpx.AsyncClient(transport=httpx.ASGITransport(auth), base_url="http://localhost")

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncGenerator[None]:
        await auth.start()
        try:
            yield
        finally:
            await auth.stop()

    app = FastAPI(lifespan=living)

    @app.get("/hello")
    async def hello(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # a route
        headers = {"host": request.headers["host"], "cookie": request.headers.get("cookie", "")}
        answer = await inside.get("/api/v1/auth/me", headers=headers)
        if answer.is_server_error:
            return PlainTextResponse("Try again in a moment.", 503)
        me = answer.json()
        if not me["authenticated"]:
            return PlainTextResponse("Hello, whoever you are.", 401)
        return PlainTextResponse(f"Hello, {me['user'].get('name') or 'you'}.")

    app.mount("/", auth)
    return app
