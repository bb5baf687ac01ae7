"""The example of a script that asks who somebody is: it always answers with one line."""

import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from examples.who import who
from netscript_auth_core.domain import Device
from netscript_kernel.keyring import KeyRing
from netscript_plugin_auth.composition import create_auth_service
from tests.plugin_auth.draining import COOKIES, HEADER, KEY, Swap, swap
from tests.support.asgi_server import serving
from tests.support.auth_api import SESSION_COOKIE, AuthApi, running_auth_api, settings_from
from tests.support.ports import unused_port
from workspace import ROOT

HOST = "127.0.0.1"


@asynccontextmanager
async def served() -> AsyncGenerator[tuple[AuthApi, str]]:
    port = unused_port()
    async with running_auth_api(ALLOWED_HOSTS=HOST) as api, serving(api.service.app, port):
        yield api, f"http://{HOST}:{port}"


@asynccontextmanager
async def served_while_draining(place: Swap) -> AsyncGenerator[str]:
    port, keys = unused_port(), KeyRing([KEY])
    settings = settings_from(ALLOWED_HOSTS=HOST)
    service = create_auth_service(
        settings, place.draining(), place.store, keys=keys, clock=place.clock, drains=True
    )
    await service.start()
    try:
        async with serving(service.app, port):
            yield f"http://{HOST}:{port}"
    finally:
        await service.stop()


async def test_somebody_and_nobody_are_told_with_the_backend() -> None:
    async with served() as (api, url):
        issued = await api.backend.sessions.create(api.provider.identity("alice"), Device())

        somebody = await who(url, f"cookie: {SESSION_COOKIE}={issued.token}")
        nobody = await who(url, "cookie: x=y")

    assert somebody == f"memory: {issued.session.user_id} alice@people.invalid"
    assert nobody == "memory: nobody (no_session)"


@pytest.mark.full  # the client waits for as long as the service says, and tries once more
async def test_an_outage_is_an_answer_of_its_own() -> None:
    async with served() as (api, url):
        issued = await api.backend.sessions.create(api.provider.identity("alice"), Device())
        async with api.outage():
            told = await who(url, f"cookie: {SESSION_COOKIE}={issued.token}")

    assert told.startswith("could not find out (")
    assert issued.token not in told


async def test_so_is_a_service_that_is_not_there() -> None:
    told = await who(f"http://127.0.0.1:{unused_port()}", "cookie: a=secret")

    assert told.startswith("could not find out (")
    assert "secret" not in told


@pytest.mark.parametrize("is_earlier", [True, False])
async def test_while_another_is_drained_the_backend_is_the_one_that_answers_for_the_session(
    is_earlier: bool,
) -> None:
    place = swap(active_is_hosted=True)
    request, identity = await (place.sign_in_before() if is_earlier else place.sign_in_now())
    credential = (
        f"cookie: {COOKIES.session_name}={request.session_tokens[0]}"
        if is_earlier
        else f"{HEADER}: {request.headers[HEADER]}"
    )
    async with served_while_draining(place) as url:
        told = await who(url, credential)

    backend = "earlier" if is_earlier else "hosted"
    assert told == f"{backend}: {identity.user.id} alice@people.invalid"


@pytest.mark.parametrize(
    "arguments", [[], ["http://localhost:8094"], ["http://localhost:8094", "no-colon"], ["localhost", "a: b"]]
)
def test_a_wrong_call_is_told_how_to_call_it(arguments: list[str]) -> None:
    command = [sys.executable, "examples/who.py", *arguments]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.startswith("usage: who.py URL CREDENTIAL")
    assert "Traceback" not in done.stderr
