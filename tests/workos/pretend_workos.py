"""A WorkOS made of plain answers: for what no emulator answers, with keys of our own to sign with."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwk, jwt

from netscript_auth_core.domain import Device
from netscript_auth_core.ports import AuthRequest, CallbackRequest, IssuedSession, Outcome, SigninRequest
from netscript_auth_core.testing import InterruptibleKvStore, RecordedEvents
from netscript_auth_workos.assembly import assemble, assemble_interactive
from netscript_auth_workos.backend import WorkOSBackend
from netscript_auth_workos.configuration.settings import WorkOSSettings
from netscript_auth_workos.foundation import prepare
from netscript_auth_workos.interactive.interactive_backend import InteractiveWorkOSBackend
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from netscript_kernel.kv.memory import MemoryKvStore
from tests.workos.workos_desk import PASSWORD, context_of, python_cookie

CLIENT_ID: Final = "client_01"
ISSUER: Final = f"https://api.workos.com/user_management/{CLIENT_ID}"
USER_ID: Final = "user_01"
SESSION_ID: Final = "session_01"
KEY: Final = jwk.RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER_KEY: Final = jwk.RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})

Answer = Callable[[httpx.Request], httpx.Response]
Act = Callable[[], Awaitable[object]]


@dataclass
class PretendWorkOS:
    """Answers as recorded from documentation and SDKs in November 2026; each answer may be replaced.

    Attributes:
        clock: The time of everything.
        store: Of the backend.
        keys: What is published.
        overrides: Ending of a path to what is answered instead.
        requests: All that arrived.
        meanwhile: Ending of a path to what happens before it is answered.
    """

    clock: SettableClock
    store: InterruptibleKvStore
    keys: list[jwk.Key] = field(default_factory=lambda: [KEY])
    overrides: dict[str, Answer] = field(default_factory=dict[str, Answer])
    requests: list[httpx.Request] = field(default_factory=list[httpx.Request])
    meanwhile: dict[str, Act] = field(default_factory=dict[str, Act])

    @property
    def user(self) -> dict[str, Any]:
        """The person."""
        return {
            "object": "user",
            "id": USER_ID,
            "email": "alice@acme.test",
            "email_verified": True,
            "first_name": "Alice",
            "last_name": "Acme",
            "profile_picture_url": None,
            "external_id": None,
            "last_sign_in_at": None,
            "created_at": self._text(),
            "updated_at": self._text(),
        }

    @property
    def session(self) -> dict[str, Any]:
        """Her session."""
        return {
            "object": "session",
            "id": SESSION_ID,
            "user_id": USER_ID,
            "ip_address": "192.0.2.1",
            "user_agent": "Mozilla/5.0",
            "auth_method": "oauth",
            "status": "active",
            "created_at": "2026-01-01T00:00:00.000Z",
            "updated_at": "2026-01-01T00:00:00.000Z",
            "expires_at": "2026-03-01T00:00:00.000Z",
            "ended_at": None,
            "impersonator": None,
        }

    def token(self, *, key: jwk.Key = KEY, header: dict[str, Any] | None = None, **claims: object) -> str:
        """Sign an access token; a claim of ``None`` is left out."""
        now = int(self.clock.unix())
        usual = {
            "iss": ISSUER,
            "sub": USER_ID,
            "sid": SESSION_ID,
            "client_id": CLIENT_ID,
            "auth_time": now,
            "jti": "01",
            "iat": now,
            "exp": now + 300,
        }
        told = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": key.kid, **(header or {})}, told, key)

    def signed_in(self, **claims: Any) -> dict[str, Any]:
        """Return what an application gets for a code."""
        return {"access_token": self.token(**claims), "refresh_token": "refresh-one", "user": self.user}

    def cookie(self, **claims: Any) -> str:
        """Return a cookie of the Python SDK."""
        return python_cookie(self.signed_in(**claims))

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.requests.append(request)
        path = request.url.path
        for ending, act in tuple(self.meanwhile.items()):
            if path.endswith(ending):
                await act()
        for ending, override in self.overrides.items():
            if path.endswith(ending):
                return override(request)
        return httpx.Response(200, json=self._usual(path))

    @asynccontextmanager
    async def store_that_fails_after(self, ending: str) -> AsyncGenerator[None]:
        """Cut the store off once a path with this ending was asked for, until the context ends."""
        async with AsyncExitStack() as outage:
            self.meanwhile[ending] = lambda: outage.enter_async_context(self.store.outage())
            try:
                yield
            finally:
                del self.meanwhile[ending]

    def count(self, ending: str) -> int:
        """How often a path with this ending was asked for."""
        return sum(request.url.path.endswith(ending) for request in self.requests)

    def _usual(self, path: str) -> object:
        if "/sso/jwks/" in path:
            return {"keys": [key.as_dict(private=False) for key in self.keys]}
        if path.endswith("/sessions"):
            return {
                "object": "list",
                "data": [self.session],
                "list_metadata": {"before": None, "after": None},
            }
        if path.endswith("/identities"):
            return []
        if path.endswith("/authenticate"):
            return {**self.signed_in(), "refresh_token": "refresh-two"}
        return self.user

    def _text(self) -> str:
        return self.clock.now().isoformat().replace("+00:00", "Z")


def answers(body: object, status: int = 200, **headers: str) -> Answer:
    """Return what always answers the same: JSON, or text as it is."""
    if isinstance(body, str):
        return lambda _: httpx.Response(status, text=body, headers=headers)
    return lambda _: httpx.Response(status, json=body, headers=headers)


# Where somebody may be missing, this is an answer.
NOT_FOUND: Final[Answer] = answers({"message": "Not Found", "code": "entity_not_found"}, 404)


@asynccontextmanager
async def open_pretend(**variables: str) -> AsyncGenerator[tuple[PretendWorkOS, WorkOSBackend]]:
    """Open a backend before a pretended WorkOS.

    Args:
        variables: More of the settings, by their whole names.
    """
    clock = SettableClock()
    store = InterruptibleKvStore(MemoryKvStore(clock))
    workos = PretendWorkOS(clock, store)
    settings = WorkOSSettings.from_environment(
        {
            "WORKOS_API_KEY": "sk_test_of_nobody",
            "WORKOS_CLIENT_ID": CLIENT_ID,
            "WORKOS_COOKIE_PASSWORD": PASSWORD,
            **variables,
        }
    )
    context = context_of(store, KeyRing(parse_keys(generate_key())), clock, RecordedEvents())
    async with httpx.AsyncClient(transport=httpx.MockTransport(workos.answer)) as http:
        backend = assemble(prepare(settings, context, http=http))
        try:
            yield workos, backend
        finally:
            await backend.aclose()


@dataclass
class Interactive:
    """A backend that people sign in through, before a pretended WorkOS.

    Attributes:
        open: Opens another one on the same store, with these keys.
    """

    workos: PretendWorkOS
    key: str
    backend: InteractiveWorkOSBackend
    open: Callable[[KeyRing], InteractiveWorkOSBackend]

    async def sign_in(self, *old: IssuedSession) -> IssuedSession:
        """Sign alice in, in a browser with these sessions."""
        return await self.come_back([("code", "a-code")], *old)

    async def come_back(self, parameters: list[tuple[str, str]], *old: IssuedSession) -> IssuedSession:
        """Begin a sign-in, and come back with a state and these parameters."""
        started = await self.backend.interactive.start(SigninRequest(None, "/"))
        state = parse_qs(urlsplit(started.redirect_url).query)["state"][0]
        request = CallbackRequest(
            [*parameters, ("state", state)],
            flow_cookies={started.cookie.flow_id: started.cookie.value},
            session_tokens=tuple(each.token for each in old),
            device=Device(user_agent="a browser"),
        )
        return (await self.backend.interactive.complete(request)).issued

    async def ask(self, issued: IssuedSession, of: InteractiveWorkOSBackend | None = None) -> Outcome:
        """Ask as the holder of a session, this backend or another one."""
        return await (of or self.backend).authenticate(AuthRequest((issued.token,)))


@asynccontextmanager
async def open_interactive_pretend() -> AsyncGenerator[Interactive]:
    """Open a backend that people sign in through before a pretended WorkOS."""
    clock = SettableClock()
    store, events, key = InterruptibleKvStore(MemoryKvStore(clock)), RecordedEvents(), generate_key()
    workos = PretendWorkOS(clock, store)
    settings = WorkOSSettings.from_environment(
        {
            "WORKOS_API_KEY": "sk_test_of_nobody",
            "WORKOS_CLIENT_ID": CLIENT_ID,
            "NETSCRIPT_AUTH_WORKOS_INTERACTIVE": "true",
        }
    )
    async with httpx.AsyncClient(transport=httpx.MockTransport(workos.answer)) as http:

        def reopen(keys: KeyRing) -> InteractiveWorkOSBackend:
            return assemble_interactive(prepare(settings, context_of(store, keys, clock, events), http=http))

        backend = reopen(KeyRing(parse_keys(key)))
        try:
            yield Interactive(workos, key, backend, reopen)
        finally:
            await backend.aclose()
