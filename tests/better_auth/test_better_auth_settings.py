"""What an operator may say of a better-auth server, and what each mistake is answered with."""

from datetime import timedelta

import pytest

from netscript_auth_better_auth import BetterAuthSettings, Mode, create_better_auth_backend
from netscript_auth_better_auth.configuration.account_issuers import KNOWN
from netscript_auth_core.backends import find_backend
from netscript_auth_kv_oauth.presets.files import get_preset
from netscript_kernel.errors import ConfigurationError

URL = "https://acme.example"
DEVELOPMENT = {"NETSCRIPT_PROFILE": "development"}
OF_BETTER_AUTH = {"twitter": "x"}


def _read(**variables: str) -> BetterAuthSettings:
    named = {f"BETTER_AUTH_{name}": value for name, value in variables.items()}
    return BetterAuthSettings.from_environment({"BETTER_AUTH_URL": URL, **named})


def _faults(environment: dict[str, str]) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as caught:
        BetterAuthSettings.from_environment(environment)
    return {fault.variable: f"{fault.problem}; {fault.fix}" for fault in caught.value.faults}


def test_the_url_alone_is_enough() -> None:
    config = _read().server_config(is_production=True)

    assert config.base_url == "https://acme.example/api/auth"
    assert config.issuer == config.origin == config.sign_in_url == URL
    assert config.cookies.session == "__Secure-better-auth.session_token"
    assert config.secret is None
    assert config.account_issuers == {}
    assert config.longest_session == timedelta(days=400)
    assert _read().mode is Mode.REMOTE


@pytest.mark.parametrize(
    ("url", "base_url", "issuer"),
    [
        (f"{URL}/", f"{URL}/api/auth", URL),
        (f"{URL}/api/auth", f"{URL}/api/auth", URL),
        (f"{URL}/api/auth/", f"{URL}/api/auth", URL),
        (f"{URL}/auth", f"{URL}/auth", f"{URL}/auth"),
        (f"{URL}:8443", f"{URL}:8443/api/auth", f"{URL}:8443"),
    ],
)
def test_the_url_is_understood_with_and_without_the_usual_path(url: str, base_url: str, issuer: str) -> None:
    config = _read(URL=url).server_config(is_production=True)

    assert (config.base_url, config.issuer) == (base_url, issuer)


def test_a_server_beside_us_is_called_what_browsers_call_it() -> None:
    config = _read(URL="http://127.0.0.1:3000", ISSUER=f"{URL}/api/auth").server_config(is_production=True)

    assert config.base_url == "http://127.0.0.1:3000/api/auth"
    assert config.issuer == config.origin == URL
    assert config.cookies.session.startswith("__Secure-")
    assert URL in config.tokens.issuers


async def test_what_the_server_is_called_inside_is_told_to_nobody() -> None:
    for mode in Mode:
        settings = _read(URL="http://127.0.0.1:3000", ISSUER=URL).model_copy(update={"mode": mode})

        capabilities = create_better_auth_backend(settings).capabilities

        assert "127.0.0.1" not in repr(capabilities)
        assert capabilities.sign_in_url == URL


def test_development_needs_no_https() -> None:
    settings = BetterAuthSettings.from_environment(
        {"BETTER_AUTH_URL": "http://localhost:3000", **DEVELOPMENT}
    )

    config = settings.server_config(is_production=False)

    assert config.cookies.session == "better-auth.session_token"
    assert config.issuer == "http://localhost:3000"


def test_what_is_configured_there_can_be_configured_here() -> None:
    config = _read(
        COOKIE_PREFIX="acme",
        SIGN_IN_URL=f"{URL}/login?from=auth",
        TOKEN_ISSUER="acme",
        TOKEN_AUDIENCE="https://api.acme.example",
        TOKEN_TTL="5m",
        ACCOUNT_ISSUERS="acme=https://login.acme.example, google",
    ).server_config(is_production=True)

    assert config.cookies.session == "__Secure-acme.session_token"
    assert config.sign_in_url == f"{URL}/login?from=auth"
    assert config.tokens.issuers == {"acme"}
    assert config.tokens.audiences == {"https://api.acme.example"}
    assert config.tokens.longest == timedelta(minutes=5)
    assert config.account_issuers == {
        "acme": "https://login.acme.example",
        "google": "https://accounts.google.com",
    }


