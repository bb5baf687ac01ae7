"""Settings of auth-api: production is closed until told, development stays on this machine."""

from datetime import timedelta
from pathlib import Path

import pytest

from netscript_auth_core.account_links import LinkRule
from netscript_kernel.errors import ConfigurationError
from netscript_plugin_auth.limits.rate import Rate
from netscript_plugin_auth.settings import AuthServiceSettings

# Fixed, because parameters name tests, and parallel runners must agree on the names.
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
PRODUCTION = {
    "NETSCRIPT_KV_URL": "sqlite:////var/lib/acme/pa55word.db",
    "NETSCRIPT_AUTH_PUBLIC_URL": "https://auth.acme.example",
    "NETSCRIPT_AUTH_KEYS": KEY,
}
DEVELOPMENT = {"NETSCRIPT_PROFILE": "development"}


def faults_of(environment: dict[str, str]) -> dict[str, str]:
    """Problems by variable; no fault may repeat a secret."""
    with pytest.raises(ConfigurationError) as caught:
        AuthServiceSettings.from_environment(environment)
    assert "pa55word" not in str(caught.value)
    assert KEY not in str(caught.value)
    return {fault.variable: fault.problem for fault in caught.value.faults}


def test_production_says_everything_that_is_missing_at_once() -> None:
    faults = faults_of({})

    assert faults == dict.fromkeys(
        ("NETSCRIPT_KV_URL", "NETSCRIPT_AUTH_PUBLIC_URL", "NETSCRIPT_AUTH_KEYS"), "is not set"
    )


def test_a_missing_key_is_explained_by_the_command_that_makes_one() -> None:
    with pytest.raises(ConfigurationError, match="netscript auth secret generate"):
        AuthServiceSettings.from_environment({})


def test_production_with_what_it_needs_opens_nothing_else() -> None:
    settings = AuthServiceSettings.from_environment(PRODUCTION)

    assert settings.is_production
    assert settings.is_https
    assert settings.allowed_hosts == ("auth.acme.example",)
    assert (settings.allowed_origins, settings.allowed_return_to) == ((), ())
    assert (settings.default_return_to, settings.cookie_name) == ("/account", "netscript-session")
    assert (settings.backend, settings.port, settings.host) == ("kv-oauth", 8094, "0.0.0.0")  # noqa: S104 - said


def test_development_needs_nothing_and_stays_on_loopback() -> None:
    settings = AuthServiceSettings.from_environment({**DEVELOPMENT, "PORT": "9000"})

    assert (settings.host, settings.public_url) == ("127.0.0.1", "http://localhost:9000")
    assert (settings.data_dir, settings.kv_url.get_secret_value()) == (Path(".data"), "sqlite://")
    assert settings.keys is None
    assert set(settings.allowed_hosts) == {"localhost:9000", "localhost", "127.0.0.1", "[::1]"}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "auth.acme.example", "128.0.0.1"])  # noqa: S104 - refused
