"""What ``netscript auth doctor`` looks at for this backend: whether WorkOS takes our key, and knows us."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from netscript_auth_core.checks import Check, CheckContext, Finding, Severity
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_workos.api.calls import WorkOSCalls
from netscript_auth_workos.api.http import WorkOSHttp
from netscript_auth_workos.configuration.settings import WorkOSSettings
from netscript_auth_workos.naming import BACKEND

# Nobody has it; that WorkOS says so, and not 401, is the answer.
_NOBODY: Final = "user_00000000000000000000000000"
_API_KEY: Final = WorkOSSettings.variable("api_key")
_CLIENT_ID: Final = WorkOSSettings.variable("client_id")


def workos_checks(settings: WorkOSSettings, _: CheckContext) -> Sequence[Check]:
    """Return the checks of the environment that is configured."""
    return (
        Check(f"{BACKEND}.api-key", partial(_api_key, settings)),
        Check(f"{BACKEND}.client-id", partial(_client_id, settings)),
    )


async def _api_key(settings: WorkOSSettings) -> Sequence[Finding]:
    async with _asking(settings) as workos:
        try:
            await workos.user(_NOBODY)
        except BackendUnavailableError as error:
            fix = f"compare {_API_KEY} with the dashboard (API Keys), and the way to WorkOS"
            return (Finding(Severity.ERROR, error.problem, fix),)
    return ()


async def _client_id(settings: WorkOSSettings) -> Sequence[Finding]:
    """Ask for the keys of the client's tokens, which WorkOS has under its id."""
    async with _asking(settings) as workos:
        try:
            await workos.keys()
        except BackendUnavailableError as error:
            fix = f"compare {_CLIENT_ID} with the dashboard (API Keys), and the way to WorkOS"
            return (Finding(Severity.ERROR, error.problem, fix),)
    return ()


@asynccontextmanager
async def _asking(settings: WorkOSSettings) -> AsyncGenerator[WorkOSCalls]:
    calls = WorkOSCalls(
        WorkOSHttp(),
        api_key=settings.api_key.get_secret_value(),
        client_id=settings.client_id,
        base_url=settings.api,
    )
    try:
        yield calls
    finally:
        await calls.aclose()
