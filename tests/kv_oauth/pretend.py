"""A provider made of plain answers, and a backend before it: for what no real provider should answer."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
from joserfc import jwk, jws
from joserfc.util import urlsafe_b64encode

from netscript_auth_core.ports import (
    Authenticated,
    AuthRequest,
    CallbackRequest,
    SigninCompleted,
    SigninRequest,
    SigninStarted,
)
from netscript_auth_kv_oauth import KvOAuthBackend, ProviderConfig, create_kv_oauth_backend, providers
from netscript_kernel.clock import Clock, SettableClock
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys

FIRST_KEY = jwk.RSAKey.generate_key(2048, {"kid": "one"})
KEYS = KeyRing(parse_keys(generate_key()))

ISSUER = "https://idp.example"
CLIENT_ID = "app"
CLIENT_SECRET = "the secret/of+app"
REDIRECT_URI = "https://auth.example/api/v1/auth/callback"

Answer = Callable[[httpx.Request], httpx.Response | None]


class PretendProvider:
    """Answers metadata, keys, tokens and userinfo. Its parts may be changed at any time.

    Attributes:
        metadata: As it is served.
        keys: What is published.
        signing_key: What signs.
        algorithm: With which it signs.
        header: More members of the header.
        claims: More claims, or instead; ``None`` leaves one out.
        tokens: More members of the token response, or instead; ``None`` leaves one out.
        userinfo: As it is served.
        overrides: Path to what is answered instead.
    """

    def __init__(self, clock: Clock, issuer: str = ISSUER) -> None:
        self._clock = clock
        self.nonce = ""
        self.signing_key: jwk.Key = FIRST_KEY
        self.algorithm = "RS256"
        self.keys: list[Any] = [self.signing_key.as_dict(private=False)]
        self.header: dict[str, object] = {"kid": "one"}
        self.claims: dict[str, object] = {}
        self.tokens: dict[str, object] = {}
        self.userinfo: object = {"sub": "somebody", "name": "Some Body", "email": "some@body.example"}
        self.overrides: dict[str, Answer] = {}
        self.requests: list[httpx.Request] = []
        self.metadata: dict[str, object] = {
            "issuer": issuer,
            "authorization_endpoint": "https://idp.example/authorize",
            "token_endpoint": "https://idp.example/token",
            "jwks_uri": "https://idp.example/jwks",
            "userinfo_endpoint": "https://idp.example/userinfo",
        }

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(self.path_of(request) == path for request in self.requests)

    def forms(self, path: str) -> list[dict[str, str]]:
        """Return the forms that were sent to a path, or what was sent in their place."""
        asked = [request for request in self.requests if self.path_of(request) == path]
        return [_fields(request) for request in asked]

    def path_of(self, request: httpx.Request) -> str:
        """What a request asks for."""
        return request.url.path

    def agree(self, redirect_url: str, code: str = "a-code") -> list[tuple[str, str]]:
        """Sign in at once, as whoever the claims name."""
        query = parse_qs(urlsplit(redirect_url).query)
        self.nonce = query.get("nonce", [""])[0]
        return [("code", code), ("state", query["state"][0])]

    def id_token(self) -> str:
        """Return an id token as it would be issued now."""
        now = int(self._clock.unix())
        claims = {
            "iss": self.metadata["issuer"],
            "aud": CLIENT_ID,
            "sub": "somebody",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "name": "Some Body",
            "email": "some@body.example",
            "email_verified": True,
            **self.claims,
        }
        return sign(_without_none(claims), self.signing_key, self.algorithm, self.header)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        await request.aread()
        self.requests.append(request)
        path = self.path_of(request)
        instead = self.overrides[path](request) if path in self.overrides else None
        return instead or self._answer(path)

    def _answer(self, path: str) -> httpx.Response:
        match path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self.metadata)
            case "/jwks":
                return httpx.Response(200, json={"keys": self.keys})
            case "/token":
                return httpx.Response(200, json=self._token_response())
            case "/userinfo":
                return httpx.Response(200, json=self.userinfo)
            case _:
                return httpx.Response(404)

    def _token_response(self) -> dict[str, object]:
        return _without_none(
            {
                "access_token": "an-access-token",
                "token_type": "Bearer",
                "expires_in": 3600,
                "id_token": self.id_token(),
                **self.tokens,
            }
        )


def sign(
    claims: Mapping[str, object], key: jwk.Key, algorithm: str, header: Mapping[str, object] | None = None
) -> str:
    """Return a compact JWS of any header and any claims, which joserfc itself would refuse to write."""
    members = _without_none({"alg": algorithm, "typ": "JWT", **(header or {})})
    signed = b".".join(urlsafe_b64encode(orjson.dumps(part)) for part in (members, dict(claims)))
    signature = jws.JWSRegistry.algorithms[algorithm].sign(signed, key)
    return f"{signed.decode()}.{urlsafe_b64encode(signature).decode()}"


def _fields(request: httpx.Request) -> dict[str, str]:
    """Return what a form says, or a JSON object in its place."""
    if request.headers.get("content-type") == "application/json":
        said: dict[str, str] = orjson.loads(request.content)
        return said
    form = parse_qs(request.content.decode(), keep_blank_values=True)
    return {name: values[0] for name, values in form.items()}


def _without_none(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}


@dataclass
class Counter:
    """A backend before a pretend provider."""

    clock: SettableClock
    idp: PretendProvider
    backend: KvOAuthBackend

    async def start(self) -> SigninStarted:
        """Begin a sign-in."""
        return await self.backend.interactive.start(SigninRequest(None, "/"))

    async def sign_in(self, **more: str) -> SigninCompleted:
        """Go all the way; ``more`` are further parameters of the callback."""
        started = await self.start()
        parameters = [*self.idp.agree(started.redirect_url), *more.items()]
        return await self.call_back(started, parameters)

    async def call_back(self, started: SigninStarted, parameters: list[tuple[str, str]]) -> SigninCompleted:
        """Come back from the provider."""
        cookies = {started.cookie.flow_id: started.cookie.value}
        return await self.backend.interactive.complete(CallbackRequest(parameters, flow_cookies=cookies))

    async def name_of(self, token: str) -> str | None:
        """Return the name of who has this token."""
        outcome = await self.backend.authenticate(AuthRequest((token,)))
        assert isinstance(outcome, Authenticated)
        return outcome.identity.user.name


def pretend_config(**changes: Any) -> ProviderConfig:
    """The pretend provider, as an application configures it."""
    config = providers.oidc(
        issuer=ISSUER, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uri=REDIRECT_URI
    )
    return replace(config, **changes)


@asynccontextmanager
async def open_pretend(
    config: ProviderConfig | None = None, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncGenerator[Counter]:
    """Open a backend before a pretend provider, over a transport of the test's own if it has one."""
    clock = SettableClock()
    config = config or pretend_config()
    idp = PretendProvider(clock, config.issuer)
    async with httpx.AsyncClient(transport=transport or httpx.MockTransport(idp.answer)) as http:
        backend = create_kv_oauth_backend(config, clock=clock, http=http, keys=KEYS)
        try:
            yield Counter(clock, idp, backend)
        finally:
            await backend.aclose()