WRONG: dict[str, tuple[str, str]] = {
    "no url": ("URL", ""),
    "plain http": ("URL", "http://acme.example"),
    "http to a private address": ("URL", "http://10.0.0.7:3000"),
    "no scheme": ("URL", "acme.example"),
    "a query": ("URL", f"{URL}?x=1"),
    "a fragment": ("URL", f"{URL}#x"),
    "a step up": ("URL", f"{URL}/a/../b"),
    "a step up at the end": ("URL", f"{URL}/.."),
    "a step nowhere": ("URL", f"{URL}/./b"),
    "an escaped step up": ("URL", f"{URL}/a/%2E%2e/b"),
    "a page behind a step up": ("SIGN_IN_URL", f"{URL}/a/../login"),
    "a password": ("URL", "https://user:hunter2@acme.example"),
    "an empty secret": ("SECRET", " "),
    "an http issuer": ("ISSUER", "http://acme.example"),
    "a long issuer": ("ISSUER", f"{URL}/{'x' * 600}"),
    "a prefix with what browsers see": ("COOKIE_PREFIX", "__Secure-better-auth"),
    "a prefix with a line break": ("COOKIE_PREFIX", "a\nb"),
    "a page that is none": ("SIGN_IN_URL", "/login"),
    "a page in javascript": ("SIGN_IN_URL", "javascript:alert(1)"),
    "an id without issuer": ("ACCOUNT_ISSUERS", "acme"),
    "an id whose subjects are one registration's": ("ACCOUNT_ISSUERS", "kakao"),
    "an id that is left out": ("ACCOUNT_ISSUERS", "google=none"),
    "a known id twice": ("ACCOUNT_ISSUERS", f"google,google={URL}"),
    "an issuer without id": ("ACCOUNT_ISSUERS", "=https://login.acme.example"),
    "an http issuer of accounts": ("ACCOUNT_ISSUERS", "acme=http://login.acme.example"),
    "an id twice": ("ACCOUNT_ISSUERS", f"acme={URL},acme={URL}/x"),
    "an endless token": ("TOKEN_TTL", "2d"),
    "a life in words": ("TOKEN_TTL", "a while"),
    "a token issuer with a line break": ("TOKEN_ISSUER", "a\nb"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_value_is_named_with_what_to_set_and_without_the_value(what: str) -> None:
    name, value = WRONG[what]

    faults = _faults({"BETTER_AUTH_URL": URL, f"BETTER_AUTH_{name}": value})

    assert set(faults) == {f"BETTER_AUTH_{name}"}
    assert "hunter2" not in str(faults)
    problem = faults[f"BETTER_AUTH_{name}"].partition(";")[0]
    assert value.strip() == "" or value not in problem


def test_a_server_beside_us_has_to_be_named_in_production() -> None:
    faults = _faults({"BETTER_AUTH_URL": "http://127.0.0.1:3000"})

    assert set(faults) == {"BETTER_AUTH_ISSUER"}


def test_an_unknown_mode_is_named_with_those_that_there_are() -> None:
    faults = _faults({"BETTER_AUTH_URL": URL, "NETSCRIPT_AUTH_BETTER_AUTH_MODE": "database"})

    assert "remote" in faults["NETSCRIPT_AUTH_BETTER_AUTH_MODE"]
    assert "jwt" in faults["NETSCRIPT_AUTH_BETTER_AUTH_MODE"]


def test_every_fault_is_told_at_once() -> None:
    faults = _faults({"BETTER_AUTH_URL": "http://acme.example", "BETTER_AUTH_SIGN_IN_URL": "x"})

    assert set(faults) == {"BETTER_AUTH_URL", "BETTER_AUTH_SIGN_IN_URL"}


def test_no_secret_shows_in_settings_or_server() -> None:
    settings = _read(SECRET="hunter2-hunter2")

    shown = f"{settings!r} {settings} {settings.server_config(is_production=True)!r}"

    assert "hunter2" not in shown


def test_the_service_finds_it_by_its_name() -> None:
    assert find_backend("better-auth").settings is BetterAuthSettings


@pytest.mark.parametrize("provider_id", KNOWN)
def test_a_known_provider_has_the_issuer_that_our_own_sign_in_gives_it(provider_id: str) -> None:
    own = OF_BETTER_AUTH.get(provider_id, provider_id)

    assert KNOWN[provider_id] == get_preset(own).issuer
