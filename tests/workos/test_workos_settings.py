"""What an operator may set wrongly, and what is said then."""

import logging
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from netscript_auth_workos import WorkOSSettings
from netscript_auth_workos.seals.session_data import SealKind
from netscript_kernel.errors import ConfigurationError
from tests.workos.pretend_workos import open_pretend

KEY = Fernet.generate_key().decode()
TEXT = "a text of more than thirty-two characters"
WHOLE = {"WORKOS_API_KEY": "sk_live_secret", "WORKOS_CLIENT_ID": "client_01", "WORKOS_COOKIE_PASSWORD": KEY}


def _faults(**variables: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        WorkOSSettings.from_environment({**WHOLE, **variables})
    return str(caught.value)


def test_all_that_is_missing_is_told_together_with_where_to_get_it() -> None:
    with pytest.raises(ConfigurationError) as caught:
        WorkOSSettings.from_environment({})

    told = str(caught.value)
    assert {fault.variable for fault in caught.value.faults} == set(WHOLE)
    assert "WorkOS dashboard, API Keys" in told


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("WORKOS_COOKIE_PASSWORD", "too short", "is shorter than 32 characters"),
        ("WORKOS_COOKIE_SEALS", "python,ruby", "names something else"),
        ("WORKOS_CLIENT_ID", "../client", "WORKOS_CLIENT_ID"),
        ("WORKOS_COOKIE_NAME", "a b", "WORKOS_COOKIE_NAME"),
        ("WORKOS_COOKIE_DOMAIN", "a; Path=/x", "WORKOS_COOKIE_DOMAIN"),
        ("WORKOS_BASE_URL", "http://127.0.0.1:4100", "plain http URL"),
        ("WORKOS_BASE_URL", "api.workos.com", "is not an absolute URL"),
        ("WORKOS_SIGN_IN_URL", "/login", "is not an absolute URL"),
        ("WORKOS_SIGN_IN_URL", "javascript:alert(1)", "WORKOS_SIGN_IN_URL"),
        ("WORKOS_ISSUERS", "https://auth.acme.example,auth.other.example", "WORKOS_ISSUERS"),
        ("WORKOS_ACCESS_TOKEN_LIFE", "2d", "WORKOS_ACCESS_TOKEN_LIFE"),
        ("WORKOS_ACCESS_TOKEN_LIFE", "soon", "is not a duration"),
        ("WORKOS_END_SESSION", "perhaps", "WORKOS_END_SESSION"),
    ],
)
def test_a_wrong_value_stops_the_start_and_names_its_variable(variable: str, value: str, said: str) -> None:
    told = _faults(**{variable: value})

    assert variable in told
    assert said in told
    assert WHOLE["WORKOS_API_KEY"] not in told


def test_a_password_that_cannot_open_what_is_said_to_be_sealed_is_a_fault() -> None:
    told = _faults(WORKOS_COOKIE_PASSWORD=TEXT, WORKOS_COOKIE_SEALS="python")

    assert "is no Fernet key" in told
    assert TEXT not in told


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text(f"{KEY}\n", encoding="utf-8")
    variables = {name: value for name, value in WHOLE.items() if name != "WORKOS_COOKIE_PASSWORD"}

    settings = WorkOSSettings.from_environment({**variables, "WORKOS_COOKIE_PASSWORD_FILE": str(path)})

    assert settings.password == KEY


def test_a_plain_http_address_of_this_machine_will_do_in_development() -> None:
    variables = {"NETSCRIPT_PROFILE": "development", "WORKOS_BASE_URL": "http://127.0.0.1:4100/"}

    settings = WorkOSSettings.from_environment({**WHOLE, **variables})

    assert settings.api == "http://127.0.0.1:4100"


def test_without_a_word_on_seals_all_that_the_password_opens_are_accepted() -> None:
    by_key = WorkOSSettings.from_environment(WHOLE)
    by_text = WorkOSSettings.from_environment({**WHOLE, "WORKOS_COOKIE_PASSWORD": TEXT})

    assert by_key.kinds == {SealKind.PYTHON, SealKind.NODE}
    assert by_text.kinds == {SealKind.NODE}


def test_a_cookie_that_nobody_sealed_is_accepted_beside_a_password_only_where_that_is_said() -> None:
    settings = WorkOSSettings.from_environment({**WHOLE, "WORKOS_COOKIE_SEALS": "python,plain"})

    assert settings.kinds == {SealKind.PYTHON, SealKind.PLAIN}


def test_where_nothing_is_sealed_no_password_is_needed() -> None:
    variables = {name: value for name, value in WHOLE.items() if name != "WORKOS_COOKIE_PASSWORD"}

    settings = WorkOSSettings.from_environment({**variables, "WORKOS_COOKIE_SEALS": "plain"})

    assert settings.kinds == {SealKind.PLAIN}


@pytest.mark.parametrize("seals", ["plain,node", "", "ruby"])
def test_a_password_that_is_missing_lets_no_cookie_pass_unsealed_by_itself(seals: str) -> None:
    variables = {name: value for name, value in WHOLE.items() if name != "WORKOS_COOKIE_PASSWORD"}

    with pytest.raises(ConfigurationError) as caught:
        WorkOSSettings.from_environment({**variables, "WORKOS_COOKIE_SEALS": seals})

    assert "WORKOS_COOKIE_PASSWORD" in {fault.variable for fault in caught.value.faults}


def test_of_a_missing_password_nothing_is_said_where_none_is_needed() -> None:
    with pytest.raises(ConfigurationError) as caught:
        WorkOSSettings.from_environment({"WORKOS_CLIENT_ID": "client_01", "WORKOS_COOKIE_SEALS": "plain"})

    assert {fault.variable for fault in caught.value.faults} == {"WORKOS_API_KEY"}


async def test_an_operator_is_told_which_cookies_a_text_does_not_open(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        async with open_pretend(WORKOS_COOKIE_PASSWORD=TEXT):
            pass

    assert "WORKOS_COOKIE_PASSWORD is no Fernet key" in caplog.text


async def test_what_is_not_offered_leads_to_the_application() -> None:
    async with open_pretend(WORKOS_SIGN_IN_URL="https://acme.example/login") as (_, backend):
        can = backend.capabilities

    assert can.sign_in_url == "https://acme.example/login"
    assert set(can.refused) == {
        *("signin", "callback", "create_sessions", "refresh", "upstream_logout", "step_up")
    }
    assert can.revocation_lag.total_seconds() == 300
