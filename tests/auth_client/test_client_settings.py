"""The settings of a service: all faults at once, each with its variable, none with a value."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from netscript_auth_client import AskAuthority, LocalAuthority, create_authority
from netscript_auth_client.authenticator import create_authenticator
from netscript_auth_client.settings import CallerSettings
from netscript_kernel.errors import ConfigurationError

SECRET = "s" * 43
URL = "https://auth.acme.example"
LOCAL = {"MODE": "local", "AUTH_URL": URL, "AUDIENCE": "orders", "FEED_SECRET": SECRET}


def environment(**variables: str) -> dict[str, str]:
    return {f"NETSCRIPT_CALLERS_{name}": value for name, value in variables.items()}


def test_one_variable_is_enough_to_ask() -> None:
    settings = CallerSettings.from_environment(environment(AUTH_URL=f"{URL}/"))

    assert (settings.mode, settings.auth_url, settings.public_url) == ("ask", URL, URL)
    assert isinstance(create_authority(environment(AUTH_URL=URL)), AskAuthority)


def test_local_needs_an_audience_and_the_secret_of_the_feed() -> None:
    assert isinstance(create_authority(environment(**LOCAL)), LocalAuthority)


def test_the_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    variables = {name: value for name, value in LOCAL.items() if name != "FEED_SECRET"}

    settings = CallerSettings.from_environment(environment(**variables, FEED_SECRET_FILE=str(file)))

    assert settings.feed_secret is not None
    assert settings.feed_secret.get_secret_value() == SECRET


@pytest.mark.parametrize(
    ("variables", "faulty"),
    [
        ({}, {"AUTH_URL"}),
        ({"AUTH_URL": "auth.acme.example"}, {"AUTH_URL"}),
        ({"AUTH_URL": "http://auth-api:8094"}, {"AUTH_URL"}),
        ({"AUTH_URL": f"{URL}/api/v1/auth"}, {"AUTH_URL"}),
        ({"AUTH_URL": f"{URL}?x=hidden"}, {"AUTH_URL"}),
        ({"AUTH_URL": "https://u:hidden@auth.acme.example"}, {"AUTH_URL"}),
        ({"AUTH_URL": URL, "MODE": "hidden"}, {"MODE"}),
        ({"AUTH_URL": URL, "MODE": "local"}, {"AUDIENCE", "FEED_SECRET"}),
        ({**LOCAL, "FEED_SECRET": "hidden"}, {"FEED_SECRET"}),
        ({**LOCAL, "FEED_SECRET": f"orders:{SECRET}"}, {"FEED_SECRET"}),
        ({**LOCAL, "AUDIENCE": "hidden audience"}, {"AUDIENCE"}),
        ({**LOCAL, "MAX_SILENCE": "1s"}, {"MAX_SILENCE"}),
        ({**LOCAL, "COOKIES": "x"}, {"COOKIES"}),
        ({"AUTH_URL": URL, "AUDIENCE": "hidden"}, {"AUDIENCE"}),
        ({"AUTH_URL": URL, "FEED_SECRET_FILE": "/hidden"}, {"FEED_SECRET_FILE"}),
        ({"AUTH_URL": URL, "COOKIES": "hidden=1"}, {"COOKIES"}),
        ({"AUTH_URL": URL, "ALLOWED_ORIGINS": "https://hidden/x"}, {"ALLOWED_ORIGINS"}),
        ({"AUTH_URL": URL, "ALLOWED_ORIGINS": "https://Hidden"}, {"ALLOWED_ORIGINS"}),
        ({"AUTH_URL": URL, "AUTH_UR": "hidden"}, {"AUTH_UR"}),
        (
            {"AUTH_URL": "hidden", "MODE": "local", "OTHER": "hidden"},
            {"AUTH_URL", "AUDIENCE", "FEED_SECRET", "OTHER"},
        ),
    ],
)
def test_every_fault_is_told_by_its_variable_and_no_value_is(
    variables: dict[str, str], faulty: set[str]
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        create_authority(environment(**variables))

    assert {fault.variable for fault in refusal.value.faults} == set(environment(**dict.fromkeys(faulty, "")))
    assert "hidden" not in str(refusal.value)
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    ("create", "mode", "told"),
    [
        (create_authenticator, "proxi", "is no mode. Fix: set it to ask, local or proxy"),
        (create_authenticator, "Local", "is no mode. Fix: set it to ask, local or proxy"),
        (create_authenticator, " ", "is set but empty. Fix: set it to ask, local or proxy"),
        (create_authority, "proxi", "is no mode. Fix: set it to ask or local"),
        (
            create_authority,
            "proxy",
            "is for guards of the kernel alone (create_authenticator). Fix: set it to ask or local",
        ),
    ],
)
def test_a_wrong_mode_is_told_with_those_to_choose_from_and_without_faults_of_a_mode_nobody_meant(
    create: Callable[[dict[str, str]], object], mode: str, told: str
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        create(environment(MODE=mode, PUBLIC_URL="hidden", TRUSTED_PROXIES="hidden"))

    assert str(refusal.value) == f"NETSCRIPT_CALLERS_MODE: {told}"


@pytest.mark.parametrize("create", [create_authenticator, create_authority])
def test_names_that_no_mode_reads_are_told_beside_a_wrong_mode(
    create: Callable[[dict[str, str]], object],
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        create({"PATH": "/bin", **environment(MODE="hidden", AUTH_UR=URL)})

    assert [fault.variable for fault in refusal.value.faults] == [*environment(MODE="", AUTH_UR="")]


def test_a_misspelt_name_is_told_with_what_was_meant() -> None:
    with pytest.raises(ConfigurationError, match=r"did you mean NETSCRIPT_CALLERS_AUTH_URL\?"):
        create_authority(environment(AUTH_UR=URL, AUTH_URL=URL))


def test_addresses_are_read_as_auth_api_and_browsers_write_them() -> None:
    settings = CallerSettings.from_environment(
        environment(AUTH_URL="http://Auth-API:80/", PUBLIC_URL="https://ACME.example:443", ALLOW_HTTP="true")
    )

    assert (settings.auth_url, settings.public_url) == ("http://auth-api", "https://acme.example")


def test_plain_http_to_another_machine_has_to_be_allowed() -> None:
    settings = CallerSettings.from_environment(
        environment(AUTH_URL="http://auth-api:8094", PUBLIC_URL=URL, ALLOW_HTTP="true")
    )

    assert (settings.auth_url, settings.public_url) == ("http://auth-api:8094", URL)


def test_whoever_has_to_use_plain_http_is_told_the_variable_and_what_it_gives_up() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        create_authority(environment(AUTH_URL="http://auth-api:8094", PUBLIC_URL=URL))

    (fault,) = refusal.value.faults
    assert "NETSCRIPT_CALLERS_ALLOW_HTTP=true" in fault.problem
    assert "can then read sessions" in fault.problem


@pytest.mark.parametrize("url", ["http://u:p@auth-api:8094", "ftp://auth-api", "http://auth api"])
def test_what_plain_http_would_not_mend_is_not_told_of_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        create_authority(environment(AUTH_URL=url, PUBLIC_URL=URL))

    assert "ALLOW_HTTP" not in str(refusal.value)


def test_plain_http_to_this_machine_is_not_on_a_network() -> None:
    assert CallerSettings.from_environment(environment(AUTH_URL="http://127.0.0.1:8094")).mode == "ask"


def test_silence_may_be_set() -> None:
    settings = CallerSettings.from_environment(environment(**LOCAL, MAX_SILENCE="10s"))

    assert settings.max_silence == timedelta(seconds=10)


def test_what_is_for_somebody_else_is_not_looked_at() -> None:
    others = {"NETSCRIPT_AUTH_CLIENT_ID": "x", "PATH": "/bin"}

    assert create_authority({**others, **environment(AUTH_URL=URL)})
