"""Tokens for services: for whom, how long they are good, and who may hear which sessions ended."""

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import SecretStr, field_validator

from netscript_kernel.settings import CommaSeparated, Duration, Fix, between
from netscript_plugin_auth.revocations.credentials import parse_credentials
from netscript_plugin_auth.settings.entries import check_each, check_named_once
from netscript_plugin_auth.settings.profile import ProfileSettings
from netscript_plugin_auth.tokens.limits import LONGEST_PERIOD, LONGEST_TTL, SHORTEST_PERIOD, SHORTEST_TTL

_AUDIENCE: Final = re.compile(r"[!-~]{1,255}")
_SERVICE_CREDENTIALS: Final = (
    "name:secret for each service, separated by commas; names of a-z, 0-9 and hyphens, and for each secret "
    "the output of: netscript auth secret generate"
)


class TokenSettings(ProfileSettings):
    """Tokens of ``/token``, and those who listen for the end of sessions.

    Attributes:
        token_audiences: Services that take them; without any there are none.
        token_ttl: How long a token is good.
        token_key_period: How long a key signs them.
        service_credentials: Who may listen to sessions that end; ``None`` where nobody may.
    """

    token_audiences: Annotated[
        CommaSeparated,
        Fix("names of services such as reports.acme.example, separated by commas"),
    ] = ()
    token_ttl: Annotated[
        Duration, between(SHORTEST_TTL, LONGEST_TTL), Fix("a duration such as 5m, from 1m to 15m")
    ] = timedelta(minutes=5)
    token_key_period: Annotated[
        Duration, between(SHORTEST_PERIOD, LONGEST_PERIOD), Fix("a duration such as 30d, from 1d to 180d")
    ] = timedelta(days=30)
    service_credentials: Annotated[SecretStr | None, Fix(_SERVICE_CREDENTIALS)] = None

    @field_validator("token_audiences")
    @classmethod
    def _token_audiences(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        check_each(value, _AUDIENCE.fullmatch, "is not 1 to 255 visible characters")
        return check_named_once(value)

    @field_validator("service_credentials")
    @classmethod
    def _service_credentials(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parse_credentials(value.get_secret_value())
        return value
