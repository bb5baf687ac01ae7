"""What ``netscript auth doctor`` looks at for WorkOS, at its own emulator and where nothing answers."""

from collections.abc import Sequence

import pytest
import respx

from netscript_auth_core.checks import CheckContext, Finding, Severity
from netscript_auth_workos.checks import workos_checks
from netscript_auth_workos.configuration.settings import WorkOSSettings
from netscript_auth_workos.opening import definition
from netscript_kernel.clock import SettableClock, SystemClock
from tests.support.workos_emulator import WorkOSEmulator

CONTEXT = CheckContext("http://localhost:8094", is_production=False, clock=SystemClock())
API_KEY, CLIENT_ID = "sk_test_of_nobody", "client_01ACME"


async def found(url: str, api_key: str = API_KEY, client_id: str = CLIENT_ID) -> dict[str, Sequence[Finding]]:
    """Return what each check finds, by its id."""
    settings = WorkOSSettings.from_environment(
        {
            "NETSCRIPT_PROFILE": "development",
            "WORKOS_BASE_URL": url,
            "WORKOS_API_KEY": api_key,
            "WORKOS_CLIENT_ID": client_id,
            "WORKOS_COOKIE_SEALS": "plain",
        }
    )
    return {check.id: await check.look() for check in workos_checks(settings, CONTEXT)}


def severities(told: dict[str, Sequence[Finding]]) -> dict[str, list[Severity]]:
    return {check: [each.severity for each in findings] for check, findings in told.items() if findings}


@pytest.mark.peer
async def test_a_key_and_a_client_that_workos_knows_have_no_finding(workos_emulator: WorkOSEmulator) -> None:
    there = await workos_emulator.environment(SettableClock())

    told = await found(there.base_url, there.api_key, there.client_id)

    assert told == {"workos.api-key": (), "workos.client-id": ()}


@pytest.mark.peer
async def test_a_key_that_workos_does_not_take_is_found_and_never_shown(
    workos_emulator: WorkOSEmulator,
) -> None:
    there = await workos_emulator.environment(SettableClock())

    told = await found(there.base_url, API_KEY, there.client_id)

    assert severities(told) == {"workos.api-key": [Severity.ERROR]}
    assert API_KEY not in repr(told)


async def test_a_client_that_workos_does_not_know_is_found(respx_mock: respx.MockRouter) -> None:
    api = "https://api.workos.com"
    respx_mock.get(url__startswith=f"{api}/user_management/users/").respond(404, json={"code": "not_found"})
    respx_mock.get(f"{api}/sso/jwks/{CLIENT_ID}").respond(404, json={"message": "Not Found"})

    told = await found(api)

    assert severities(told) == {"workos.client-id": [Severity.ERROR]}


async def test_a_workos_that_is_away_is_found(free_port: int) -> None:
    told = await found(f"http://127.0.0.1:{free_port}")

    assert severities(told) == {"workos.api-key": [Severity.ERROR], "workos.client-id": [Severity.ERROR]}


def test_the_doctor_finds_these_checks() -> None:
    assert definition.checks is workos_checks
