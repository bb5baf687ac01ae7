"""What a service reads from its environment: ``PORT`` and ``NETSCRIPT_SERVICE_*``."""

from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Final

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from netscript_kernel.networks import Networks
from netscript_kernel.profile import Profile
from netscript_kernel.service.settings import ServiceSettings
from netscript_kernel.settings import CommaSeparated, Duration, Fix, Settings, between

DEFAULT_PORT: Final = 3000
_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
_HOST_ADVICE: Final = "Its operator names its hosts by NETSCRIPT_SERVICE_ALLOWED_HOSTS"
_SHORTEST_TOKEN: Final = 16


class ServiceEnvironment(Settings):
    """How a service runs, and what of it is open. Several services of one environment read the same.

    Attributes:
        port: To listen on.
        host: Address to listen on.
        profile: See :class:`ServiceSettings`.
        allowed_hosts: Values of ``Host`` that are answered; by default those of this machine.
        allowed_origins: Exact origins whose pages may call with credentials.
        docs: Whether the API is documented at ``/api/docs``.
        behind_https: Whether a proxy ends TLS in front.
        trusted_peers: Where a request has to come from for its ``traceparent`` to count.
        drain_limit: How long a stop waits for requests in flight.
        body_limit: Largest request body, in bytes.
        metrics_token: Opens ``/metrics``; without one, nothing is counted.
    """

    model_config = SettingsConfigDict(env_prefix="NETSCRIPT_SERVICE_")

    port: Annotated[int, Field(ge=1, le=65535), Fix("a port from 1 to 65535")] = Field(
        default=DEFAULT_PORT, validation_alias="PORT"
    )
    host: Annotated[str, Fix("127.0.0.1, or 0.0.0.0 in a container")] = "127.0.0.1"
    profile: Annotated[Profile, Fix("production or development")] = "production"
    allowed_hosts: Annotated[CommaSeparated, Fix("hosts such as users.acme.example, by commas")] = _LOOPBACK
    allowed_origins: Annotated[
        CommaSeparated, Fix("origins such as https://app.acme.example, by commas")
    ] = ()
    docs: Annotated[bool, Fix("true or false")] = True
    behind_https: Annotated[bool, Fix("true where a proxy ends TLS in front")] = False
    trusted_peers: Annotated[Networks, Fix("networks such as 10.1.2.0/24, by commas")] = (
        ip_network("127.0.0.0/8"),
        ip_network("::1/128"),
    )
    drain_limit: Annotated[
        Duration, between(timedelta(0), timedelta(minutes=10)), Fix("a duration from 0s to 10m")
    ] = timedelta(seconds=20)
    body_limit: Annotated[int, Field(ge=0), Fix("a number of bytes")] = 64 * 1024
    metrics_token: Annotated[
        SecretStr | None, Field(min_length=_SHORTEST_TOKEN), Fix("16 random characters or more")
    ] = None

    def settings(self) -> ServiceSettings:
        """Return what a service is built with."""
        return ServiceSettings(
            profile=self.profile,
            allowed_hosts=frozenset(self.allowed_hosts),
            host_advice=_HOST_ADVICE,
            allowed_origins=frozenset(self.allowed_origins),
            docs=self.docs,
            is_behind_https=self.behind_https,
            drain_limit=self.drain_limit,
            body_limit=self.body_limit,
        )

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _each_good(value, "host", lambda each: ServiceSettings(allowed_hosts=each))

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _each_good(value, "exact origin", lambda each: ServiceSettings(allowed_origins=each))


def _each_good(
    entries: tuple[str, ...], what: str, judge: Callable[[frozenset[str]], object]
) -> tuple[str, ...]:
    """Judge each entry as :class:`ServiceSettings` does, and say which one is wrong without repeating it."""
    for position, entry in enumerate(entries, start=1):
        try:
            judge(frozenset({entry}))
        except ValueError:
            raise ValueError(f"has an entry, number {position}, that is no {what}") from None
    return entries
