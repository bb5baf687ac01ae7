"""What ``netscript auth doctor`` looks at for kv-oauth, each with the fault that it is for."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
import respx

from netscript_auth_core.checks import CheckContext, Finding, Severity
from netscript_auth_kv_oauth import KvOAuthSettings
from netscript_auth_kv_oauth.checks import provider_checks
from netscript_kernel.clock import SettableClock
from tests.kv_oauth.pretend import ISSUER, PretendProvider

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = f"{ISSUER}/.well-known/openid-configuration"
PUBLIC_URL = "https://auth.acme.example"
ONE = {
    "NETSCRIPT_AUTH_ISSUER": ISSUER,
    "NETSCRIPT_AUTH_CLIENT_ID": "auth-api",
    "NETSCRIPT_AUTH_CLIENT_SECRET": "a-client-secret",
}
SEVERAL = {
    "NETSCRIPT_AUTH_PROVIDERS": "github,gitlab",
    **{
        f"NETSCRIPT_AUTH_PROVIDER_{name}_{key}": value
        for name in ("GITHUB", "GITLAB")
        for key, value in (("CLIENT_ID", "auth-api"), ("CLIENT_SECRET", "a-client-secret"))
    },
}


async def found(
    check: str, environment: dict[str, str] = ONE, *, is_production: bool = True
) -> Sequence[Finding]:
    """Return what one check finds."""
    settings = KvOAuthSettings.from_environment({"NETSCRIPT_AUTH_PUBLIC_URL": PUBLIC_URL, **environment})
    context = CheckContext(PUBLIC_URL, is_production=is_production, clock=SettableClock(NOW))
    (one,) = [each for each in provider_checks(settings, context) if each.id == f"kv-oauth.{check}"]
    return await one.look()


def metadata(**changed: object) -> dict[str, object]:
    return {**PretendProvider(SettableClock(NOW)).metadata, **changed}


async def test_sound_metadata_of_the_named_issuer_has_no_finding(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(URL).respond(json=metadata(id_token_signing_alg_values_supported=["RS256"]))

    findings = await found("oidc.discovery")

    assert findings == ()


async def test_metadata_of_another_issuer_is_found(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(URL).respond(json=metadata(issuer="https://other.example"))

    (finding,) = await found("oidc.discovery")

    assert (finding.severity, "another issuer" in finding.problem) == (Severity.ERROR, True)


async def test_a_provider_that_signs_with_nothing_that_is_accepted_is_found(
    respx_mock: respx.MockRouter,
) -> None:
    respx_mock.get(URL).respond(json=metadata(id_token_signing_alg_values_supported=["HS256", "none"]))

    (finding,) = await found("oidc.discovery")

    assert (finding.severity, "every sign-in is refused" in finding.problem) == (Severity.ERROR, True)
    assert "RS256" in finding.fix


@pytest.mark.parametrize(
    ("apart", "severities"),
    [(2, []), (-40, [Severity.WARNING]), (40, [Severity.WARNING]), (3600, [Severity.ERROR])],
)
async def test_a_clock_that_differs_from_the_providers_is_found(
    respx_mock: respx.MockRouter, apart: int, severities: list[Severity]
) -> None:
    date = format_datetime(NOW + timedelta(seconds=apart), usegmt=True)
    respx_mock.get(URL).respond(json=metadata(), headers={"date": date})

    findings = await found("oidc.clock")

    assert [each.severity for each in findings] == severities


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 01 Jan 2026 00:00:00 -0000"])
async def test_a_provider_that_tells_no_time_says_nothing_of_clocks(
    respx_mock: respx.MockRouter, date: str
) -> None:
    respx_mock.get(URL).respond(json=metadata(), headers={"date": date})

    findings = await found("oidc.clock")

    assert findings == ()


async def test_a_provider_that_is_away_is_told_by_discovery_alone(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(URL).mock(side_effect=httpx.ConnectError("refused"))

    findings = [len(await found(each)) for each in ("oidc.discovery", "oidc.clock")]

    assert findings == [1, 0]


async def test_each_of_several_providers_has_an_address_to_register() -> None:
    told = [await found(f"{name}.redirect-uri", SEVERAL) for name in ("github", "gitlab")]

    assert [[each.severity for each in findings] for findings in told] == [[Severity.NOTICE]] * 2
    for name, (finding,) in zip(("github", "gitlab"), told, strict=True):
        assert f"{PUBLIC_URL}/api/v1/auth/callback/{name} " in finding.problem


async def test_a_provider_of_development_on_this_machine_has_no_console_to_look_at() -> None:
    local = {**ONE, "NETSCRIPT_PROFILE": "development", "NETSCRIPT_AUTH_ISSUER": "http://localhost:9094"}

    assert await found("oidc.redirect-uri", local, is_production=False) == ()


async def test_a_real_provider_has_one_in_development_too() -> None:
    told = await found("github.redirect-uri", SEVERAL, is_production=False)

    assert [each.severity for each in told] == [Severity.NOTICE]


async def test_one_of_several_with_a_foreign_address_is_told_the_one_of_its_own() -> None:
    foreign = "https://elsewhere.example/callback/github"

    (finding,) = await found(
        "github.redirect-uri", {**SEVERAL, "NETSCRIPT_AUTH_PROVIDER_GITHUB_REDIRECT_URI": foreign}
    )

    assert finding.severity is Severity.ERROR
    assert f"{PUBLIC_URL}/api/v1/auth/callback/github " in finding.fix
