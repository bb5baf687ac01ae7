"""What a backend is told of the connection that a request came by."""

from typing import Any

import httpx
import pytest

from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.ports import Anonymous, AuthRequest
from netscript_plugin_auth.cookies import CookiePolicy
from netscript_plugin_auth.visitor import Visitors
from tests.support.auth_api import PREFIX, SAME_ORIGIN, SESSION_COOKIE, client_of, running_auth_api

VISITORS = Visitors(CookiePolicy(is_secure=True, session_base="netscript-session").session_reader())
FORGED = [
    (b"x-forwarded-for", b"10.1.2.3"),
    (b"forwarded", b"for=10.1.2.3"),
    (b"x-real-ip", b"10.1.2.3"),
]


@pytest.mark.parametrize(
    ("client", "peer"),
    [(("192.0.2.7", 4711), "192.0.2.7"), (("::1", 4711), "::1"), (("", 0), None), (None, None)],
)
def test_the_peer_is_the_address_of_the_connection(client: object, peer: str | None) -> None:
    scope: dict[str, Any] = {"type": "http", "headers": FORGED, "client": client}

    assert VISITORS.read(scope).peer == peer


def test_a_server_that_tells_no_peer_is_no_fault() -> None:
    assert VISITORS.read({"type": "http", "headers": FORGED}).peer is None


class PeerNoting(MemoryAuthBackend):
    """Keeps what its tokens were asked with."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asked: list[AuthRequest] = []
        recognise = self.tokens.recognise

        def noting(request: AuthRequest) -> str | Anonymous:
            self.asked.append(request)
            return recognise(request)

        vars(self.tokens)["recognise"] = noting


async def test_a_sign_out_tells_the_peer_as_well() -> None:
    async with running_auth_api(PeerNoting) as api:
        assert isinstance(api.backend, PeerNoting)
        async with client_of(api.service, SAME_ORIGIN) as client:
            cookie = {"cookie": f"{SESSION_COOKIE}={'A' * 43}"}

            answer = await client.post(f"{PREFIX}/signout", json={}, headers=cookie)

    assert answer.status_code == httpx.codes.OK
    assert {each.peer for each in api.backend.asked} == {"127.0.0.1"}
