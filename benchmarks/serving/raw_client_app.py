"""The least OAuth client: goes through the steps of a sign-in and checks nothing. Let nobody in by this."""

import base64
import hashlib
import os
import secrets
import sys
from urllib.parse import urlencode

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from netscript_kernel.server import serve
from tests.support.auth_api_process import API, CALLBACK
from tests.support.dev_provider import CLIENT_ID


def create_raw_client() -> ASGIApp:
    """Return the application; ``ISSUER``, ``REDIRECT_URI`` and ``CLIENT_SECRET`` say whose client it is."""
    issuer, redirect_uri = os.environ["ISSUER"], os.environ["REDIRECT_URI"]
    verifiers: dict[str, str] = {}
    provider = httpx.AsyncClient(auth=(CLIENT_ID, os.environ["CLIENT_SECRET"]))

    async def signin(request: Request) -> RedirectResponse:
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        verifiers[state] = verifier
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": redirect_uri,
            "scope": "openid email profile",
            "state": state,
            "nonce": secrets.token_urlsafe(32),
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            "login_hint": request.query_params["loginHint"],
        }
        return RedirectResponse(f"{issuer}/authorize?{urlencode(query)}", 302)

    async def callback(request: Request) -> RedirectResponse:
        form = {
            "grant_type": "authorization_code",
            "code": request.query_params["code"],
            "redirect_uri": redirect_uri,
            "code_verifier": verifiers.pop(request.query_params["state"]),
        }
        answer = await provider.post(f"{issuer}/token", data=form)
        answer.raise_for_status()
        response = RedirectResponse("/account", 303)
        response.set_cookie("netscript-session", secrets.token_urlsafe(32))
        return response

    return Starlette(routes=[Route(f"{API}/signin", signin), Route(CALLBACK, callback)])


if __name__ == "__main__":
    sys.exit(serve(f"{__spec__.name}:create_raw_client", host="127.0.0.1", port=int(os.environ["PORT"])))
