"""WorkOS's own emulator of its API (npm ``workos``) on loopback, and its Node SDK beside it.

What differs from production is brought closer in ``tests/peers/workos_emulator``; see there. Time there goes
by the header ``x-peer-time`` of each request.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import httpx
import pytest

from netscript_kernel.clock import Clock
from tests.support.loopback import loopback_client
from tests.support.node import NODE, require_packages
from tests.support.processes import running

FOLDER = Path(__file__).parents[1] / "peers" / "workos_emulator"
TIME: Final = "x-peer-time"
PEOPLE: Final = ("alice", "bob")


def email_of(person: str) -> str:
    """Return a person's address."""
    return f"{person}@acme.test"


@dataclass(frozen=True)
class WorkOSEnvironment:
    """One environment of the emulator, with ``alice`` and ``bob`` in it and nobody signed in.

    Attributes:
        base_url: Of its API.
        users: Person to the id at WorkOS.
    """

    base_url: str
    client_id: str
    api_key: str = field(repr=False)
    users: Mapping[str, str]
    clock: Clock

    async def post(self, path: str, body: Mapping[str, object]) -> httpx.Response:
        """Ask the API with its key, at the time of the clock."""
        async with self._http() as http:
            return await http.post(f"{self.base_url}{path}", json=body)

    async def sign_in(self, person: str) -> dict[str, Any]:
        """Sign a person in as an application does, and return what it gets."""
        body = {"grant_type": "password", "email": email_of(person), "password": f"password of {person}"}
        client = {"client_id": self.client_id, "client_secret": self.api_key}
        answer = await self.post("/user_management/authenticate", {**body, **client})
        assert answer.status_code == httpx.codes.OK, answer.text
        signed_in: dict[str, Any] = answer.json()
        return signed_in

    async def sessions(self, person: str) -> list[dict[str, Any]]:
        """Return the sessions that a person has there."""
        async with self._http() as http:
            answer = await http.get(f"{self.base_url}/user_management/users/{self.users[person]}/sessions")
        sessions: list[dict[str, Any]] = answer.json()["data"]
        return sessions

    async def end_sessions(self, person: str) -> None:
        """End all sessions of a person, as the dashboard does."""
        for session in await self.sessions(person):
            await self.post("/user_management/sessions/revoke", {"session_id": session["id"]})

    async def rename(self, person: str, first_name: str) -> None:
        """Give a person another first name, as the dashboard does."""
        async with self._http() as http:
            url = f"{self.base_url}/user_management/users/{self.users[person]}"
            answer = await http.put(url, json={"first_name": first_name})
        assert answer.is_success, answer.text

    async def authorize(self, authorization_url: str, person: str) -> Sequence[tuple[str, str]]:
        """Walk through AuthKit as a person, and return what the browser brings back.

        The emulator has no page: whoever is hinted at is signed in.
        """
        parts = urlsplit(authorization_url)
        query = [pair for pair in parse_qsl(parts.query) if pair[0] != "login_hint"]
        hinted = httpx.QueryParams([*query, ("login_hint", email_of(person))])
        async with self._http() as http:
            answer = await http.get(urlunsplit(parts._replace(query=str(hinted))))
        assert answer.is_redirect, answer.text
        return parse_qsl(urlsplit(answer.headers["location"]).query)

    def _http(self) -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {self.api_key}", TIME: str(self.clock.unix())}
        return loopback_client(headers=headers)


@dataclass(frozen=True)
class WorkOSEmulator:
    """The running emulator.

    Attributes:
        address: Where it is.
    """

    address: str

    async def environment(
        self,
        clock: Clock,
        identities: Sequence[Mapping[str, str]] = (),
        claims: Mapping[str, object] | None = None,
    ) -> WorkOSEnvironment:
        """Make a new environment.

        Args:
            clock: Its time.
            identities: Accounts of alice at other providers.
            claims: What its access tokens have beside the usual claims.
        """
        client_id, api_key = f"client_{secrets.token_hex(8)}", f"sk_test_{secrets.token_hex(16)}"
        people = [
            {
                "email": email_of(person),
                "password": f"password of {person}",
                "first_name": person.title(),
                "last_name": "Acme",
                "email_verified": True,
                "identities": list(identities) if person == "alice" else [],
            }
            for person in PEOPLE
        ]
        wish = {"clientId": client_id, "apiKey": api_key, "people": people, "claims": claims}
        made = await self._ask("/_environments", wish)
        users = {person: made["users"][email_of(person)] for person in PEOPLE}
        return WorkOSEnvironment(made["baseUrl"], client_id, api_key, users, clock)

    async def node_sdk(self, call: str, argument: Mapping[str, object]) -> Any:
        """Call a method of the Node SDK that asks no server, such as one that seals."""
        wish = {"clientId": "client_node", "apiKey": "sk_node", "call": call, "argument": argument}
        return await self._ask("/_node", wish)

    async def _ask(self, path: str, wish: Mapping[str, object]) -> Any:
        async with loopback_client() as http:
            answer = await http.post(f"{self.address}{path}", json=wish)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()


@pytest.fixture(scope="session")
def workos_emulator() -> Iterator[WorkOSEmulator]:
    """The emulator; each test makes an environment of its own in it."""
    require_packages(FOLDER)
    with running([str(NODE), str(FOLDER / "emulator.mjs")], r"^listening (?P<port>\d+)$") as ready:
        yield WorkOSEmulator(f"http://127.0.0.1:{ready['port']}")
