"""What the tests of refreshes share: to sign in, to read, and a provider that refuses."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx

from netscript_auth_core.ports import Anonymous
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth import KvOAuthBackend
from netscript_auth_kv_oauth.sessions.session_records import read_head
from netscript_auth_kv_oauth.sessions.stored_sessions import session_key
from tests.kv_oauth.desks import Desk

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
ACCESS_TOKEN_LIFE = timedelta(minutes=5)
REVOKED = Anonymous(AnonymousReason.SESSION_REVOKED)


@asynccontextmanager
async def another(desk: Desk) -> AsyncGenerator[KvOAuthBackend]:
    backend = desk.open()
    yield backend
    await backend.aclose()


async def signed_in(desk: Desk) -> tuple[str, str]:
    """Sign somebody in; return the session's token and handle."""
    issued = (await desk.sign_in()).issued
    return issued.token, issued.session.handle


async def read(desk: Desk, token: str) -> object:
    """Ask who it is, and let what goes on behind the answer come to its end."""
    outcome = await desk.who(token)
    await desk.settle()
    return outcome


async def refresh_from(desk: Desk, handle: str) -> float:
    entry = await desk.store.get(session_key(handle))
    assert entry is not None
    return read_head(entry.value).refresh_from


def refusing(error: str | None, status: int = 400) -> Callable[[httpx.Request], httpx.Response | None]:
    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/token":
            return None
        return httpx.Response(status, json={"error": error} if error else "no")

    return answer


def is_refresh(request: httpx.Request) -> bool:
    return b"grant_type=refresh_token" in request.content
