"""The least that a service on FastAPI can be: one route, on the same server as ours."""

import os
import sys

from fastapi import FastAPI
from starlette.types import ASGIApp

from netscript_kernel.server import serve


def create_fastapi_app() -> ASGIApp:
    """Return the application."""
    app = FastAPI()

    @app.get("/")
    async def hello() -> dict[str, str]:  # pyright: ignore[reportUnusedFunction]  # FastAPI calls it
        return {"hello": "world"}

    return app


if __name__ == "__main__":
    sys.exit(serve(f"{__spec__.name}:create_fastapi_app", host="127.0.0.1", port=int(os.environ["PORT"])))
