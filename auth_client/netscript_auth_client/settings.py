"""What a service reads from its environment: ``NETSCRIPT_CALLERS_*``."""

import re
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from netscript_auth_client.asking.ask_authority import SESSION_COOKIES
from netscript_auth_client.caller_addresses import checked_origins, checked_url, origin_of
from netscript_auth_client.local.revocation_feed import DEFAULT_SILENCE
from netscript_auth_client.own_variables import PREFIX, OwnSettings
from netscript_kernel.addresses import address_problem
from netscript_kernel.settings import CommaSeparated, Duration, Fix, between

_COOKIE_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}")  # token of RFC 9110 section 5.6.2
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43,}")
_AUDIENCE: Final = re.compile(r"[!-~]{1,255}")
_ALLOW_HTTP: Final = (
    f". Where nobody else is on that network, set {PREFIX}ALLOW_HTTP=true: whoever is on it can then read "
    "sessions, and answer in the place of auth-api"
)
_AUTH_URL: Final = "where this service reaches auth-api, without a path, such as https://auth.acme.example"
_SILENCES: Final = between(timedelta(seconds=2), timedelta(minutes=1))


class CallerSettings(OwnSettings):
    """How a service finds out who calls.

    Attributes:
        mode: ``ask`` auth-api about each request, or verify tokens in this process, ``local``.
        auth_url: Where auth-api is reached, without a trailing slash.
        public_url: What browsers call it.
        allow_http: Whether plain HTTP to another machine will do, on a network that nobody else is on.
        cookies: ``ask``: names of the session cookies.
        allowed_origins: ``ask``: whose pages may act by a person's cookie, besides those of ``public_url``.
        audience: ``local``: what this service is called in tokens.
        feed_secret: ``local``: by which this service may listen to revocations.
        max_silence: ``local``: for how long nothing need be heard of them.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    mode: Annotated[Literal["ask", "local"], Fix("ask or local")] = "ask"
    allow_http: Annotated[bool, Fix("true where nobody else is on the network to auth-api")] = False
    auth_url: Annotated[str, Fix(_AUTH_URL)]
    public_url: Annotated[str, Fix("NETSCRIPT_AUTH_PUBLIC_URL of auth-api, exactly")] = Field(
        default="", validate_default=True
    )
    cookies: Annotated[CommaSeparated, Fix("names of the session cookies, separated by commas")] = (
        SESSION_COOKIES
    )
    allowed_origins: Annotated[
        CommaSeparated, Fix("origins as browsers write them, such as https://app.acme.example")
    ] = ()
    audience: Annotated[str | None, Fix("one of NETSCRIPT_AUTH_TOKEN_AUDIENCES of auth-api")] = Field(
        default=None, validate_default=True
    )
    feed_secret: Annotated[
        SecretStr | None, Fix("the secret of this service in NETSCRIPT_AUTH_SERVICE_CREDENTIALS of auth-api")
    ] = Field(default=None, validate_default=True)
    max_silence: Annotated[Duration, _SILENCES, Fix("a duration from 2s to 1m")] = DEFAULT_SILENCE

    @field_validator("auth_url")
    @classmethod
    def _auth_url(cls, value: str, info: ValidationInfo) -> str:
        return _checked_url(value, allow_http=bool(info.data.get("allow_http")))

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str, info: ValidationInfo) -> str:
        value = value or info.data.get("auth_url", "")
        return _checked_url(value, allow_http=bool(info.data.get("allow_http"))) if value else value

    @field_validator("cookies")
    @classmethod
    def _cookies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("names no cookie")
        for position, name in enumerate(value, start=1):
            if not _COOKIE_NAME.fullmatch(name):
                raise ValueError(f"has an entry, number {position}, that is no name of a cookie")
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _allowed_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return checked_origins(value)

    @field_validator("audience")
    @classmethod
    def _audience(cls, value: str | None, info: ValidationInfo) -> str | None:
        _require_for_local(value, info)
        if value is not None and not _AUDIENCE.fullmatch(value):
            raise ValueError("is not 1 to 255 visible characters of ASCII")
        return value

    @field_validator("feed_secret")
    @classmethod
    def _feed_secret(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        _require_for_local(value, info)
        if value is not None and not _SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("is not a secret of at least 32 bytes in base64url, without the name before it")
        return value


def _checked_url(value: str, *, allow_http: bool) -> str:
    # Judged as https where the operator vouches for the network: all else has to be right nevertheless.
    judged = f"https{value[4:]}" if allow_http and value.startswith("http:") else value
    problem = address_problem(judged, allow_loopback_http=True)
    if problem is not None and _would_do_as_https(value):
        raise ValueError(f"{problem}{_ALLOW_HTTP}")
    checked_url(judged)
    return origin_of(value)


def _would_do_as_https(value: str) -> bool:
    """Whether plain HTTP is all that is wrong with it."""
    return (
        value.startswith("http:") and address_problem(f"https{value[4:]}", allow_loopback_http=True) is None
    )


def _require_for_local(value: object, info: ValidationInfo) -> None:
    if value is None and info.data.get("mode") == "local":
        raise ValueError("is not set, and the mode local needs it")
