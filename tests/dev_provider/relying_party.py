"""An independent relying party: knows the specifications and nothing of the provider's code."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from netscript_dev_provider.testing import DevProvider

ISSUER = "https://idp.localhost"
REDIRECT_URI = "https://app.localhost/callback"
SIGNED_OUT_URI = "https://app.localhost/signed-out"
JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in on its way: what was sent, and what must come back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(slots=True)
class RelyingParty:
    """One client of one provider."""

    idp: DevProvider
    client_id: str = "app"
    client_secret: str | None = "s3cret"
    redirect_uri: str = REDIRECT_URI
    http: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.AsyncClient(transport=self.idp.transport, base_url=self.idp.issuer)

    def attempt(self, scope: str | None = "openid profile email", **changes: str | None) -> Attempt:
        """Begin a sign-in; a change to ``None`` leaves a parameter out."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": s256(verifier),
            "code_challenge_method": "S256",
            **changes,
        }
        sent = {name: value for name, value in parameters.items() if value is not None}
        return Attempt(f"{self.idp.issuer}/authorize?{urlencode(sent)}", state, nonce, verifier)

    async def code(self, attempt: Attempt, persona: str = "alice") -> str:
        """Let somebody sign in and return the code."""
        return answer(await self.idp.sign_in(attempt.url, persona))["code"]

    async def exchange(self, code: str, verifier: str, **changes: str) -> httpx.Response:
        """Send a code to the token endpoint."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
            **changes,
        }
        return await self.post("/token", form)

    async def refresh(self, refresh_token: str, **changes: str) -> httpx.Response:
        """Send a refresh token to the token endpoint."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **changes}
        return await self.post("/token", form)

    async def post(self, path: str, form: dict[str, str]) -> httpx.Response:
        """Post a form with the client's credentials."""
        if self.client_secret is None:
            return await self.http.post(path, data={"client_id": self.client_id, **form})
        return await self.http.post(path, data=form, auth=(self.client_id, self.client_secret))

    async def tokens(self, scope: str = "openid profile email", persona: str = "alice") -> JsonObject:
        """Go all the way to the tokens."""
        attempt = self.attempt(scope)
        response = await self.exchange(await self.code(attempt, persona), attempt.verifier)
        assert response.status_code == 200, response.text
        return as_object(response)

    async def userinfo(self, access_token: str) -> httpx.Response:
        """Ask who an access token is about."""
        return await self.http.get("/userinfo", headers={"Authorization": f"Bearer {access_token}"})

    async def keys(self) -> KeySet:
        """Fetch the key set from where the metadata says it is."""
        metadata = as_object(await self.http.get("/.well-known/openid-configuration"))
        return KeySet.import_key_set((await self.http.get(metadata["jwks_uri"])).json())

    async def verified(self, id_token: str, nonce: str | None, now: datetime) -> JsonObject:
        """Check an id token as OpenID Connect Core 1.0 section 3.1.3.7 wants it, and return its claims."""
        token = jwt.decode(id_token, await self.keys(), algorithms=["RS256"])
        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            iss={"essential": True, "value": self.idp.issuer},
            aud={"essential": True, "value": self.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        rules.validate(token.claims)
        assert token.claims.get("nonce") == nonce
        return dict(token.claims)


def s256(verifier: str) -> str:
    """The challenge of a verifier (RFC 7636 section 4.2)."""
    return half_or_whole_hash(verifier, 32)


def at_hash(access_token: str) -> str:
    """The left half of the hash (OpenID Connect Core 1.0 section 3.1.3.6)."""
    return half_or_whole_hash(access_token, 16)


def half_or_whole_hash(text: str, octets: int) -> str:
    """So many octets of the SHA-256 of a text, base64url."""
    digest = hashlib.sha256(text.encode()).digest()[:octets]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def answer(callback_url: str) -> dict[str, str]:
    """The parameters of a callback URL, each of which must be there once."""
    parameters = parse_qs(urlsplit(callback_url).query, keep_blank_values=True, strict_parsing=True)
    assert all(len(values) == 1 for values in parameters.values()), callback_url
    return {name: values[0] for name, values in parameters.items()}


def as_object(response: httpx.Response) -> JsonObject:
    """The JSON object of a response."""
    body = response.json()
    assert isinstance(body, dict)
    return body  # pyright: ignore[reportUnknownVariableType]  a JSON object's values are anybody's