def test_development_refuses_to_be_reached_from_another_machine(host: str) -> None:
    faults = faults_of({**DEVELOPMENT, "NETSCRIPT_HOST": host})

    assert faults == {
        "NETSCRIPT_HOST": "is reachable from other machines, which the development profile refuses"
    }


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_development_listens_on_any_loopback(host: str) -> None:
    assert AuthServiceSettings.from_environment({**DEVELOPMENT, "NETSCRIPT_HOST": host}).host == host


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("NETSCRIPT_PROFILE", "Production", "is not valid"),
        ("NETSCRIPT_PROFILE", " ", "is set but empty"),
        ("PORT", "0", "is not valid"),
        ("PORT", "http", "is not valid"),
        ("NETSCRIPT_AUTH_BACKEND", "", "is set but empty"),
        ("NETSCRIPT_AUTH_PUBLIC_URL", "http://auth.acme.example", "is not https"),
        ("NETSCRIPT_AUTH_PUBLIC_URL", "https://auth.acme.example/auth", "is not an address of a host alone"),
        ("NETSCRIPT_AUTH_PUBLIC_URL", "https://auth.acme.example?x", "is not an address of a host alone"),
        ("NETSCRIPT_AUTH_PUBLIC_URL", "https://auth.acme.example/#", "is not an address of a host alone"),
        ("NETSCRIPT_AUTH_PUBLIC_URL", "https://user@auth.acme.example", "is not an address of a host alone"),
        ("NETSCRIPT_AUTH_PUBLIC_URL", "auth.acme.example", "is not an address of a host alone"),
        ("NETSCRIPT_KV_URL", "mysql://acme@db.acme.example/auth", "names no store that there is"),
        ("NETSCRIPT_KV_URL", "sqlite://", "names no file, and there is no data directory"),
        ("NETSCRIPT_AUTH_KEYS", "ab" * 32, "has a key in hexadecimal"),
        ("NETSCRIPT_AUTH_KEYS", f"{KEY}, {'0' * 64}", "has a key in hexadecimal"),
        ("NETSCRIPT_AUTH_KEYS", "A" * 42, "is not usable: key 1 is 31 bytes long, 32 are needed"),
        ("NETSCRIPT_AUTH_KEYS", "A" * 43, "is not usable: key 1 is not random"),
        ("NETSCRIPT_AUTH_KEYS", f"{KEY},change me", "is not usable: key 2 is not base64url"),
        ("NETSCRIPT_AUTH_PAGES", "perhaps", "is not valid"),
        ("NETSCRIPT_AUTH_ALLOWED_RETURN_TO", "https://a.example,b.example", "has an entry, number 2"),
        ("NETSCRIPT_AUTH_ALLOWED_RETURN_TO", "https://a.example/?x=y", "has an entry, number 1"),
        ("NETSCRIPT_AUTH_ALLOWED_RETURN_TO", "http://a.example", "has an entry, number 1, that is not https"),
        ("NETSCRIPT_AUTH_ALLOWED_RETURN_TO", "https://*.a.example", "has an entry, number 1"),
        ("NETSCRIPT_AUTH_DEFAULT_RETURN_TO", "https://a.example", "is not a destination that is allowed"),
        ("NETSCRIPT_AUTH_ALLOWED_ORIGINS", "*", "has an entry, number 1"),
        ("NETSCRIPT_AUTH_ALLOWED_ORIGINS", "https://a.example/", "has an entry, number 1"),
        ("NETSCRIPT_AUTH_ALLOWED_ORIGINS", "https://a.example:443", "has an entry, number 1"),
        ("NETSCRIPT_AUTH_ALLOWED_HOSTS", "https://a.example", "has an entry, number 1, that is no host"),
        ("NETSCRIPT_AUTH_ALLOWED_HOSTS", "*", "has an entry, number 1, that is no host"),
        ("NETSCRIPT_AUTH_LINK_BY", "upstream,email", "has an entry, number 2, that is no rule"),
        ("NETSCRIPT_AUTH_LINK_BY", "upstream,nothing", "has an entry, number 2, that is no rule"),
        ("NETSCRIPT_AUTH_SERVICE_CREDENTIALS", "", "is set but empty"),
        (
            "NETSCRIPT_AUTH_SERVICE_CREDENTIALS",
            "orders:secret",
            "has an entry, number 1, whose secret",
        ),
        ("NETSCRIPT_AUTH_COOKIE_NAME", "__Host-session", "has a prefix"),
        ("NETSCRIPT_AUTH_COOKIE_NAME", "my session", "is not a cookie name"),
        ("NETSCRIPT_AUTH_COOKIE_NAME", "netscript-flow-1", "is the name of another cookie"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_wrong(variable: str, value: str, problem: str) -> None:
    faults = faults_of({**PRODUCTION, variable: value})

    assert faults.keys() == {variable}
    assert faults[variable].startswith(problem)


def test_several_wrong_values_are_told_together() -> None:
    faults = faults_of({"PORT": "x", "NETSCRIPT_AUTH_COOKIE_NAME": "a b", **DEVELOPMENT})

    assert faults.keys() == {"PORT", "NETSCRIPT_AUTH_COOKIE_NAME"}


def test_plain_http_elsewhere_is_refused_in_development_too() -> None:
    faults = faults_of({**DEVELOPMENT, "NETSCRIPT_AUTH_PUBLIC_URL": "http://auth.acme.example"})

    assert faults == {"NETSCRIPT_AUTH_PUBLIC_URL": "is plain http to another machine"}


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"{KEY}\n")
    environment = {name: value for name, value in PRODUCTION.items() if name != "NETSCRIPT_AUTH_KEYS"}

    settings = AuthServiceSettings.from_environment(
        {**environment, "NETSCRIPT_AUTH_KEYS_FILE": str(tmp_path / "keys")}
    )

    assert settings.keys is not None
    assert settings.keys.get_secret_value() == KEY


def test_the_hosts_that_are_named_are_answered_beside_our_own() -> None:
    settings = AuthServiceSettings.from_environment(
        {**PRODUCTION, "NETSCRIPT_AUTH_ALLOWED_HOSTS": "Auth.Internal:8094, [::1]"}
    )

    assert settings.allowed_hosts == ("auth.acme.example", "auth.internal:8094", "[::1]")


def test_a_destination_elsewhere_may_be_the_default_if_it_is_allowed() -> None:
    settings = AuthServiceSettings.from_environment(
        {
            **PRODUCTION,
            "NETSCRIPT_AUTH_ALLOWED_RETURN_TO": "https://app.acme.example/area",
            "NETSCRIPT_AUTH_DEFAULT_RETURN_TO": "https://app.acme.example/area/home",
        }
    )

    assert settings.return_to_policy().default == "https://app.acme.example/area/home"


def test_without_pages_the_default_destination_is_the_root() -> None:
    assert (
        AuthServiceSettings.from_environment(
            {**PRODUCTION, "NETSCRIPT_AUTH_PAGES": "false"}
        ).default_return_to
        == "/"
    )


def test_no_secret_shows_in_the_settings() -> None:
    shown = repr(AuthServiceSettings.from_environment(PRODUCTION))

    assert "pa55word" not in shown
    assert KEY not in shown


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        (None, {LinkRule.UPSTREAM}),
        ("nothing", set[LinkRule]()),
        ("verified-email", {LinkRule.VERIFIED_EMAIL}),
        ("upstream, verified-email", set(LinkRule)),
    ],
)
def test_what_joins_accounts_is_the_operators_choice(text: str | None, rules: set[LinkRule]) -> None:
    given = {} if text is None else {"NETSCRIPT_AUTH_LINK_BY": text}

    assert AuthServiceSettings.from_environment({**DEVELOPMENT, **given}).link_rules == rules


def test_rates_are_limited_unless_somebody_says_otherwise() -> None:
    off = {**PRODUCTION, "NETSCRIPT_AUTH_RATE_LIMIT": "off"}

    assert AuthServiceSettings.from_environment(PRODUCTION).rate_limit == Rate(300, timedelta(minutes=1))
    assert AuthServiceSettings.from_environment(off).rate_limit is None
