"""What a development provider is told at its start."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import SplitResult, urlsplit

from netscript_dev_provider.loopback import is_loopback_name
from netscript_dev_provider.personas import PERSONAS, Persona

_URI_CHARACTERS: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")  # RFC 3986 section 2
# No user information and nothing that could end a source in a Content-Security-Policy header.
_AUTHORITY: Final = re.compile(r"(?:[A-Za-z0-9\-._]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Client:
    """An application that people sign in to.

    Attributes:
        client_id: Its public name.
        client_secret: Its secret; ``None`` makes it a public client, which must use PKCE.
        redirect_uris: Where answers may go. Compared character by character.
        post_logout_redirect_uris: Where people may be sent after signing out. Compared likewise.
        backchannel_logout_uri: Where it is told that somebody signed out here; ``None`` where it is not.
    """

    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None

    def __post_init__(self) -> None:
        """Refuse a client that nobody could use, or that would send people to no web address."""
        if not self.client_id:
            raise ValueError("a client needs a client_id, such as 'netscript-dev'")
        if self.client_secret == "":
            raise ValueError("client_secret is empty; leave it out for a public client")
        if not self.redirect_uris:
            raise ValueError(f"client {self.client_id!r} needs at least one redirect URI")
        for uri in (*self.redirect_uris, *self.post_logout_redirect_uris):
            check_redirect_uri(uri)
        if self.backchannel_logout_uri is not None:
            check_redirect_uri(self.backchannel_logout_uri)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long things are good for."""

    code: timedelta = timedelta(seconds=60)
    access_token: timedelta = timedelta(seconds=300)
    id_token: timedelta = timedelta(seconds=300)
    logout_token: timedelta = timedelta(seconds=120)
    refresh_token: timedelta = timedelta(days=1)
    sign_in_page: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """One provider.

    Attributes:
        issuer: Its URL, such as ``http://localhost:9094``; may have a path, must be a loopback name.
        clients: The applications that it knows.
        personas: The people who can sign in.
        lifetimes: How long codes and tokens are good for.
        slow_delay: How late the token endpoint answers for the persona ``slow``.
        auto_sign_in: Answer at once, without a page, when ``login_hint`` names a persona; for tests without
            a browser.
    """

    issuer: str
    clients: tuple[Client, ...]
    personas: tuple[Persona, ...] = PERSONAS
    lifetimes: Lifetimes = Lifetimes()
    slow_delay: timedelta = timedelta(seconds=3)
    auto_sign_in: bool = False

    def __post_init__(self) -> None:
        """Refuse an issuer that is not ours to be, and names that are taken twice."""
        check_issuer(self.issuer)
        if not self.clients:
            raise ValueError("a provider needs at least one client")
        _refuse_twins("client_id", [client.client_id for client in self.clients])
        _refuse_twins("persona", [persona.key for persona in self.personas])

    @property
    def base_path(self) -> str:
        """The path of the issuer without a trailing slash; empty for most."""
        return urlsplit(self.issuer).path.rstrip("/")

    def url(self, path: str) -> str:
        """Return the absolute URL of an endpoint, such as ``url("/token")``."""
        return f"{self.issuer.rstrip('/')}{path}"

    def client(self, client_id: str) -> Client | None:
        """Return the client of that name, or ``None``."""
        return next((client for client in self.clients if client.client_id == client_id), None)

    def persona(self, key: str) -> Persona | None:
        """Return the persona of that key, or ``None``."""
        return next((persona for persona in self.personas if persona.key == key), None)

    def persona_for_hint(self, hint: str) -> Persona | None:
        """Return the persona that a ``login_hint`` means, or ``None``."""
        return next((persona for persona in self.personas if persona.answers_to(hint)), None)


def check_issuer(issuer: str) -> None:
    """Raise ``ValueError`` unless this is an http(s) URL on a loopback name.

    Source: OpenID Connect Discovery 1.0 section 3, but for the plain HTTP.
    """
    parts = _split(issuer)
    if parts is None or parts.query or parts.fragment or "?" in issuer or "#" in issuer:
        raise ValueError(
            f"issuer {issuer!r} must be a URL such as http://localhost:9094, without query and fragment"
        )
    if not is_loopback_name(parts.hostname or ""):
        raise ValueError(
            f"issuer {issuer!r} is not on loopback; use localhost, a name ending in .localhost, or 127.0.0.1"
        )


def check_redirect_uri(uri: str) -> None:
    """Raise ``ValueError`` unless this is an absolute http(s) URL, no fragment (RFC 6749 section 3.1.2)."""
    parts = _split(uri)
    if parts is None or "#" in uri:
        raise ValueError(f"redirect URI {uri!r} must be an absolute http or https URL without fragment")


def origin_of(uri: str) -> str:
    """Return scheme, host and port of a URL that :func:`check_redirect_uri` let pass."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _split(uri: str) -> SplitResult | None:
    if not _URI_CHARACTERS.fullmatch(uri):
        return None
    try:
        parts = urlsplit(uri)
        port_is_sound = parts.port is None or parts.port > 0
    except ValueError:
        return None
    usable = parts.scheme in {"http", "https"} and port_is_sound and _AUTHORITY.fullmatch(parts.netloc)
    return parts if usable else None


def _refuse_twins(what: str, names: list[str]) -> None:
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise ValueError(f"{what} {', '.join(twins)} is configured twice")
