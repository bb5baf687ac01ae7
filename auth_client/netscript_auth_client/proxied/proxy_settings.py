"""What a service behind a proxy that does forward-auth reads: ``NETSCRIPT_CALLERS_*``."""

from typing import Annotated, Literal

from pydantic import field_validator
from pydantic_settings import SettingsConfigDict

from netscript_auth_client.caller_addresses import checked_origins, checked_url
from netscript_auth_client.own_variables import PREFIX, OwnSettings
from netscript_kernel.networks import Networks
from netscript_kernel.settings import CommaSeparated, Fix


class ProxySettings(OwnSettings):
    """Whom such a service believes.

    Attributes:
        mode: This one.
        public_url: Where browsers reach this service: the origin of the proxy.
        trusted_proxies: Where it connects from.
        allowed_origins: Whose pages may act for a person, besides those of ``public_url``.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    mode: Annotated[Literal["proxy"], Fix("proxy")]
    public_url: Annotated[
        str, Fix("where browsers reach this service, without a path, such as https://acme.example")
    ]
    trusted_proxies: Annotated[
        Networks,
        Fix("the networks that the proxy connects from, such as 10.1.2.3, separated by commas"),
    ]
    allowed_origins: Annotated[
        CommaSeparated, Fix("origins as browsers write them, such as https://app.acme.example")
    ] = ()

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        return checked_url(value)

    @field_validator("allowed_origins")
    @classmethod
    def _allowed_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return checked_origins(value)
