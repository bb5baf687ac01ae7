"""auth-api, a provider and an application, each as the outside sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import httpx

from tests.support.application import Application
from tests.support.auth_api_process import API, SESSION_COOKIE
from tests.support.certificates import Certificates
from tests.support.loopback import loopback_client
from tests.support.program import Program
from tests.support.relay import Relay


class SignsPeopleIn(Protocol):
    """A provider with somebody who clicks there."""

    async def sign_in(self, authorization_url: str, login: str = "alice") -> str:
        """Sign in, and return the address to which the browser is sent back."""
        ...


@dataclass(frozen=True)
class Site:
    """Everything that runs.

    Attributes:
        url: What browsers call auth-api.
        port: Where it listens itself, on 127.0.0.1.
        application_url: What they call the application, which is on another host of the same site.
        provider: Where people sign in.
        database: The file with the sessions.
        secrets: What auth-api was started with and nobody may learn, by name.
        certificates: Of whatever ends TLS in front; ``None`` where plain HTTP is spoken.
        relays: What passed in clear in front of auth-api and of the provider, where TLS ends.
        cookie_domain: Whose hosts share the session cookie; ``None`` where it is auth-api's alone.
        environment: What auth-api was started with, where it may be started anew.
    """

    url: str
    port: int
    application_url: str
    api: Program
    application: Application
    provider: SignsPeopleIn
    database: Path
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict[str, str])
    certificates: Certificates | None = None
    relays: tuple[Relay, ...] = ()
    cookie_domain: str | None = None
    environment: Mapping[str, str] = field(repr=False, default_factory=dict[str, str])

    @property
    def session_cookie(self) -> str:
        """Full name of the session cookie."""
        if self.cookie_domain is not None:
            return f"__Secure-{SESSION_COOKIE}"
        return f"__Host-{SESSION_COOKIE}" if self.certificates else SESSION_COOKIE

    def client(self, **headers: str) -> httpx.AsyncClient:
        """Return an HTTP client with cookies of its own; it resolves addresses below auth-api's."""
        return loopback_client(self.url, self.certificates, headers)


async def begin(http: httpx.AsyncClient, **wish: str) -> str:
    """Begin a sign-in as a link does, and return the address at the provider."""
    answer = await http.get(f"{API}/signin", params=wish)
    assert answer.status_code == httpx.codes.FOUND, answer.text
    return answer.headers["location"]


async def sign_in(http: httpx.AsyncClient, provider: SignsPeopleIn, login: str = "alice") -> str:
    """Sign in as a person does, and return the callback address that completed it."""
    callback = await provider.sign_in(await begin(http), login)
    answer = await http.get(callback)
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    return callback


async def is_signed_in(http: httpx.AsyncClient) -> bool:
    """Ask auth-api whether this client has a session."""
    answer = await http.get(f"{API}/session")
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.json()["authenticated"] is True
