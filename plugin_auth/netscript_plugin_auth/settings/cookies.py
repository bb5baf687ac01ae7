"""What the session cookie is called, and which hosts get it."""

from typing import Annotated, Final

from pydantic import ValidationInfo, field_validator

from netscript_kernel.settings import Fix
from netscript_plugin_auth.addresses import parse_address
from netscript_plugin_auth.cookie_domain import check_cookie_domain
from netscript_plugin_auth.cookies import (
    DEFAULT_SESSION_NAME,
    FLASH_NAME,
    FLOW_PREFIX,
    NAME_SYNTAX,
    SIGNOUT_NAME,
    CookiePolicy,
)
from netscript_plugin_auth.settings.network import NetworkSettings

_COOKIE_DOMAIN: Final = (
    "the domain that auth-api and your applications are below, such as acme.example for auth.acme.example; "
    "leave it out unless a server on another host needs the cookie"
)


class CookieSettings(NetworkSettings):
    """The session cookie.

    Attributes:
        cookie_name: Its name, without the prefix that we add.
        cookie_domain: Whose hosts get it, all of them; ``None`` for ours alone.
    """

    cookie_name: Annotated[str, Fix("1 to 64 letters, digits, hyphens, underscores")] = DEFAULT_SESSION_NAME
    cookie_domain: Annotated[str | None, Fix(_COOKIE_DOMAIN)] = None

    def cookie_policy(self) -> CookiePolicy:
        """Return names and attributes of our cookies."""
        address = parse_address(self.public_url)
        return CookiePolicy(
            is_secure=self.is_https,
            session_base=self.cookie_name,
            host=address.host if address else "",
            domain=self.cookie_domain,
        )

    @field_validator("cookie_name")
    @classmethod
    def _cookie_name(cls, value: str) -> str:
        if not NAME_SYNTAX.fullmatch(value):
            raise ValueError("is not a cookie name of letters, digits, hyphens and underscores")
        if value.startswith(("__Host-", "__Secure-")):
            raise ValueError("has a prefix, which the service adds itself")
        if value.startswith(FLOW_PREFIX) or value in {FLASH_NAME, SIGNOUT_NAME}:
            raise ValueError("is the name of another cookie of this service")
        return value

    @field_validator("cookie_domain")
    @classmethod
    def _cookie_domain(cls, value: str | None, info: ValidationInfo) -> str | None:
        public_url = info.data.get("public_url")
        if value is None or public_url is None:
            return value  # the public URL's fault is told already
        return check_cookie_domain(value, public_url)
