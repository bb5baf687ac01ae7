"""Asks auth-api who somebody is, whichever backend answers.

The credential is what the person's browser or program would send: a cookie, or a bearer token::

    .venv/bin/python examples/who.py http://localhost:8094 "cookie: netscript-session=..."
    .venv/bin/python examples/who.py https://auth.acme.example "authorization: Bearer ..."
"""

import asyncio
import sys
from collections.abc import Sequence

import httpx

from netscript_auth_core.contract_v1 import AuthV1
from netscript_kernel.client import connect
from netscript_kernel.client_errors import CallError

USAGE = 'usage: who.py URL CREDENTIAL, such as http://localhost:8094 "cookie: netscript-session=..."'


async def who(url: str, credential: str) -> str:
    """Return a line that says who it is, and which backend said so.

    Args:
        url: Of auth-api.
        credential: A header: name, colon, value.
    """
    name, _, value = credential.partition(":")
    async with httpx.AsyncClient(base_url=url, headers={name.strip(): value.strip()}) as http:
        auth = connect(AuthV1, url, http=http)
        try:
            me = await auth.me()
            if me.user is None or me.session is None:
                return f"{(await auth.describe()).backend.name}: nobody ({me.reason})"
        except CallError as error:
            # Not being able to find out is an answer of its own: neither somebody nor nobody.
            return f"could not find out ({error})"
    # While an earlier backend is drained, it may be that one which answers for the session.
    return f"{me.session.backend}: {me.user.id} {me.user.email or ''}".rstrip()


def main(arguments: Sequence[str]) -> None:
    """Print that line."""
    match arguments:
        case [url, credential] if url.startswith(("http://", "https://")) and ":" in credential:
            sys.stdout.write(f"{asyncio.run(who(url, credential))}\n")
        case _:
            sys.stderr.write(f"{USAGE}\n")
            sys.exit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
