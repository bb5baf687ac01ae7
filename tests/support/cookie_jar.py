"""Cookies as browsers keep and send them: RFC 6265bis, as far as an attack or a defence depends on it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from netscript_kernel.clock import Clock

LARGEST = 4096


@dataclass(frozen=True)
class SetCookie:
    """One ``Set-Cookie`` line, taken apart (RFC 6265bis section 5.6).

    Attributes:
        attributes: By name in lower case; without a value, the empty text.
    """

    name: str
    value: str = field(repr=False)
    attributes: dict[str, str]

    @property
    def same_site(self) -> str:
        """``strict``, ``lax`` or ``none``; what says nothing is ``lax``."""
        return self.attributes.get("samesite", "lax").lower()

    @property
    def is_deletion(self) -> bool:
        """Whether the line takes the cookie away."""
        return self.attributes.get("max-age", "1") == "0"

    @property
    def is_small_enough(self) -> bool:
        """Whether browsers look at it at all."""
        return len(self.name) + len(self.value) <= LARGEST

    @property
    def keeps_its_prefix(self) -> bool:
        """Whether a ``__Host-`` or ``__Secure-`` in the name is true (section 4.1.3)."""
        prefix = self.name.lower()
        is_secure = "secure" in self.attributes
        if prefix.startswith("__host-"):
            is_bound = "domain" not in self.attributes and self.attributes.get("path") == "/"
            return is_secure and is_bound
        return is_secure or not prefix.startswith("__secure-")


def parse_set_cookie(line: str) -> SetCookie:
    """Take a ``Set-Cookie`` line apart."""
    pair, *rest = line.split(";")
    name, _, value = pair.partition("=")
    split = (part.strip().partition("=") for part in rest)
    attributes = {key.strip().lower(): text.strip() for key, _, text in split}
    return SetCookie(name.strip(), value.strip(), attributes)


@dataclass
class _Kept:
    cookie: SetCookie
    host: str
    is_host_only: bool
    expires_at: datetime | None

    def goes_to(self, url: httpx.URL) -> bool:
        """Whether host, path and scheme are right."""
        is_subdomain = not self.is_host_only and url.host.endswith(f".{self.host}")
        path = self.cookie.attributes.get("path", "/")
        is_below = url.path == path or url.path.startswith(f"{path.rstrip('/')}/")
        is_safe = url.scheme == "https" or "secure" not in self.cookie.attributes
        return (url.host == self.host or is_subdomain) and is_below and is_safe


class CookieJar:
    """What one browser keeps.

    Args:
        clock: Tells what is over.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, str, str], _Kept] = {}

    def take(self, url: httpx.URL, line: str, *, is_cross_site_embed: bool = False) -> bool:
        """Keep, replace or delete a cookie as a response says, and tell whether the browser obeyed.

        Args:
            url: Whose response it was.
            line: Value of the header.
            is_cross_site_embed: Whether a page of another site asked, and not by navigating there.
        """
        cookie = parse_set_cookie(line)
        domain = cookie.attributes.get("domain", "").lstrip(".").lower()
        if domain and url.host != domain and not url.host.endswith(f".{domain}"):
            return False
        if not cookie.is_small_enough or not cookie.keeps_its_prefix:
            return False
        if "secure" in cookie.attributes and url.scheme != "https":
            return False
        if is_cross_site_embed and cookie.same_site != "none":
            return False
        host = domain or url.host
        key = (host, cookie.attributes.get("path", "/"), cookie.name)
        kept = _Kept(cookie, host, not domain, self._end_of(cookie))
        if kept.expires_at is None or self._clock.now() < kept.expires_at:
            self._kept[key] = kept
        else:
            self._kept.pop(key, None)
        return True

    def plant(self, url: str, name: str, value: str) -> None:
        """Put a cookie there by hand, as somebody does who sits at the keyboard."""
        cookie = SetCookie(name, value, {"path": "/", "secure": ""})
        host = httpx.URL(url).host
        self._kept[(host, "/", name)] = _Kept(cookie, host, is_host_only=True, expires_at=None)

    def forget(self, name: str) -> None:
        """Lose a cookie."""
        self._kept = {key: kept for key, kept in self._kept.items() if kept.cookie.name != name}

    def header(self, url: httpx.URL, *, is_same_site: bool, is_safe_navigation: bool) -> str:
        """Return what goes into ``Cookie``; empty for nothing.

        Args:
            url: Where the request goes.
            is_same_site: Whether a page of the same site, or the person, makes the request.
            is_safe_navigation: Whether it loads a page into a tab by GET, which cookies that are lax survive.
        """
        allowed = {"none"}
        if is_safe_navigation or is_same_site:
            allowed.add("lax")
        if is_same_site:
            allowed.add("strict")
        sent = [kept.cookie for kept in self._live() if kept.goes_to(url)]
        return "; ".join(f"{each.name}={each.value}" for each in sent if each.same_site in allowed)

    def value(self, name: str) -> str | None:
        """Return the value under a name, or ``None``."""
        return next((kept.cookie.value for kept in self._live() if kept.cookie.name == name), None)

    def names(self, prefix: str = "") -> list[str]:
        """Return the names that begin so."""
        return [kept.cookie.name for kept in self._live() if kept.cookie.name.startswith(prefix)]

    def _live(self) -> list[_Kept]:
        now = self._clock.now()
        return [kept for kept in self._kept.values() if kept.expires_at is None or now < kept.expires_at]

    def _end_of(self, cookie: SetCookie) -> datetime | None:
        if "max-age" in cookie.attributes:
            return self._clock.now() + timedelta(seconds=int(cookie.attributes["max-age"]))
        expires = cookie.attributes.get("expires")
        return parsedate_to_datetime(expires) if expires else None
