"""The limit: an ASGI callable that answers what auth-api answers, byte for byte, and does nothing else."""

import json
import os
import sys
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from netscript_kernel.server import serve


def create_raw_app() -> ASGIApp:
    """Return the callable; the file that ``RAW_ANSWER`` names holds status, headers and body."""
    answer = json.loads(Path(os.environ["RAW_ANSWER"]).read_text())
    status, body = answer["status"], answer["body"].encode()
    headers = [(name.encode(), value.encode()) for name, value in answer["headers"]]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


if __name__ == "__main__":
    sys.exit(serve(f"{__spec__.name}:create_raw_app", host="127.0.0.1", port=int(os.environ["PORT"])))
