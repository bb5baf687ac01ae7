"""Sends a refusal in place of an application's answer."""

from typing import Final

from netscript_auth_client.asgi import Scope, Send
from netscript_auth_client.refusals import Refusal

_DENIAL: Final = "websocket.http.response"
_POLICY_VIOLATION: Final = 1008  # RFC 6455 section 7.4.1
_TRY_AGAIN_LATER: Final = 1013
_UNAVAILABLE: Final = 503


async def turn_away(refusal: Refusal, scope: Scope, send: Send) -> None:
    """Answer with a refusal.

    A websocket that was not accepted yet is answered like any request where the server can do that (ASGI's
    Websocket Denial Response); elsewhere it is closed, which servers answer with 403.
    """
    prefix = "http.response"
    if scope["type"] == "websocket":
        prefix = _DENIAL
        if _DENIAL not in (scope.get("extensions") or {}):
            is_outage = refusal.spec.status == _UNAVAILABLE
            code = _TRY_AGAIN_LATER if is_outage else _POLICY_VIOLATION
            await send({"type": "websocket.close", "code": code, "reason": refusal.spec.code})
            return
    body = b"" if scope.get("method") == "HEAD" else refusal.body()
    headers = [*refusal.raw_headers(), (b"content-length", str(len(body)).encode())]
    await send({"type": f"{prefix}.start", "status": refusal.spec.status, "headers": headers})
    await send({"type": f"{prefix}.body", "body": body})
