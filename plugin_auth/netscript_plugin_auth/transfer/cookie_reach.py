"""Whether the cookies of sessions that arrive reach this installation: nobody is signed in without."""

from collections.abc import Iterator
from typing import Final, Self
from urllib.parse import urlsplit

from netscript_kernel.contracts import WireModel
from netscript_plugin_auth.settings import AuthServiceSettings

_PUBLIC_URL: Final = AuthServiceSettings.variable("public_url")
_NAME: Final = AuthServiceSettings.variable("cookie_name")
_DOMAIN: Final = AuthServiceSettings.variable("cookie_domain")


class CookieReach(WireModel):
    """Where browsers send the session cookie of an installation, and what it is called there."""

    public_url: str
    cookie_name: str
    cookie_domain: str | None = None

    @classmethod
    def of(cls, settings: AuthServiceSettings) -> Self:
        """Return that of the installation with these settings."""
        return cls(
            public_url=settings.public_url,
            cookie_name=settings.cookie_name,
            cookie_domain=settings.cookie_domain,
        )

    def differences(self, here: "CookieReach") -> Iterator[tuple[str, str]]:
        """Yield the variables by which the cookie is not sent, or not known, and how they differ."""
        is_one_domain = self.cookie_domain is not None and self.cookie_domain == here.cookie_domain
        there, ours = urlsplit(self.public_url), urlsplit(here.public_url)
        # The port makes no difference to a cookie, and below a common domain the host makes none.
        if there.scheme != ours.scheme or (there.hostname != ours.hostname and not is_one_domain):
            yield _PUBLIC_URL, _told(self.public_url, here.public_url)
        if self.cookie_name != here.cookie_name:
            yield _NAME, _told(self.cookie_name, here.cookie_name)
        if self.cookie_domain != here.cookie_domain:
            yield _DOMAIN, _told(self.cookie_domain, here.cookie_domain)


def _told(there: str | None, here: str | None) -> str:
    return f"{_shown(there)} there, {_shown(here)} here"


def _shown(value: str | None) -> str:
    return "none" if value is None else ascii(value)
