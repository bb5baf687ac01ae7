"""Starts and ends an authority with the application, whether that speaks ASGI's lifespan or not."""

from netscript_auth_client.asgi import ASGIApp, Message, Receive, Scope, Send
from netscript_auth_client.authority import Authority

_ENDS = frozenset({"lifespan.shutdown.complete", "lifespan.shutdown.failed", "lifespan.startup.failed"})


async def live(authority: Authority, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Run the lifespan of an application, with the authority running from before its start until its end."""
    has_listened = False

    async def listening() -> Message:
        nonlocal has_listened
        has_listened = True
        return await receive()

    async def closing(message: Message) -> None:
        # Before the server hears of it: it may end the process at once.
        if message["type"] in _ENDS:
            await authority.aclose()
        await send(message)

    await authority.start()
    try:
        try:
            await app(scope, listening, closing)
        except Exception:
            if has_listened:
                raise
        if not has_listened:
            await _live_alone(receive, closing)
    finally:
        await authority.aclose()


async def _live_alone(receive: Receive, send: Send) -> None:
    """Speak to the server in place of an application that knows no lifespan, as ASGI allows."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
