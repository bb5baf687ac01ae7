"""Pretend providers made of a preset and of the answers that the provider documents for it."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import BaseModel, ConfigDict

from netscript_auth_kv_oauth import ProviderConfig, create_kv_oauth_backend, providers
from netscript_auth_kv_oauth.presets.files import get_preset
from netscript_auth_kv_oauth.presets.protocol import ClientSecret
from netscript_kernel.clock import SettableClock
from netscript_kernel.json_documents import is_object
from tests.kv_oauth.pretend import (
    CLIENT_ID,
    CLIENT_SECRET,
    KEYS,
    REDIRECT_URI,
    Counter,
    PretendProvider,
)

ANSWERS: Final = Path(__file__).parent / "answers"
NONCE: Final = "$nonce"  # in the answers, for the one of the flow
METADATA: Final = "/.well-known/openid-configuration"
SIGNING_KEY: Final = ec.generate_private_key(ec.SECP256R1())
PEM: Final = SIGNING_KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()

Json = dict[str, Any]


class Known(BaseModel):
    """The person as we are to know them."""

    model_config = ConfigDict(extra="forbid")

    issuer: str | None = None
    subject: str
    email: str | None
    email_verified: bool
    name: str | None
    picture: str | None


class Documented(BaseModel):
    """What a provider documents, in ``answers/<preset>.json``, and what we are to make of it.

    Attributes:
        parameters: Of the preset, where its examples will not do.
        registered: More of our registration there.
        authorize: Parameters of the authorization request, beside those that every one has.
        offline: Those that there are, or are different, where ``offline_access`` is asked for.
        callback: More parameters that come back.
        tokens: Of the token response, beside an access token and what is usual; ``None`` leaves one out.
        id_token: Claims, likewise.
        userinfo: The answer to the request for the person.
        emails: The answer to the request for addresses.
        scopes: As granted, where the answer says so.
        identity: The person.
        unverified: What of this is different where the address is not proven.
    """

    model_config = ConfigDict(extra="forbid")

    parameters: dict[str, str] = {}
    registered: Json = {}
    authorize: dict[str, str]
    offline: dict[str, str] | None = None
    callback: dict[str, str] = {}
    tokens: Json = {}
    id_token: Json = {}
    userinfo: Json | None = None
    emails: Any = None
    scopes: list[str] | None = None
    identity: Known
    unverified: Json | None = None


def documented(preset_id: str) -> Documented:
    """Return what a provider documents."""
    return Documented.model_validate_json((ANSWERS / f"{preset_id}.json").read_bytes())


def config_of(preset_id: str, answers: Documented | None = None, **registered: Any) -> ProviderConfig:
    """Return a preset with a registration, its parameters as in its examples."""
    preset = get_preset(preset_id)
    answers = answers or documented(preset_id)
    examples = {
        name: PEM if each.is_secret else each.example
        for name, each in preset.parameters.items()
        if each.required and each.default is None
    }
    is_made = preset.client_secret is ClientSecret.ES256_JWT
    ours: Json = {
        "client_id": CLIENT_ID,
        "client_secret": None if is_made else CLIENT_SECRET,
        "redirect_uri": REDIRECT_URI,
        **answers.registered,
        **registered,
    }
    return providers.preset(preset_id, {**examples, **answers.parameters}, **ours)


class PresetPeer(PretendProvider):
    """A provider as a preset has it. Requests go to where the preset says, or to nobody.

    Attributes:
        emails: The answer to the request for addresses.
    """

    def __init__(self, clock: SettableClock, config: ProviderConfig, answers: Documented) -> None:
        super().__init__(clock, config.metadata_issuers[0])
        self._config = config
        self.claims = {"iss": config.issuer, **answers.id_token}
        self.tokens = {"id_token": None, **answers.tokens} if not config.preset.is_openid else answers.tokens
        self.userinfo = answers.userinfo
        self.emails = answers.emails
        if answers.userinfo is None:
            del self.metadata["userinfo_endpoint"]
        endpoints = config.endpoints
        self._routes = {
            f"{config.issuer.rstrip('/')}{METADATA}": METADATA,
            "https://idp.example/jwks": "/jwks",
            endpoints.token or "https://idp.example/token": "/token",
            endpoints.refresh or "": "/token",
            endpoints.userinfo or "https://idp.example/userinfo": "/userinfo",
        }

    def path_of(self, request: httpx.Request) -> str:
        """What a request asks for: a path of the pretend provider, or the whole address."""
        address = str(request.url)
        return self._routes.get(address) or self._routes.get(address.partition("?")[0], address)

    def _answer(self, path: str) -> httpx.Response:
        call = self._config.preset.email_call
        if call is not None and path == self._config.filled(call.endpoint):
            return httpx.Response(200, json=self.emails)
        if path == "/userinfo":
            said = json.dumps(self.userinfo).replace(NONCE, self.nonce)
            return httpx.Response(200, content=said)
        return super()._answer(path)


@dataclass
class Visited(Counter):
    """A backend before a pretend provider of a preset."""

    config: ProviderConfig
    answers: Documented


@asynccontextmanager
async def open_preset(
    preset_id: str, config: ProviderConfig | None = None, answers: Documented | None = None
) -> AsyncGenerator[Visited]:
    """Open a backend before a pretend provider of a preset."""
    answers = answers or documented(preset_id)
    config = config or config_of(preset_id, answers)
    clock = SettableClock()
    idp = PresetPeer(clock, config, answers)
    async with httpx.AsyncClient(transport=httpx.MockTransport(idp.answer)) as http:
        backend = create_kv_oauth_backend(config, clock=clock, http=http, keys=KEYS)
        try:
            yield Visited(clock, idp, backend, config, answers)
        finally:
            await backend.aclose()


def changed(answers: Documented, changes: Json) -> Documented:
    """Return the answers with some of their members replaced, one level deep."""
    whole = answers.model_dump()
    merged = {name: whole[name] | value if is_object(value) else value for name, value in changes.items()}
    return answers.model_copy(update=merged)
