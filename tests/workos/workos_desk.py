"""A backend before an environment of WorkOS's emulator, with a clock that both go by."""

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

import httpx
from cryptography.fernet import Fernet
from workos.session import seal_session_from_auth_response

from netscript_auth_core.backends import BackendContext
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import ExternalIdentity
from netscript_auth_core.memory.provider import PausedRefresh
from netscript_auth_core.ports import AuthRequest
from netscript_auth_core.testing import InterruptibleKvStore, RecordedEvents
from netscript_auth_workos.assembly import assemble, assemble_interactive
from netscript_auth_workos.backend import WorkOSBackend
from netscript_auth_workos.configuration.settings import WorkOSSettings
from netscript_auth_workos.foundation import prepare
from netscript_auth_workos.interactive.interactive_backend import InteractiveWorkOSBackend
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from netscript_kernel.kv.memory import MemoryKvStore
from tests.support.loopback import LoopbackTransport
from tests.support.workos_emulator import TIME, WorkOSEmulator, WorkOSEnvironment, email_of

PASSWORD: Final = Fernet.generate_key().decode()
COOKIE: Final = "wos-session"
AUTHENTICATE: Final = "/user_management/authenticate"


class Wire(httpx.AsyncBaseTransport):
    """What passes between the backend and WorkOS: the time goes with it, and a test may cut or hold it.

    Attributes:
        requests: Method and path of each.
        tokens: All that came by.
    """

    def __init__(self, clock: SettableClock) -> None:
        self._clock = clock
        self._inner = LoopbackTransport()
        self._is_cut = False
        self._paused: PausedRefresh | None = None
        self.requests: list[tuple[str, str]] = []
        self.tokens: list[bytes] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass one on."""
        path = request.url.path
        self.requests.append((request.method, path))
        if self._is_cut:
            raise httpx.ConnectError("the wire is cut", request=request)
        if self._paused is not None and path.endswith(AUTHENTICATE):
            await self._paused.hold()
        request.headers[TIME] = str(self._clock.unix())
        response = await self._inner.handle_async_request(request)
        if not path.endswith(AUTHENTICATE):
            return response
        body = await response.aread()
        self.tokens += re.findall(rb'"(?:access|refresh)_token":"([^"]+)"', body)
        return httpx.Response(response.status_code, headers=response.headers, content=body)

    def count(self, ending: str) -> int:
        """How often a path with this ending was asked for."""
        return sum(path.endswith(ending) for _, path in self.requests)

    @asynccontextmanager
    async def outage(self) -> AsyncGenerator[None]:
        """Let nothing pass while the context lasts."""
        self._is_cut = True
        try:
            yield
        finally:
            self._is_cut = False

    @asynccontextmanager
    async def paused_refresh(self) -> AsyncGenerator[PausedRefresh]:
        """Hold refreshes until the context ends."""
        self._paused = paused = PausedRefresh()
        try:
            yield paused
        finally:
            self._paused = None
            paused.release()

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._inner.aclose()


@dataclass
class Desk:
    """Everything around one backend.

    Attributes:
        signed_in: What the emulator gave to the application at each sign-in.
    """

    environment: WorkOSEnvironment
    clock: SettableClock
    wire: Wire
    store: InterruptibleKvStore
    settings: WorkOSSettings
    key: str
    keys: KeyRing
    backend: WorkOSBackend
    events: RecordedEvents
    http: httpx.AsyncClient
    users: UserDirectory
    signed_in: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def open(self) -> WorkOSBackend:
        """Open another instance over the same store."""
        context = context_of(self.store, self.keys, self.clock, self.events)
        return assemble(prepare(self.settings, context, http=self.http))

    def open_interactive(self, keys: KeyRing | None = None) -> InteractiveWorkOSBackend:
        """Open an instance that people sign in through."""
        context = context_of(self.store, keys or self.keys, self.clock, self.events)
        settings = self.settings.model_copy(update={"interactive": True, "cookie_password": None})
        return assemble_interactive(prepare(settings, context, http=self.http))

    async def begin_session(self, person: str = "alice") -> dict[str, Any]:
        """Sign a person in where the application does."""
        self.signed_in.append(await self.environment.sign_in(person))
        return self.signed_in[-1]

    async def visit(self, person: str = "alice") -> AuthRequest:
        """Sign a person in, and return a request with the sealed cookie."""
        return cookie_request(python_cookie(await self.begin_session(person)))

    def identity(self, person: str) -> ExternalIdentity:
        """Return what the backend should find out of a person."""
        return ExternalIdentity(
            issuer=self.settings.environment_issuer,
            subject=self.environment.users[person],
            provider_id="authkit",
            email=email_of(person),
            email_verified=True,
            name=f"{person.title()} Acme",
        )

    def secrets(self) -> Collection[str]:
        """Return every token and key that is around."""
        tokens = [each[name] for each in self.signed_in for name in ("access_token", "refresh_token")]
        passed = [token.decode() for token in self.wire.tokens]
        return (*tokens, *passed, self.environment.api_key, PASSWORD)

    async def has_grants(self, person: str) -> bool:
        """Whether a person has a session at WorkOS."""
        return bool(await self.environment.sessions(person))

    async def end_grants(self, person: str) -> None:
        """End them all there."""
        await self.environment.end_sessions(person)

    async def sign_in(self, redirect_url: str, person: str) -> Sequence[tuple[str, str]]:
        """Walk through AuthKit."""
        return await self.environment.authorize(redirect_url, person)

    async def cancel(self, redirect_url: str) -> Sequence[tuple[str, str]]:
        """Say no there. The emulator has no page for that; this is what AuthKit sends back."""
        state = parse_qs(urlsplit(redirect_url).query)["state"][0]
        return [("error", "access_denied"), ("error_description", "no"), ("state", state)]

    def outage(self) -> Any:
        """Cut the wire."""
        return self.wire.outage()


def context_of(
    store: InterruptibleKvStore, keys: KeyRing, clock: SettableClock, events: RecordedEvents
) -> BackendContext:
    """Return what a backend stands on."""
    return BackendContext(
        public_url="http://127.0.0.1:1",
        is_production=False,
        store=store,
        keys=keys,
        users=UserDirectory(store, clock),
        clock=clock,
        events=events,
    )


@asynccontextmanager
async def open_desk(
    emulator: WorkOSEmulator,
    identities: Sequence[Mapping[str, str]] = (),
    claims: Mapping[str, object] | None = None,
    **more: str,
) -> AsyncGenerator[Desk]:
    """Open a backend before an environment of its own.

    Args:
        emulator: Has the environment.
        identities: Accounts of alice at other providers.
        claims: What its access tokens have beside the usual claims.
        more: Variables of the settings.
    """
    clock = SettableClock()
    environment = await emulator.environment(clock, identities, claims)
    variables = {
        "NETSCRIPT_PROFILE": "development",
        "WORKOS_API_KEY": environment.api_key,
        "WORKOS_CLIENT_ID": environment.client_id,
        "WORKOS_COOKIE_PASSWORD": PASSWORD,
        "WORKOS_BASE_URL": environment.base_url,
        **more,
    }
    settings = WorkOSSettings.from_environment(variables)
    wire, events = Wire(clock), RecordedEvents()
    store, key = InterruptibleKvStore(MemoryKvStore(clock)), generate_key()
    keys = KeyRing(parse_keys(key))
    async with httpx.AsyncClient(transport=wire, trust_env=False) as http:
        backend = assemble(prepare(settings, context_of(store, keys, clock, events), http=http))
        await backend.start()
        users = UserDirectory(store, clock)
        desk = Desk(environment, clock, wire, store, settings, key, keys, backend, events, http, users)
        try:
            yield desk
        finally:
            await backend.aclose()


def python_cookie(signed_in: dict[str, Any], password: str = PASSWORD) -> str:
    """Return the cookie that an application with the Python SDK sets."""
    return seal_session_from_auth_response(
        access_token=signed_in["access_token"],
        refresh_token=signed_in["refresh_token"],
        user=signed_in["user"],
        impersonator=signed_in.get("impersonator"),
        cookie_password=password,
    )


def plain_cookie(signed_in: dict[str, Any]) -> str:
    """Return the cookie that an application sets which seals nothing."""
    names = {"accessToken": "access_token", "refreshToken": "refresh_token", "user": "user"}
    return quote(json.dumps({ours: signed_in[theirs] for ours, theirs in names.items()}), safe="")


def iron_cookie_until(value: str, milliseconds: int, password: str = PASSWORD) -> str:
    """Return a cookie of the Node SDK with an end, as sealed with a time to live."""
    parts = value.removesuffix("~2").split("*")
    signed = "*".join([*parts[:5], str(milliseconds)])
    key = hashlib.pbkdf2_hmac("sha1", password.encode(), parts[6].encode(), 1, 32)
    mac = urlsafe_b64encode(hmac.digest(key, signed.encode(), "sha256")).rstrip(b"=").decode()
    return f"{signed}*{parts[6]}*{mac}~2"


def cookie_request(value: str, name: str = COOKIE) -> AuthRequest:
    """Return a request that carries a cookie, among others."""
    return AuthRequest(headers={"cookie": f"theme=dark; {name}={value}; broken=%ZZ"})


def bearer_request(signed_in: dict[str, Any]) -> AuthRequest:
    """Return a request that carries an access token."""
    return AuthRequest(headers={"authorization": f"Bearer {signed_in['access_token']}"})
