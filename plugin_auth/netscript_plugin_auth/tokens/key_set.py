"""``/.well-known/jwks.json``: the keys by which services verify tokens, for everybody."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from netscript_plugin_auth.tokens.issuer import TokenIssuer

PATH: Final = "/.well-known/jwks.json"

# Far shorter than a key is published before it signs.
_HEADERS: Final = {"Cache-Control": "public, max-age=300"}


def key_set_routes(tokens: TokenIssuer | None) -> list[Route]:
    """Return the route; none where there are no tokens."""
    if tokens is None:
        return []

    async def key_set(_: Request) -> Response:
        return Response(await tokens.key_set(), media_type="application/json", headers=_HEADERS)

    return [Route(PATH, key_set, methods=["GET"], include_in_schema=False)]
