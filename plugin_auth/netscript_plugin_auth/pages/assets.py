"""The stylesheet, served from memory: the pages load nothing from anywhere else."""

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

STYLESHEET_PATH = "/assets/auth.css"

_CACHED = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}


class Stylesheet:
    """Its handler."""

    def __init__(self) -> None:
        self._text = files("netscript_plugin_auth.pages").joinpath("static", "auth.css").read_bytes()

    async def answer(self, _: Request) -> Response:
        """Return it."""
        return Response(self._text, headers=_CACHED, media_type="text/css; charset=utf-8")
