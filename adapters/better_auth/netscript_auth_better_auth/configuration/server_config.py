"""A better-auth server as configured, every value judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

DEFAULT_PATH: Final = "/api/auth"
_SECURE: Final = "__Secure-"


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What a token of the jwt plugin has to say.

    Attributes:
        issuers: Values that ``iss`` may have.
        audiences: Values of which ``aud`` has to have one.
        longest: How long it may live: what was revoked at the server is believed for as long.
    """

    issuers: frozenset[str]
    audiences: frozenset[str]
    longest: timedelta


@dataclass(frozen=True, slots=True)
class CookieNames:
    """What the server's cookies are called in browsers.

    Attributes:
        prefix: Of all of them.
    """

    prefix: str

    @classmethod
    def of(cls, prefix: str, *, is_secure: bool) -> "CookieNames":
        """Return the names that the server uses behind https, or those that it uses behind http.

        Only one of the two is ever heard: a cookie without ``__Secure-`` can be planted by whoever can answer
        for a neighbouring host over plain http (RFC 6265bis section 8.6).
        """
        return cls(f"{_SECURE}{prefix}" if is_secure else prefix)

    @property
    def session(self) -> str:
        """Of the cookie that is the credential."""
        return f"{self.prefix}.session_token"

    @property
    def forget(self) -> str:
        """Of the cookie that says that the session is not to be prolonged."""
        return f"{self.prefix}.dont_remember"

    @property
    def cache(self) -> str:
        """Of the cookie that repeats the session; it is never believed here."""
        return f"{self.prefix}.session_data"


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """One better-auth server.

    Attributes:
        base_url: Where its API is reached, without a trailing slash.
        issuer: What the outside calls it: who vouches for its people.
        sign_in_url: Where people sign in.
        cookies: What its cookies are called.
        secret: Signs its cookies; ``None`` where it alone can tell.
        account_issuers: Who is behind a provider id of its accounts.
        tokens: What its tokens have to say.
        longest_session: How long a session counts here, however often the server prolongs it.
    """

    base_url: str
    issuer: str
    sign_in_url: str
    cookies: CookieNames
    secret: bytes | None = field(repr=False)
    account_issuers: Mapping[str, str]
    tokens: TokenRules
    longest_session: timedelta

    @property
    def origin(self) -> str:
        """The origin of its pages, which it trusts without being told to."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"


def with_path(url: str) -> str:
    """Return the address of the API: one without a path gets the usual one, as in better-auth itself."""
    bare = url.rstrip("/")
    return bare if urlsplit(bare).path else bare + DEFAULT_PATH


def without_path(url: str) -> str:
    """Return an address without the usual path, so that both spellings name the same server."""
    return url.rstrip("/").removesuffix(DEFAULT_PATH)


def spellings(issuer: str) -> frozenset[str]:
    """Return what the server may call itself in tokens, depending on how its own base URL is written."""
    bare = without_path(issuer)
    return frozenset({bare, f"{bare}/", bare + DEFAULT_PATH, f"{bare}{DEFAULT_PATH}/"})
