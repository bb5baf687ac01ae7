"""Where people may be sent when they have signed in or out, and whether there are pages of ours."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from netscript_auth_core.errors import FlowRefusedError
from netscript_kernel.settings import CommaSeparated, Fix
from netscript_plugin_auth.return_to import ReturnToPolicy
from netscript_plugin_auth.settings.address_rules import check_addresses
from netscript_plugin_auth.settings.network import NetworkSettings
from netscript_plugin_auth.settings.profile import is_development


class DestinationSettings(NetworkSettings):
    """Where people may be sent.

    Attributes:
        pages: Whether ``/login``, ``/account`` and the others are there.
        allowed_return_to: Besides our own origin: origins, each with an optional path prefix.
        default_return_to: Where people go who did not say where.
    """

    pages: Annotated[bool, Fix("true or false")] = True
    allowed_return_to: Annotated[
        CommaSeparated, Fix("addresses such as https://app.acme.example/area, separated by commas")
    ] = ()
    default_return_to: Annotated[
        str, Fix("a path of this service, or an address that NETSCRIPT_AUTH_ALLOWED_RETURN_TO allows")
    ] = Field(default="", validate_default=True)

    def return_to_policy(self) -> ReturnToPolicy:
        """Return the allow-list of destinations."""
        return ReturnToPolicy(self.public_url, self.allowed_return_to, self.default_return_to)

    @field_validator("allowed_return_to")
    @classmethod
    def _allowed_return_to(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        return check_addresses(value, allows_loopback_http=is_development(info))

    @field_validator("default_return_to")
    @classmethod
    def _default_return_to(cls, value: str, info: ValidationInfo) -> str:
        value = value or ("/account" if info.data.get("pages", True) else "/")
        public_url, allowed = info.data.get("public_url"), info.data.get("allowed_return_to", ())
        if public_url is None:
            return value  # the public URL's fault is told already
        try:
            ReturnToPolicy(public_url, allowed, value)
        except FlowRefusedError:
            raise ValueError("is not a destination that is allowed") from None
        return value
