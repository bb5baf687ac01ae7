"""What ``netscript auth doctor`` looks at for better-auth, at a real server and where there is none."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence

import httpx
import pytest
import respx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from netscript_auth_better_auth.checks import server_checks
from netscript_auth_better_auth.configuration.settings import BetterAuthSettings
from netscript_auth_better_auth.opening import definition
from netscript_auth_core.checks import CheckContext, Finding, Severity
from netscript_kernel.clock import SystemClock
from tests.support.better_auth import BetterAuthServer

CONTEXT = CheckContext("http://localhost:8094", is_production=False, clock=SystemClock())
SECRET = "s" * 32
AWAY, OUTSIDE = "https://people.acme.example", "https://acme.example"


def public_key(number: int) -> dict[str, str]:
    """Return a key as a server publishes it; which one does not matter."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32).public_key()
    x = urlsafe_b64encode(key.public_bytes_raw()).decode().rstrip("=")
    return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": str(number), "x": x}


FIRST_KEY, OTHER_KEY = public_key(1), public_key(2)


async def found(url: str, **variables: str) -> dict[str, Sequence[Finding]]:
    """Return what each check finds, by its id."""
    settings = BetterAuthSettings.from_environment(
        {"NETSCRIPT_PROFILE": "development", "BETTER_AUTH_URL": url, **variables}
    )
    return {check.id: await check.look() for check in server_checks(settings, CONTEXT)}


def severities(told: dict[str, Sequence[Finding]]) -> dict[str, list[Severity]]:
    return {check: [each.severity for each in findings] for check, findings in told.items() if findings}


@pytest.mark.peer
async def test_a_server_that_answers_as_better_auth_has_no_finding(better_auth: BetterAuthServer) -> None:
    told = await found(better_auth.address, BETTER_AUTH_SECRET=SECRET)

    assert set(told) == {"better-auth.server", "better-auth.secret", "better-auth.sessions"}
    assert severities(told) == {}


@pytest.mark.peer
async def test_an_address_beside_the_api_of_the_server_is_found(better_auth: BetterAuthServer) -> None:
    told = await found(f"{better_auth.address}/elsewhere", BETTER_AUTH_SECRET=SECRET)

    assert severities(told) == {
        "better-auth.server": [Severity.ERROR],
        "better-auth.sessions": [Severity.ERROR],
    }


async def test_a_server_that_is_away_is_found(free_port: int) -> None:
    told = await found(f"http://127.0.0.1:{free_port}", BETTER_AUTH_SECRET=SECRET)

    assert severities(told) == {
        "better-auth.server": [Severity.ERROR],
        "better-auth.sessions": [Severity.ERROR],
    }


async def test_a_server_that_names_somebody_to_everybody_is_found(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{AWAY}/api/auth/ok").respond(json={"ok": True})
    respx_mock.get(url__startswith=f"{AWAY}/api/auth/get-session").respond(json={"session": {}, "user": {}})

    told = await found(AWAY, BETTER_AUTH_SECRET=SECRET)

    assert severities(told) == {"better-auth.sessions": [Severity.ERROR]}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"BETTER_AUTH_SECRET": SECRET}, []),
        ({"BETTER_AUTH_SECRET": SECRET[1:]}, [Severity.WARNING]),
        ({}, [Severity.NOTICE]),
        ({"NETSCRIPT_AUTH_BETTER_AUTH_MODE": "jwt"}, []),
    ],
)
async def test_a_secret_that_can_be_guessed_is_found_and_never_shown(
    free_port: int, variables: dict[str, str], expected: list[Severity]
) -> None:
    told = await found(f"http://127.0.0.1:{free_port}", **variables)

    assert [each.severity for each in told["better-auth.secret"]] == expected
    assert SECRET[1:] not in repr(told)


JWT = {"NETSCRIPT_AUTH_BETTER_AUTH_MODE": "jwt"}


@pytest.mark.peer
async def test_a_server_whose_tokens_can_be_verified_has_no_finding(better_auth: BetterAuthServer) -> None:
    by_name = better_auth.address.replace("127.0.0.1", "localhost")

    told = await found(better_auth.address, **JWT)
    both_names = await found(better_auth.address, **JWT, BETTER_AUTH_ISSUER=by_name)

    assert set(told) == {
        *("better-auth.server", "better-auth.secret", "better-auth.keys", "better-auth.issuer")
    }
    assert severities(told) == {}
    assert both_names["better-auth.keys"] == ()
    assert Severity.ERROR not in {each.severity for each in both_names["better-auth.issuer"]}


async def test_a_server_without_keys_to_verify_by_is_found(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{AWAY}/api/auth/ok").respond(json={"ok": True})
    keys = respx_mock.get(f"{AWAY}/api/auth/jwks")

    for answer in (
        httpx.Response(404),
        httpx.Response(200, json={"keys": []}),
        httpx.Response(200, json={"keys": [{"kty": "oct", "k": "aGVsbG8"}]}),
        httpx.Response(200, text="<html>"),
        httpx.Response(500),
    ):
        keys.mock(return_value=answer)
        told = await found(AWAY, **JWT)

        assert severities(told) == {"better-auth.keys": [Severity.ERROR]}


async def test_an_issuer_that_is_another_server_is_found(respx_mock: respx.MockRouter) -> None:
    for address, key in ((AWAY, FIRST_KEY), (OUTSIDE, OTHER_KEY)):
        respx_mock.get(f"{address}/api/auth/ok").respond(json={"ok": True})
        respx_mock.get(f"{address}/api/auth/jwks").respond(json={"keys": [key]})

    told = await found(AWAY, **JWT, BETTER_AUTH_ISSUER=OUTSIDE)

    assert severities(told) == {"better-auth.issuer": [Severity.ERROR]}


async def test_an_issuer_by_another_name_of_the_same_server_is_none(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{AWAY}/api/auth/ok").respond(json={"ok": True})
    for address in (AWAY, OUTSIDE):
        respx_mock.get(f"{address}/api/auth/jwks").respond(json={"keys": [OTHER_KEY, FIRST_KEY]})

    told = await found(AWAY, **JWT, BETTER_AUTH_ISSUER=OUTSIDE)

    assert severities(told) == {}


async def test_an_issuer_that_is_not_reached_from_here_is_a_notice(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{AWAY}/api/auth/ok").respond(json={"ok": True})
    respx_mock.get(f"{AWAY}/api/auth/jwks").respond(json={"keys": [FIRST_KEY]})
    respx_mock.get(f"{OUTSIDE}/api/auth/jwks").mock(side_effect=httpx.ConnectError("away"))

    told = await found(AWAY, **JWT, BETTER_AUTH_ISSUER=OUTSIDE)

    assert severities(told) == {"better-auth.issuer": [Severity.NOTICE]}


def test_the_doctor_finds_these_checks() -> None:
    assert definition.checks is server_checks
