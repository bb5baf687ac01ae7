"""auth-api in front of a pretend better-auth server, which answers what a test wants it to."""

import base64
import hmac
import json
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx

from netscript_auth_better_auth import BetterAuthSettings, Mode, create_better_auth_backend
from netscript_auth_core.testing import RecordedEvents
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_plugin_auth.composition import create_auth_service
from tests.attacks.logbook import Logbook
from tests.attacks.watched_store import WatchedKvStore
from tests.support.auth_api import PREFIX, PUBLIC_URL, client_of, settings_from

SERVER = "https://acme.example"
SECRET = "the secret of the better-auth server, which signs its cookies"
COOKIE = "__Secure-better-auth.session_token"
START = datetime(2026, 1, 1, tzinfo=UTC)

Answer = Callable[[httpx.Request], httpx.Response]


def nobody() -> httpx.Response:
    """What the server says of a session that it does not know."""
    return httpx.Response(200, content=b"null", headers={"content-type": "application/json"})


def cookie_value(token: str, secret: str = SECRET) -> str:
    """Sign a token as better-auth does, by an implementation that shares no line with ours."""
    made = base64.b64encode(hmac.new(secret.encode(), token.encode(), "sha256").digest()).decode()
    return quote(f"{token}.{made}", safe="")


def good_answer(token: str, **changes: object) -> dict[str, object]:
    """What a server says of alice's session, with something changed: ``session.expiresAt``, ``user.id``."""
    session: dict[str, object] = {
        "id": "session-1",
        "token": token,
        "userId": "alice-1",
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-01T00:00:00.000Z",
        "expiresAt": "2026-01-08T00:00:00.000Z",
        "userAgent": "a browser",
    }
    user: dict[str, object] = {
        "id": "alice-1",
        "email": "alice@example.test",
        "emailVerified": True,
        "name": "Alice Adams",
    }
    parts = {"session": session, "user": user}
    for path, value in changes.items():
        part, _, name = path.partition("__")
        parts[part][name] = value
    return dict(parts)


@dataclass
class BetterAuthWorld:
    """Everything that runs.

    Attributes:
        answer: What the server answers when it is asked about a session.
        asked: What it was asked.
        keys_answer: What it answers when it is asked for its keys.
        token: Alice's session token.
    """

    clock: SettableClock
    store: WatchedKvStore
    log: Logbook
    asked: list[httpx.Request] = field(default_factory=list[httpx.Request])
    answer: Answer = field(default=lambda _: nobody())
    keys_answer: httpx.Response = field(default_factory=lambda: httpx.Response(404))
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    http: httpx.AsyncClient = field(init=False)

    def serve(self, request: httpx.Request) -> httpx.Response:
        """Be the server."""
        self.asked.append(request)
        match request.url.path:
            case "/api/auth/list-accounts":
                return httpx.Response(200, json=[])
            case "/api/auth/jwks":
                return self.keys_answer
            case _:
                return self.answer(request)

    def says(self, document: object) -> None:
        """Let the server answer 200 with a JSON document from now on."""
        text = json.dumps(document)
        self.answer = lambda _: httpx.Response(200, text=text, headers={"content-type": "application/json"})

    async def me(self, **headers: str) -> httpx.Response:
        """Ask auth-api who is signed in, and make sure of what holds for every answer."""
        made, lines = len(self.store.made), len(self.log.texts)
        answer = await self.http.get(f"{PREFIX}/me", headers=headers)
        is_somebody = answer.is_success and answer.json()["authenticated"]
        assert is_somebody or not self.store.made[made:], "something was kept of nobody"
        assert answer.is_server_error == ("retry-after" in answer.headers)
        told = [answer.text, *self.log.texts[lines:]]
        assert not [text for text in told if self.token in text or SECRET in text]
        return answer

    async def reason(self, **headers: str) -> str:
        """Ask, be told that nobody is signed in, and return why."""
        answer = await self.me(**headers)
        assert answer.status_code == httpx.codes.OK, answer.text
        body = answer.json()
        assert body["authenticated"] is False
        assert not [line for line in answer.headers.get_list("set-cookie") if "session_token=;" not in line]
        return str(body["reason"])


@asynccontextmanager
async def open_better_auth_world(
    mode: Mode = Mode.REMOTE, *, knows_secret: bool = True, before: "BetterAuthWorld | None" = None
) -> AsyncGenerator[BetterAuthWorld]:
    """Run everything while the block lasts, as in production.

    Args:
        before: Whose clock, store and person are met again, as after a restart.
    """
    clock, keys = before.clock if before else SettableClock(START), KeyRing([bytes(range(32))])
    with Logbook() as log:
        store = before.store if before else WatchedKvStore(MemoryKvStore(clock))
        world = BetterAuthWorld(clock, store, log)
        if before is not None:
            world.token, world.answer = before.token, before.answer
        settings = BetterAuthSettings.model_validate(
            {"url": SERVER, "mode": mode, **({"secret": SECRET} if knows_secret else {})}
        )
        async with httpx.AsyncClient(transport=httpx.MockTransport(world.serve)) as to_server:
            backend = create_better_auth_backend(
                settings, store=world.store, keys=keys, clock=clock, http=to_server
            )
            service = create_auth_service(
                settings_from(), backend, world.store, keys=keys, clock=clock, events=RecordedEvents()
            )
            await service.start()
            try:
                async with client_of(service, {"accept": "application/json"}, PUBLIC_URL) as http:
                    world.http = http
                    yield world
            finally:
                await service.stop()


def in_a_moment(clock: SettableClock, life: timedelta) -> int:
    """Return an instant as tokens have it."""
    return int((clock.now() + life).timestamp())
