"""Settings come from what is handed over; every fault is told at once, and no value ever is."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from netscript_kernel.errors import ConfigurationError, Fault
from netscript_kernel.settings import (
    CommaSeparated,
    Duration,
    Fix,
    Settings,
    between,
    gather_faults,
    parse_duration,
    split_commas,
)

SECRET = "s3cr3t-v4lue"


def refuse_all(value: str) -> str:
    raise ValueError("is not a sender of ours")


class MailSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="ACME_MAIL_")

    sender: Annotated[str, Fix("the address that mails come from")]
    password: Annotated[SecretStr, Fix("the password of the mail server")]
    token: SecretStr | None = None
    retries: int = Field(default=3, ge=0, description="how often a mail is sent again")
    pause: Duration = timedelta(seconds=1)
    hosts: CommaSeparated = ()
    level: Annotated[str, Fix("a level")] = Field(default="info", validation_alias="LOG_LEVEL")


class OddSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="ODD_")

    sender: Annotated[str, AfterValidator(refuse_all), Fix("another sender")]


def refuse_every_token(value: SecretStr) -> SecretStr:
    raise ValueError("is not a token of ours")


class TokenSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="ODD_")

    token: Annotated[SecretStr, AfterValidator(refuse_every_token), Fix("a token")]


GOOD = {"ACME_MAIL_SENDER": "post@acme.example", "ACME_MAIL_PASSWORD": SECRET}


def faults_of(environment: dict[str, str], settings: type[Settings] = MailSettings) -> list[Fault]:
    with pytest.raises(ConfigurationError) as refused:
        settings.from_environment(environment)
    assert SECRET not in str(refused.value)
    assert SECRET not in repr(refused.value.faults)
    return list(refused.value.faults)


def test_settings_are_read_from_the_mapping_with_their_prefix() -> None:
    settings = MailSettings.from_environment(
        {
            **GOOD,
            "ACME_MAIL_RETRIES": "5",
            "ACME_MAIL_PAUSE": "2m",
            "ACME_MAIL_HOSTS": "a, b,",
            "LOG_LEVEL": "debug",
        }
    )

    assert settings.sender == "post@acme.example"
    assert settings.password.get_secret_value() == SECRET
    assert (settings.retries, settings.pause, settings.hosts) == (5, timedelta(minutes=2), ("a", "b"))
    assert settings.level == "debug"


def test_the_process_environment_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_MAIL_RETRIES", "9")

    settings = MailSettings.from_environment(GOOD)

    assert settings.retries == 3


def test_settings_are_immutable_and_their_secrets_are_not_shown() -> None:
    settings = MailSettings.from_environment(GOOD)

    with pytest.raises(ValidationError):
        settings.sender = "x"
    assert SECRET not in repr(settings)
    assert SECRET not in settings.model_dump_json()


def test_all_faults_are_told_at_once_each_with_its_variable_and_fix() -> None:
    faults = faults_of({"ACME_MAIL_RETRIES": "-1", "ACME_MAIL_PAUSE": SECRET})

    assert [(fault.variable, fault.fix) for fault in faults] == [
        ("ACME_MAIL_SENDER", "the address that mails come from"),
        ("ACME_MAIL_PASSWORD", "the password of the mail server"),
        ("ACME_MAIL_RETRIES", "how often a mail is sent again"),
        ("ACME_MAIL_PAUSE", "set it"),
    ]
    assert [fault.problem for fault in faults[:2]] == ["is not set", "is not set"]
    assert faults[3].problem == "is not a duration such as 30s, 15m, 24h or 7d"


@pytest.mark.parametrize("empty", ["", " ", "\t\n"])
def test_a_value_that_is_set_but_empty_is_one_fault(empty: str) -> None:
    faults = faults_of({**GOOD, "ACME_MAIL_SENDER": empty, "ACME_MAIL_TOKEN": empty})

    assert [(fault.variable, fault.problem) for fault in faults] == [
        ("ACME_MAIL_SENDER", "is set but empty"),
        ("ACME_MAIL_TOKEN", "is set but empty"),
    ]


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{SECRET}\n")
    environment = {"ACME_MAIL_SENDER": "x", "ACME_MAIL_PASSWORD_FILE": str(tmp_path / "password")}

    settings = MailSettings.from_environment(environment)

    assert settings.password.get_secret_value() == SECRET


def test_an_optional_secret_may_come_from_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(SECRET)

    settings = MailSettings.from_environment({**GOOD, "ACME_MAIL_TOKEN_FILE": str(tmp_path / "token")})

    assert settings.token is not None
    assert settings.token.get_secret_value() == SECRET


def test_what_is_no_secret_does_not_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "sender").write_text("x")

    faults = faults_of({"ACME_MAIL_PASSWORD": SECRET, "ACME_MAIL_SENDER_FILE": str(tmp_path / "sender")})

    assert [(fault.variable, fault.problem) for fault in faults] == [("ACME_MAIL_SENDER", "is not set")]


def test_a_secret_and_its_file_together_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(SECRET)

    faults = faults_of({**GOOD, "ACME_MAIL_PASSWORD_FILE": str(tmp_path / "password")})

    assert [fault.variable for fault in faults] == ["ACME_MAIL_PASSWORD"]
    assert "ACME_MAIL_PASSWORD_FILE too" in faults[0].problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "names a file that cannot be read (No such file or directory)"),
        (b"", "names an empty file"),
        (b" \n", "names an empty file"),
        (b"\xff\xfe\x00", "names a file that cannot be read (it is no UTF-8 text)"),
        (b"x" * 65_537, "names a file that cannot be read (it has more than 64 KiB)"),
    ],
)
def test_a_file_that_gives_no_secret_is_a_fault_of_its_variable(
    tmp_path: Path, content: bytes | None, problem: str
) -> None:
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)

    faults = faults_of({"ACME_MAIL_SENDER": "x", "ACME_MAIL_PASSWORD_FILE": str(path)})

    assert [(fault.variable, fault.problem) for fault in faults] == [("ACME_MAIL_PASSWORD_FILE", problem)]
    assert str(path) not in str(faults)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [_pipe, _device, _folder])
def test_what_is_no_regular_file_is_not_read(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "password")

    faults = faults_of({"ACME_MAIL_SENDER": "x", "ACME_MAIL_PASSWORD_FILE": str(tmp_path / "password")})

    problem = "names a file that cannot be read (it is no regular file)"
    assert [fault.problem for fault in faults] == [problem]


def test_a_secret_of_64_kib_is_read(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("x" * 65_536)
    environment = {"ACME_MAIL_SENDER": "x", "ACME_MAIL_PASSWORD_FILE": str(tmp_path / "password")}

    settings = MailSettings.from_environment(environment)

    assert len(settings.password.get_secret_value()) == 65_536


def test_a_text_of_a_file_that_is_refused_is_a_fault_of_the_variable_that_names_the_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "token").write_text(SECRET)

    faults = faults_of({"ODD_TOKEN_FILE": str(tmp_path / "token")}, TokenSettings)

    assert [str(fault) for fault in faults] == [
        "ODD_TOKEN_FILE: names a file whose text is not a token of ours. "
        "Fix: a readable text file that holds: a token"
    ]


def test_a_validator_s_words_are_told_as_they_are() -> None:
    faults = faults_of({"ODD_SENDER": SECRET}, OddSettings)

    assert [str(fault) for fault in faults] == ["ODD_SENDER: is not a sender of ours. Fix: another sender"]


def test_faults_of_several_settings_are_told_together_and_each_once() -> None:
    twice = Fault("A", "is not set", "set it")
    errors = [ConfigurationError([twice]), ConfigurationError([twice, Fault("B", "is odd", "fix it")])]

    gathered = gather_faults(errors)

    assert gathered is not None
    assert str(gathered) == "A: is not set. Fix: set it\nB: is odd. Fix: fix it"
    assert gather_faults([]) is None


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30), ("30s", 30), (" 15m ", 900), ("24h", 86400), ("7 d", 604800), ("0", 0)]
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["-1s", "1w", "1.5h", "s", "1h30m", "1e3", "9999999999s", "٣s"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@given(st.lists(st.text(alphabet="abc.:/", min_size=1), max_size=5))
def test_commas_separate_whatever_is_between_them(items: list[str]) -> None:
    assert split_commas(", ".join(items)) == tuple(items)


printable = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=30)


class KeepSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="ACME_")

    keep: Annotated[Duration, between(timedelta(seconds=90), timedelta(days=2)), Fix("90s to 2d")] = (
        timedelta(hours=1)
    )
    stale: Annotated[Duration, between(timedelta(0), timedelta(hours=36)), Fix("0s to 36h")] = timedelta(0)


@pytest.mark.parametrize("text", ["90s", "90", "5m", "48h", "2d"])
def test_a_duration_may_be_each_of_its_bounds_and_what_is_between(text: str) -> None:
    assert KeepSettings.from_environment({"ACME_KEEP": text}).keep == parse_duration(text)


@pytest.mark.parametrize("text", ["89s", "1m", "49h", "3d", "999999999d"])
def test_a_duration_beyond_its_bounds_is_refused_in_the_words_of_variables(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        KeepSettings.from_environment({"ACME_KEEP": text, "ACME_STALE": "37h"})

    assert caught.value.faults == (
        Fault("ACME_KEEP", "is not between 90s and 2d", "90s to 2d"),
        Fault("ACME_STALE", "is not between 0s and 36h", "0s to 36h"),
    )


@given(values=st.dictionaries(st.sampled_from(["RETRIES", "PAUSE", "HOSTS", "SENDER", "TOKEN"]), printable))
def test_whatever_is_set_no_value_is_ever_told(values: dict[str, str]) -> None:
    environment = {f"ACME_MAIL_{name}": f"{SECRET}{value}" for name, value in values.items()}

    faults_of(environment)
