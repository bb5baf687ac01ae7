"""What the OpenAPI document says, the service does: whatever it is sent, by whomever, signed in or not."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from schemathesis.generation import GenerationMode

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.memory import MemoryAuthBackend, PretendProvider, Storage
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.service.service import Service
from netscript_plugin_auth.composition import create_auth_service
from tests.attacks.openapi_requests import (
    AnyCase,
    answer_of,
    cases_of,
    expect_documented,
    expect_fits,
    operation_at,
    operations_of,
    request_of,
    schema_of,
)
from tests.attacks.opening import open_world
from tests.attacks.whole_run import run_through
from tests.attacks.world import World
from tests.support.auth_api import NAVIGATING, SAME_ORIGIN, SESSION_COOKIE, running_auth_api, settings_from

FEW, MANY = {"positive": 8, "negative": 3}, {"positive": 100, "negative": 60}
CREDENTIALS = f"orders:{'c' * 43}"
PROGRAM = {"accept": "application/json", **SAME_ORIGIN}


def _unstarted() -> Service:
    clock = SettableClock()
    store = MemoryKvStore(clock)
    users = UserDirectory(store, clock)
    backend = MemoryAuthBackend(users, clock, provider=PretendProvider(), storage=Storage())
    return create_auth_service(settings_from(), backend, store, keys=KeyRing([bytes(range(32))]), clock=clock)


SCHEMA = schema_of(_unstarted())
OPERATIONS = operations_of(SCHEMA)


@asynccontextmanager
async def _memory_backend() -> AsyncGenerator[tuple[Service, str]]:
    async with (
        running_auth_api(TOKEN_AUDIENCES="reports", SERVICE_CREDENTIALS=CREDENTIALS) as api,
        api.browser() as browser,
    ):
        await api.sign_in(browser)
        yield api.service, str(browser.cookies.get(SESSION_COOKIE))


@asynccontextmanager
async def _kv_oauth() -> AsyncGenerator[tuple[Service, str]]:
    async with open_world(TOKEN_AUDIENCES="reports", SERVICE_CREDENTIALS=CREDENTIALS) as world:
        browser = world.browser()
        await world.sign_in(browser)
        yield world.workers[0], str(browser.jar.value(SESSION_COOKIE))


BACKENDS = {"memory": _memory_backend, "kv-oauth": _kv_oauth}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
@pytest.mark.parametrize("label", OPERATIONS)
async def test_every_answer_is_one_that_the_document_promises(
    label: str, mode: GenerationMode, request: pytest.FixtureRequest
) -> None:
    most = (MANY if request.config.getoption("full") else FEW)[mode.value]
    cases = cases_of(OPERATIONS[label], mode, most)

    for open_backend in BACKENDS.values():
        async with open_backend() as (service, token):
            for case in cases:
                await _ask_as_everybody(service, token, case)


async def _ask_as_everybody(service: Service, token: str, case: AnyCase) -> None:
    signed_in = {"cookie": f"{SESSION_COOKIE}={token}"}
    for headers in (PROGRAM, {**PROGRAM, **signed_in}, {**NAVIGATING, **SAME_ORIGIN, **signed_in}, {}):
        answer = await answer_of(service, request_of(case, headers))
        expect_documented(case, answer)


async def test_every_answer_of_a_whole_run_is_one_that_the_document_promises(world: World) -> None:
    await run_through(world)

    answers = [answer for browser in world.browsers for answer in browser.answers]
    asked = [(operation_at(SCHEMA, answer.request), answer) for answer in answers]
    documented = [(operation, answer) for operation, answer in asked if operation is not None]
    assert len({operation.label for operation, _ in documented}) >= 8
    assert {answer.status_code for _, answer in documented} >= {200, 302, 303, 401, 403, 409, 503}
    for operation, answer in documented:
        expect_fits(operation, answer)


@pytest.mark.parametrize("label", OPERATIONS)
async def test_an_outage_is_documented_everywhere(label: str) -> None:
    (case, *_) = cases_of(OPERATIONS[label], GenerationMode.POSITIVE, 1)
    async with running_auth_api() as api, api.browser() as browser:
        await api.sign_in(browser)
        cookie = {"cookie": f"{SESSION_COOKIE}={browser.cookies.get(SESSION_COOKIE)}"}

        async with api.outage():
            answer = await answer_of(api.service, request_of(case, {**PROGRAM, **cookie}))

        expect_fits(OPERATIONS[label], answer)
