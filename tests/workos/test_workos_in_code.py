"""The backend made by an application's own code."""

import httpx
import pytest
from pydantic import SecretStr

from netscript_auth_core.ports import Authenticated, SigninRequest
from netscript_auth_core.testing import InterruptibleKvStore
from netscript_auth_workos import WorkOSSettings, create_workos_backend
from netscript_kernel.clock import SettableClock
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.kv.memory import MemoryKvStore
from tests.workos.pretend_workos import CLIENT_ID, PretendWorkOS
from tests.workos.workos_desk import PASSWORD, cookie_request

API_KEY = SecretStr("sk_test_of_nobody")
INTERACTIVE = WorkOSSettings(api_key=API_KEY, client_id=CLIENT_ID, interactive=True)


async def test_with_nothing_but_settings_and_a_way_to_workos_people_are_recognised() -> None:
    clock = SettableClock()
    workos = PretendWorkOS(clock, InterruptibleKvStore(MemoryKvStore(clock)))
    settings = WorkOSSettings(api_key=API_KEY, client_id=CLIENT_ID, cookie_password=SecretStr(PASSWORD))
    async with httpx.AsyncClient(transport=httpx.MockTransport(workos.answer)) as http:
        backend = create_workos_backend(settings, clock=clock, http=http)
        await backend.start()

        outcome = await backend.authenticate(cookie_request(workos.cookie()))

        await backend.check_health()
        await backend.aclose()
    assert isinstance(outcome, Authenticated)


async def test_people_come_back_to_the_public_address() -> None:
    backend = create_workos_backend(INTERACTIVE, public_url="https://auth.acme.example/")
    assert backend.interactive is not None

    started = await backend.interactive.start(SigninRequest(None, "/"))

    await backend.aclose()
    url = httpx.URL(started.redirect_url)
    assert url.params["redirect_uri"] == "https://auth.acme.example/api/v1/auth/callback"


def test_without_a_public_address_nobody_can_come_back() -> None:
    with pytest.raises(ConfigurationError, match="public_url"):
        create_workos_backend(INTERACTIVE)


def test_settings_that_do_not_fit_are_told() -> None:
    with pytest.raises(ConfigurationError, match="WORKOS_COOKIE_PASSWORD"):
        create_workos_backend(WorkOSSettings(api_key=API_KEY, client_id=CLIENT_ID))
