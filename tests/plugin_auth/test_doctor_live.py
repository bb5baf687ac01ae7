"""``netscript auth doctor --live``: what a running service says of itself, asked over a real connection."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from netscript_auth_core.checks import Finding, Severity
from netscript_auth_core.memory import definition
from netscript_kernel.keyring import generate_key
from netscript_plugin_auth.doctor.examination import examine
from netscript_plugin_auth.doctor.live import live_checks
from tests.support.asgi_server import serving
from tests.support.auth_api import PUBLIC_URL, running_auth_api

HOST = "127.0.0.1"


async def asked(
    port: int, backend: str | None = "memory", public_url: str | None = None
) -> dict[str, Sequence[Finding]]:
    """Return what each check finds, by its id."""
    checks = live_checks(f"http://{HOST}:{port}/", backend, public_url)
    return {check.id: await check.look() for check in checks}


async def test_a_service_that_is_well_and_as_configured_has_no_finding(free_port: int) -> None:
    async with running_auth_api(ALLOWED_HOSTS=HOST) as api, serving(api.service.app, free_port):
        found = await asked(free_port)

    assert found == {"live.health": (), "live.describe": ()}


async def test_a_service_that_is_not_well_is_found_by_the_part_that_fails(free_port: int) -> None:
    async with (
        running_auth_api(ALLOWED_HOSTS=HOST) as api,
        serving(api.service.app, free_port),
        api.outage(),
    ):
        found = await asked(free_port)

    (finding,) = found["live.health"]
    assert finding.severity is Severity.ERROR
    assert finding.problem.startswith("the running service is not well: ")
    assert found["live.describe"] == ()


async def test_a_service_with_another_backend_than_is_configured_is_found(free_port: int) -> None:
    async with running_auth_api(ALLOWED_HOSTS=HOST) as api, serving(api.service.app, free_port):
        found = await asked(free_port, "kv-oauth")

    (finding,) = found["live.describe"]
    assert (finding.severity, "'memory'" in finding.problem) == (Severity.WARNING, True)


async def test_without_a_sound_configuration_any_backend_will_do(free_port: int) -> None:
    async with running_auth_api(ALLOWED_HOSTS=HOST) as api, serving(api.service.app, free_port):
        found = await asked(free_port, None)

    assert found["live.describe"] == ()


async def test_a_host_that_the_service_refuses_is_found(free_port: int) -> None:
    async with running_auth_api() as api, serving(api.service.app, free_port):
        found = await asked(free_port)

    assert [finding.severity for each in found.values() for finding in each] == [Severity.ERROR] * 2
    assert found["live.health"][0].problem == f"it runs, but does not serve the host '{HOST}:{free_port}'"
    assert "NETSCRIPT_AUTH_PUBLIC_URL" in found["live.health"][0].fix


async def test_a_service_in_production_is_asked_by_the_host_of_its_public_url(free_port: int) -> None:
    async with running_auth_api() as api, serving(api.service.app, free_port):
        found = await asked(free_port, public_url=PUBLIC_URL)

    assert found == {"live.health": (), "live.describe": ()}


async def test_the_doctor_asks_by_the_public_url_that_is_configured(free_port: int, tmp_path: Path) -> None:
    environment = {
        "NETSCRIPT_KV_URL": f"sqlite:///{tmp_path / 'none.db'}",
        "NETSCRIPT_AUTH_BACKEND": "memory",
        "NETSCRIPT_AUTH_PUBLIC_URL": PUBLIC_URL,
        "NETSCRIPT_AUTH_KEYS": generate_key(),
    }

    async with running_auth_api() as api, serving(api.service.app, free_port):
        examined = await examine(
            environment, live=f"http://{HOST}:{free_port}", definitions={"memory": definition}
        )

    found = {each.id: each.findings for each in examined}
    assert found["configuration"] == ()
    assert (found["live.health"], found["live.describe"]) == ((), ())


@pytest.mark.parametrize(
    "app", [JSONResponse({}), JSONResponse({"checks": "ok", "backend": "memory"}), JSONResponse([])]
)
async def test_something_else_that_answers_there_is_found(free_port: int, app: ASGIApp) -> None:
    async with serving(app, free_port):
        found = await asked(free_port)

    assert [finding.severity for each in found.values() for finding in each] == [Severity.ERROR] * 2


async def test_an_address_that_is_none_is_found() -> None:
    (finding,) = await live_checks("http://[", None)[0].look()

    assert finding.severity is Severity.ERROR


async def test_whatever_answers_there_moves_no_cursor(free_port: int) -> None:
    failed = [{"name": "\x1b[2Jall is well"}, {"name": ["store"]}]

    async with serving(JSONResponse({"checks": failed}), free_port):
        found = await asked(free_port)

    (finding,) = found["live.health"]
    assert finding.problem.isprintable()
    assert finding.problem.endswith(": '\\x1b[2Jall is well', one without a name")
