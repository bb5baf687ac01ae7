"""Somebody who is signed in, and what each endpoint that reads makes of their cookie."""

from dataclasses import dataclass

import httpx

from tests.attacks.world import World
from tests.support.auth_api import PREFIX, PUBLIC_URL

READS = ("session", "me")

# Authenticated for /session, for /me, and the status of /sessions: the three have to agree.
IN, OUT = (True, True, 200), (False, False, 401)


@dataclass(frozen=True)
class SignedIn:
    """A world in which somebody is signed in, to be read and not to be changed."""

    world: World
    token: str
    handle: str

    async def read(self, name: str, *headers: tuple[bytes, bytes], query: str = "") -> httpx.Response:
        """Ask with exactly these headers."""
        given = [(b"host", b"auth.acme.example"), *headers]
        request = httpx.Request("GET", f"{PUBLIC_URL}{PREFIX}/{name}{query}", headers=given)
        answer = await httpx.ASGITransport(self.world.workers[0].app).handle_async_request(request)
        await answer.aread()
        return answer

    async def read_with(self, cookies: bytes) -> tuple[bool, bool, int]:
        """Return what each endpoint makes of a ``Cookie`` header."""
        session, me = [await self.read(name, (b"cookie", cookies)) for name in READS]
        assert (session.status_code, me.status_code) == (200, 200)
        assert not session.headers.get_list("set-cookie")
        sessions = await self.read("sessions", (b"cookie", cookies))
        return session.json()["authenticated"], me.json()["authenticated"], sessions.status_code
