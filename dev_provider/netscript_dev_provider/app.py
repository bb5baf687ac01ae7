"""The ASGI app."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from netscript_dev_provider.authorize import authorize
from netscript_dev_provider.backchannel import Post, post_form
from netscript_dev_provider.config import ProviderConfig
from netscript_dev_provider.end_session import end_session
from netscript_dev_provider.loopback import LoopbackOnly
from netscript_dev_provider.metadata import index, jwks, metadata, style, well_known_paths
from netscript_dev_provider.provider import Provider, system_clock
from netscript_dev_provider.token_endpoint import revoke, token
from netscript_dev_provider.userinfo import userinfo


def create_app(
    config: ProviderConfig,
    clock: Callable[[], datetime] = system_clock,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    post: Post = post_form,
) -> Starlette:
    """Build one provider as an ASGI app; ``app.state.provider`` is its :class:`~.provider.Provider`.

    Args:
        config: Issuer, clients, people.
        clock: Returns the time as an aware datetime; tests move it.
        sleep: Waits so many seconds for the persona ``slow``; tests do not wait.
        post: Sends logout tokens to applications; tests have no network.
    """
    app = Starlette(routes=_routes(config), middleware=[Middleware(LoopbackOnly)])
    app.state.provider = Provider(config, clock, sleep, post)
    return app


def _routes(config: ProviderConfig) -> list[Route]:
    base = config.base_path
    documents = [Route(path, metadata) for path in well_known_paths(config.issuer)]
    return [
        *documents,
        Route(f"{base}/", index),
        Route(f"{base}/style.css", style),
        Route(f"{base}/jwks", jwks),
        Route(f"{base}/authorize", authorize, methods=["GET", "POST"]),
        Route(f"{base}/token", token, methods=["POST"]),
        Route(f"{base}/userinfo", userinfo, methods=["GET", "POST"]),
        Route(f"{base}/revoke", revoke, methods=["POST"]),
        Route(f"{base}/end_session", end_session, methods=["GET", "POST"]),
    ]
