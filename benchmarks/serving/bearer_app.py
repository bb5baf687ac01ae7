"""A service that verifies access tokens in its own process, and says whose they are.

The authority is the real one. Keys and revocations come from an auth-api that is played in the process, which
speaks once a second as a real one does; tokens are signed by it, since who issues them does not matter here.
"""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from netscript_auth_client import AuthMiddleware, LocalAuthority, principal_of
from netscript_kernel.clock import SystemClock
from netscript_kernel.server import serve
from tests.auth_client.pretend_auth_api import ALIVE, PUBLIC_URL, READY, URL, PretendAuthApi, PretendFeed
from tests.auth_client.token_signer import AUDIENCE, TokenSigner, publish

_TOKENS: Final = 1_000
_LIFE_SECONDS: Final = 840  # the client takes at most fifteen minutes
_SECRET: Final = "c" * 43


def create_bearer_app() -> ASGIApp:
    """Return the service; the file that ``HEADERS_FILE`` names gets a header with a token on each line."""
    clock, api = SystemClock(), PretendAuthApi()
    feed, signer = PretendFeed(api), TokenSigner(clock)
    publish(api, signer.public)
    ends = int(time.time()) + _LIFE_SECONDS
    tokens = [signer.sign(sub=f"usr_{number}", sid=f"ses_{number}", exp=ends) for number in range(_TOKENS)]
    Path(os.environ["HEADERS_FILE"]).write_text(
        "".join(f"authorization: Bearer {token}\n" for token in tokens)
    )
    authority = LocalAuthority(
        URL, audience=AUDIENCE, feed_secret=_SECRET, public_url=PUBLIC_URL, http=api.http, clock=clock
    )
    speaking: list[asyncio.Task[None]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            speaking.append(asyncio.create_task(_speak(feed)))
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await _tell_who(scope, send)

    return AuthMiddleware(app, authority)


async def _tell_who(scope: Scope, send: Send) -> None:
    principal = principal_of(scope)
    if principal is None:
        raise LookupError("the middleware let nobody in")
    body = f'{{"userId":"{principal.user_id}"}}'.encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _speak(feed: PretendFeed) -> None:
    """Say what a feed without revocations says."""
    channel = await feed.connected()
    channel.send(READY)
    while True:
        await asyncio.sleep(1)
        channel.send(ALIVE)


if __name__ == "__main__":
    sys.exit(serve(f"{__spec__.name}:create_bearer_app", host="127.0.0.1", port=int(os.environ["PORT"])))
