"""How the service is reached: where it listens, what the outside calls it, and whom it answers."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field, ValidationInfo, field_validator

from netscript_kernel.networks import Networks
from netscript_kernel.settings import CommaSeparated, Fix
from netscript_plugin_auth.addresses import is_loopback, parse_address
from netscript_plugin_auth.limits.rate import Rate, RateOrOff
from netscript_plugin_auth.own_manifest import own_port
from netscript_plugin_auth.settings.address_rules import check_hosts, check_origins, check_public_url
from netscript_plugin_auth.settings.profile import ProfileSettings, development_default, is_development

_DEFAULT_RATE: Final = Rate(300, timedelta(minutes=1))
_LOCAL_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")


class NetworkSettings(ProfileSettings):
    """Where the service listens and whom it answers.

    Attributes:
        port: Where it listens.
        host: The address of the interface that it listens on.
        public_url: What the outside calls the service, without a trailing slash.
        allowed_origins: Whose pages may call us with the person's cookie.
        allowed_hosts: Values of ``Host`` that are answered.
        trusted_proxies: Where connections have to come from for their ``X-Forwarded-*`` to count.
        rate_limit: What one network may ask for; ``None`` limits nobody.
    """

    port: Annotated[int, Field(ge=1, le=65535), Fix("a port number such as 8094")] = Field(
        default_factory=own_port, validation_alias="PORT"
    )
    host: Annotated[str, Fix("the address to listen on: 127.0.0.1, or 0.0.0.0 for every interface")] = Field(
        default="", validation_alias="NETSCRIPT_HOST", validate_default=True
    )
    public_url: Annotated[
        str, Fix("what browsers call this service, such as https://auth.acme.example, without a path")
    ] = Field(default="", validate_default=True)
    allowed_origins: Annotated[
        CommaSeparated, Fix("origins as browsers write them, such as https://app.acme.example")
    ] = ()
    allowed_hosts: Annotated[
        CommaSeparated, Fix("hosts such as auth.acme.example or localhost:8094, separated by commas")
    ] = Field(default=(), validate_default=True)
    trusted_proxies: Annotated[
        Networks, Fix("networks of your proxies such as 10.1.2.0/24 or 127.0.0.1, separated by commas")
    ] = ()
    rate_limit: Annotated[
        RateOrOff, Fix("how many requests one address may make, such as 300/m; or off, the word")
    ] = _DEFAULT_RATE

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the service by HTTPS."""
        return self.public_url.startswith("https:")

    @field_validator("host")
    @classmethod
    def _host(cls, value: str, info: ValidationInfo) -> str:
        if not is_development(info):
            return value or "0.0.0.0"  # noqa: S104  # production listens for its proxy
        if value and not is_loopback(value):
            raise ValueError("is reachable from other machines, which the development profile refuses")
        return value or "127.0.0.1"

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str, info: ValidationInfo) -> str:
        value = value or development_default(info, f"http://localhost:{info.data.get('port') or own_port()}")
        return check_public_url(value, allows_loopback_http=is_development(info))

    @field_validator("allowed_origins")
    @classmethod
    def _allowed_origins(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return check_origins(value, allows_loopback_http=is_development(info))

    @field_validator("allowed_hosts")
    @classmethod
    def _allowed_hosts(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        public = parse_address(info.data.get("public_url", ""))
        own = (public.authority,) if public else ()
        local = _LOCAL_HOSTS if is_development(info) else ()
        return tuple(dict.fromkeys((*own, *check_hosts(value), *local)))
