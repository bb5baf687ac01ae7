"""Asks auth-api who somebody is, whichever backend answers.

The credential is what the person's browser or program would send: a cookie, or a bearer token::

    .venv/bin/python examples/who.py http://localhost:8094 "cookie: netscript-session=..."
    .venv/bin/python examples/who.py https://auth.acme.example "authorization: Bearer ..."
"""

import asyncio
import sys

import httpx

from netscript_auth_core.contract_v1 import AuthV1
from netscript_kernel.client import connect
from netscript_kernel.client_errors import CallError


async def who(url: str, credential: str) -> str:
    """Return a line that says who it is, and which backend said so."""
    name, _, value = credential.partition(":")
    async with httpx.AsyncClient(base_url=url, headers={name: value.strip()}) as http:
        auth = connect(AuthV1, url, http=http)
        backend = (await auth.describe()).backend
        try:
            me = await auth.me()
        except CallError as error:
            # Not being able to find out is an answer of its own: neither somebody nor nobody.
            return f"{backend.name}: could not find out ({error})"
    if me.user is None:
        return f"{backend.name}: nobody ({me.reason})"
    return f"{backend.name}: {me.user.id} {me.user.email or ''}".rstrip()


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(who(*sys.argv[1:3]))}\n")
