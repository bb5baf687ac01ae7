"""A real better-auth server (npm ``better-auth``) on loopback, whose time a test can move."""

import json
import secrets
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import httpx
import pytest

from netscript_kernel.clock import Clock
from tests.support.loopback import PATIENCE_SECONDS, LoopbackTransport
from tests.support.node import NODE, require_packages
from tests.support.processes import running

FOLDER = Path(__file__).parents[1] / "peers" / "better_auth"
PASSWORD = "correct horse battery staple"
ED25519 = {"alg": "EdDSA", "crv": "Ed25519"}
_CLOCK_HEADER = "x-test-clock"


@dataclass(frozen=True)
class SignedIn:
    """Somebody who has just signed in at the server.

    Attributes:
        token: The bare session token.
        cookies: What the browser got, by name.
    """

    user_id: str
    token: str = field(repr=False)
    cookies: Mapping[str, str] = field(repr=False)

    @property
    def cookie_header(self) -> str:
        """All of the cookies, as a browser sends them."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


@dataclass(frozen=True)
class BetterAuthServer:
    """A running server.

    Attributes:
        url: Its base URL, without the path of its API.
        address: Where it can be reached without resolving a name.
        secret: Signs its cookies.
    """

    url: str
    address: str
    secret: str = field(repr=False)

    def client(self, clock: Clock | None = None) -> "ClockedClient":
        """Return a client whose requests the server answers as at the time of a clock."""
        return ClockedClient(self, clock)


class ClockedTransport(httpx.AsyncBaseTransport):
    """Tells the server what time it is, and can be cut.

    Attributes:
        is_cut: Whether nothing is reached.
        cut_at: A path that is not.
        answers: What is answered instead of the server, by path.
        requests: What passed.
    """

    def __init__(self, clock: Clock | None) -> None:
        self._clock = clock
        self._inner = LoopbackTransport()
        self.is_cut = False
        self.cut_at: str | None = None
        self.answers: dict[str, httpx.Response] = {}
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.is_cut or request.url.path == self.cut_at:
            raise httpx.ConnectError("it was cut for a test", request=request)
        if request.url.path in self.answers:
            return self.answers[request.url.path]
        if self._clock is not None:
            request.headers[_CLOCK_HEADER] = str(round(self._clock.unix() * 1000))
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class ClockedClient:
    """What people and administrators do at the server.

    Args:
        server: Where.
        clock: The time there.
    """

    def __init__(self, server: BetterAuthServer, clock: Clock | None = None) -> None:
        self.server = server
        self._clock = clock
        self._suffix = secrets.token_hex(6)
        self._known: set[str] = set()

    def address_of(self, person: str) -> str:
        """Return an e-mail address that nobody of another test has."""
        return f"{person}-{self._suffix}@people.example.test"

    async def sign_in(self, person: str = "alice", **more: object) -> SignedIn:
        """Sign a person in, who signs up the first time."""
        fields = {"email": self.address_of(person), "password": PASSWORD, **more}
        if person in self._known:
            answer = await self.ask("POST", "/api/auth/sign-in/email", fields)
        else:
            self._known.add(person)
            answer = await self.ask("POST", "/api/auth/sign-up/email", {**fields, "name": person.title()})
        assert answer.status_code == httpx.codes.OK, answer.text
        body = answer.json()
        return SignedIn(body["user"]["id"], body["token"], _cookies(answer))

    async def token_of(self, person: SignedIn) -> str:
        """Return a token of the jwt plugin."""
        answer = await self.ask("GET", "/api/auth/token", headers={"cookie": person.cookie_header})
        assert answer.status_code == httpx.codes.OK, answer.text
        token: str = answer.json()["token"]
        return token

    async def act(self, act: str, **fields: object) -> object:
        """Do what only an administrator could."""
        answer = await self.ask("POST", f"/test/{act}", fields)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    async def tokens_of(self, user_id: str) -> list[str]:
        """Return the session tokens that the server keeps of somebody."""
        sessions = cast("list[dict[str, str]]", await self.act("sessions", userId=user_id))
        return [each["token"] for each in sessions]

    async def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send one request."""
        async with httpx.AsyncClient(
            transport=ClockedTransport(self._clock), timeout=PATIENCE_SECONDS
        ) as http:
            return await http.request(method, self.server.address + path, json=body, headers=headers)


@contextmanager
def run_better_auth(
    *,
    hostname: str = "127.0.0.1",
    base_url: str | None = None,
    port: int = 0,
    database: str = "memory",
    signing_key: Mapping[str, object] = ED25519,
    cookie_cache: bool = True,
    cookie_domain: str | None = None,
    trusted_origins: Sequence[str] = (),
    rate_limit: bool = False,
    federation: Mapping[str, object] | None = None,
) -> Generator[BetterAuthServer]:
    """Run a server while the block lasts; see the top of ``server.mjs``."""
    require_packages(FOLDER)
    secret = secrets.token_urlsafe(32)
    options = {
        "hostname": hostname,
        "port": port,
        "baseURL": base_url,
        "secret": secret,
        "database": database,
        "signingKey": signing_key,
        "cookieCache": cookie_cache,
        "cookieDomain": cookie_domain,
        "trustedOrigins": list(trusted_origins),
        "rateLimit": rate_limit,
        "federation": federation,
    }
    command = [str(NODE), str(FOLDER / "server.mjs"), json.dumps(options)]
    with running(command, r"^listening (?P<url>\S+) (?P<port>\d+)") as ready:
        yield BetterAuthServer(ready["url"], f"http://127.0.0.1:{ready['port']}", secret)


@pytest.fixture(scope="session")
def better_auth() -> Iterator[BetterAuthServer]:
    """One server for the session, with its sessions in memory; each test brings people of its own."""
    with run_better_auth() as server:
        yield server


def _cookies(answer: httpx.Response) -> dict[str, str]:
    pairs = (line.partition(";")[0].partition("=") for line in answer.headers.get_list("set-cookie"))
    return {name: value for name, _, value in pairs}
