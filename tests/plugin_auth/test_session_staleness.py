"""Answers that are given again, as the service is told of them, and as it tells of them."""

import pytest

from netscript_kernel.errors import ConfigurationError
from netscript_kernel.keyring import generate_key
from netscript_plugin_auth.service import open_auth_service
from tests.support.auth_api import PREFIX, client_of

ENVIRONMENT = {
    "NETSCRIPT_PROFILE": "development",
    "NETSCRIPT_KV_URL": "memory://",
    "NETSCRIPT_AUTH_PUBLIC_URL": "http://localhost:8094",
    "NETSCRIPT_AUTH_KEYS": generate_key(),
    "NETSCRIPT_AUTH_ISSUER": "https://id.acme.example",
    "NETSCRIPT_AUTH_CLIENT_ID": "app",
    "NETSCRIPT_AUTH_CLIENT_SECRET": "a-client-secret-of-the-tests",
}
STALE = {**ENVIRONMENT, "NETSCRIPT_AUTH_SESSION_STALENESS": "5s"}


@pytest.mark.parametrize(("environment", "seconds"), [(ENVIRONMENT, 0), (STALE, 5)])
async def test_describe_tells_for_how_long_answers_are_given_again(
    environment: dict[str, str], seconds: float
) -> None:
    service = await open_auth_service(environment)
    await service.start()
    async with client_of(service, {"host": "localhost:8094"}) as client:
        described = (await client.get(f"{PREFIX}/describe")).json()
    await service.stop()

    assert described["backend"]["revocationLagSeconds"] == seconds


async def test_an_operator_who_accepts_less_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="NETSCRIPT_AUTH_MAX_REVOCATION_LAG: is less than the 5 s"):
        await open_auth_service({**STALE, "NETSCRIPT_AUTH_MAX_REVOCATION_LAG": "4s"})


async def test_more_than_thirty_seconds_are_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="NETSCRIPT_AUTH_SESSION_STALENESS"):
        await open_auth_service({**ENVIRONMENT, "NETSCRIPT_AUTH_SESSION_STALENESS": "31s"})
