"""The whole configuration: every fault of service, backend and names in one message."""

import logging
import os
import stat
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated, NoReturn

import pytest
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from netscript_auth_core.backends import (
    AnyDefinition,
    BackendContext,
    BackendDefinition,
    installed_backends,
)
from netscript_auth_core.memory import MemoryBackendSettings, definition
from netscript_auth_core.ports import AuthBackendPort
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.keyring import generate_key, parse_keys
from netscript_kernel.settings import Fix, Settings
from netscript_plugin_auth.configuration import read_configuration
from netscript_plugin_auth.development.key import development_keys
from netscript_plugin_auth.environment import process_environment
from netscript_plugin_auth.faults import EXIT_CONFIGURATION, run_telling_faults
from netscript_plugin_auth.own_backends import OF_VENDORS
from netscript_plugin_auth.serving import serve_auth

DEVELOPMENT = {"NETSCRIPT_PROFILE": "development", "NETSCRIPT_AUTH_BACKEND": "memory"}


class AcmeSettings(Settings):
    """Settings of another adapter, some of whose variables are named by other values."""

    model_config = SettingsConfigDict(env_prefix="NETSCRIPT_AUTH_ACME_")

    tenant: Annotated[str, Fix("your tenant at Acme")]
    secret: Annotated[SecretStr | None, Fix("from Acme's console")] = None

    @classmethod
    def knows(cls, variable: str) -> bool:
        return variable.startswith("NETSCRIPT_AUTH_ACME_REGION_")


async def open_acme(settings: AcmeSettings, context: BackendContext) -> AuthBackendPort:
    raise AssertionError(f"nothing is opened by reading {settings!r} {context!r}")


class HarbourSettings(Settings):
    """Settings of an adapter that calls its variables as its vendor does."""

    model_config = SettingsConfigDict(env_prefix="HARBOUR_")

    account_issuers: Annotated[str, Fix("whose accounts they are")] = ""
    password: Annotated[SecretStr | None, Fix("from Harbour's console")] = None


async def open_harbour(settings: HarbourSettings, context: BackendContext) -> AuthBackendPort:
    raise AssertionError(f"nothing is opened by reading {settings!r} {context!r}")


DEFINITIONS: dict[str, AnyDefinition] = {
    "memory": definition,
    "acme": BackendDefinition(settings=AcmeSettings, open=open_acme),
    "harbour": BackendDefinition(settings=HarbourSettings, open=open_harbour),
}


def faults_of(environment: dict[str, str]) -> dict[str, tuple[str, str]]:
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(environment, DEFINITIONS)
    return {fault.variable: (fault.problem, fault.fix) for fault in caught.value.faults}


def test_the_chosen_backends_settings_are_read_with_the_services() -> None:
    configuration = read_configuration(
        {
            "NETSCRIPT_PROFILE": "development",
            "NETSCRIPT_AUTH_BACKEND": "acme",
            "NETSCRIPT_AUTH_ACME_TENANT": "t1",
        },
        DEFINITIONS,
    )

    assert configuration.service.backend == "acme"
    assert isinstance(configuration.backend.settings, AcmeSettings)
    assert configuration.backend.settings.tenant == "t1"


INSTALLED = ", ".join(sorted({*DEFINITIONS, *installed_backends()}))


@pytest.mark.parametrize(
    ("name", "told", "fix"),
    [
        ("kvoauth", "", "did you mean kv-oauth? Installed: "),
        (" kv-oauth", ", and has a blank or a line end beside it", "did you mean kv-oauth? Installed: "),
        ("kv-oauth\r", ", and has a blank or a line end beside it", "did you mean kv-oauth? Installed: "),
        ("nonsense", "", "one of the installed: "),
        ("KV-OAuth", "", "did you mean kv-oauth? Installed: "),
        ("../x", "", "one of the installed: "),
        ("x\x1b[2J", "", "one of the installed: "),
        ("x\u2028", ", and has a blank or a line end beside it", "one of the installed: "),
        ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "", "one of the installed: "),
        ("value3f9c0a7be21d", "", "one of the installed: "),
        ("d41d8cd98f00b204e9800998ecf8427e", "", "one of the installed: "),
        ("a1b2c3d4-0000-4000-8000-0123456789ab", "", "one of the installed: "),
    ],
)
def test_an_unknown_backend_is_answered_with_those_that_are_there(name: str, told: str, fix: str) -> None:
    faults = faults_of({"NETSCRIPT_PROFILE": "development", "NETSCRIPT_AUTH_BACKEND": name})

    assert faults == {
        "NETSCRIPT_AUTH_BACKEND": (f"names no installed auth backend{told}", f"{fix}{INSTALLED}")
    }


@pytest.mark.parametrize("name", ["", "   "])
def test_an_empty_backend_is_told_once(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_configuration({"NETSCRIPT_PROFILE": "development", "NETSCRIPT_AUTH_BACKEND": name}, DEFINITIONS)

    assert [str(fault) for fault in caught.value.faults] == [
        "NETSCRIPT_AUTH_BACKEND: is set but empty. "
        "Fix: remove it, or set it: the name of an installed auth backend"
    ]


def test_faults_of_service_backend_and_names_come_together() -> None:
    faults = faults_of(
        {
            "NETSCRIPT_PROFILE": "development",
            "PORT": "x",
            "NETSCRIPT_AUTH_BACKEND": "acme",
            "NETSCRIPT_AUTH_ACME_TENNANT": "t1",
        }
    )

    assert faults.keys() == {"PORT", "NETSCRIPT_AUTH_ACME_TENANT", "NETSCRIPT_AUTH_ACME_TENNANT"}
    assert faults["NETSCRIPT_AUTH_ACME_TENNANT"] == (
        "is read by nothing",
        "did you mean NETSCRIPT_AUTH_ACME_TENANT?",
    )


@pytest.mark.parametrize(
    ("variable", "fix"),
    [
        ("NETSCRIPT_AUTH_COOKIENAME", "did you mean NETSCRIPT_AUTH_COOKIE_NAME?"),
        ("NETSCRIPT_AUTH_PUBLIC_URI", "did you mean NETSCRIPT_AUTH_PUBLIC_URL?"),
        ("NETSCRIPT_AUTH_KEY", "did you mean NETSCRIPT_AUTH_KEYS?"),
        ("NETSCRIPT_AUTH_PAGES_FILE", "did you mean NETSCRIPT_AUTH_PAGES?"),
        ("NETSCRIPT_AUTH_", "remove it; see the README for what there is"),
        ("NETSCRIPT_AUTH_XYZZY", "remove it; see the README for what there is"),
    ],
)
def test_a_variable_that_nobody_reads_is_never_ignored(variable: str, fix: str) -> None:
    assert faults_of({**DEVELOPMENT, variable: "1"}) == {variable: ("is read by nothing", fix)}


@pytest.mark.parametrize(
    "chosen",
    [
        {"NETSCRIPT_AUTH_BACKEND": "harbour"},
        {"NETSCRIPT_AUTH_DRAIN_BACKENDS": "harbour"},
        {"NETSCRIPT_AUTH_BACKEND": "harbour", "NETSCRIPT_AUTH_DRAIN_BACKENDS": "harbour,memory"},
    ],
    ids=["active", "drained", "both"],
)
@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("HARBOUR_ACOUNT_ISSUERS", "HARBOUR_ACCOUNT_ISSUERS"),
        ("HARBOUR_ACCOUNT_ISSUER", "HARBOUR_ACCOUNT_ISSUERS"),
        ("HARBOUR_ACCOUNT_ISSUERS_FILE", "HARBOUR_ACCOUNT_ISSUERS"),
        ("HARBOUR_PASWORD_FILE", "HARBOUR_PASSWORD"),
    ],
)
def test_a_misspelt_variable_of_a_vendor_is_told_like_one_of_ours(
    chosen: dict[str, str], variable: str, meant: str
) -> None:
    faults = faults_of({**DEVELOPMENT, **chosen, variable: "1"})

    assert faults == {variable: ("is read by nothing", f"did you mean {meant}?")}


@pytest.mark.parametrize(
    "variable", ["HARBOUR_REGION", "HARBOUR_", "HARBOUR_ACCOUNTS", "PUBLIC_HARBOUR_PASWORD"]
)
def test_a_variable_that_is_the_vendors_alone_is_no_concern_of_ours(variable: str) -> None:
    environment = {**DEVELOPMENT, "NETSCRIPT_AUTH_BACKEND": "harbour", variable: "1"}

    assert read_configuration(environment, DEFINITIONS).service.backend == "harbour"


def test_a_misspelt_variable_of_a_backend_that_is_not_opened_is_no_fault() -> None:
    environment = {**DEVELOPMENT, "HARBOUR_ACOUNT_ISSUERS": "1"}

    assert read_configuration(environment, DEFINITIONS).service.backend == "memory"


VENDORS = {
    "better-auth": {"BETTER_AUTH_URL": "https://app.acme.example"},
    "workos": {
        "WORKOS_API_KEY": "sk_test",
        "WORKOS_CLIENT_ID": "client_01ACME",
        "WORKOS_COOKIE_PASSWORD": "a password of the tests, long enough",
    },
}


@pytest.mark.parametrize("backend", VENDORS)
def test_what_the_libraries_of_a_vendor_read_stands_beside_what_we_read(backend: str) -> None:
    theirs = dict.fromkeys(OF_VENDORS, "1")
    environment = {**DEVELOPMENT, "NETSCRIPT_AUTH_BACKEND": backend, **VENDORS[backend], **theirs}

    assert read_configuration(environment).service.backend == backend


@pytest.mark.parametrize(
    ("backend", "misspelt", "meant"),
    [
        ("better-auth", "BETTER_AUTH_ACOUNT_ISSUERS", "BETTER_AUTH_ACCOUNT_ISSUERS"),
        ("workos", "WORKOS_COOKIE_DOMAINS", "WORKOS_COOKIE_DOMAIN"),
    ],
)
def test_our_own_backends_tell_of_a_misspelt_variable(backend: str, misspelt: str, meant: str) -> None:
    environment = {**DEVELOPMENT, "NETSCRIPT_AUTH_BACKEND": backend, **VENDORS[backend], misspelt: "1"}

    assert faults_of(environment) == {misspelt: ("is read by nothing", f"did you mean {meant}?")}


def test_names_that_depend_on_values_are_the_adapters_to_know() -> None:
    environment = {
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_AUTH_BACKEND": "acme",
        "NETSCRIPT_AUTH_ACME_TENANT": "t1",
        "NETSCRIPT_AUTH_ACME_REGION_EU": "1",
    }

    assert read_configuration(environment, DEFINITIONS).service.backend == "acme"


@pytest.mark.parametrize(
    "names",
    [
        {"NETSCRIPT_AUTH_BACKEND": "pier"},
        {"NETSCRIPT_AUTH_DRAIN_BACKENDS": "acme,pier"},
        {"NETSCRIPT_AUTH_BACKEND": ""},
    ],
    ids=["active", "drained", "empty"],
)
def test_nothing_says_to_remove_what_a_backend_that_is_missing_may_read(names: dict[str, str]) -> None:
    environment = {
        **DEVELOPMENT,
        **names,
        "NETSCRIPT_AUTH_ACME_TENANT": "t1",
        "NETSCRIPT_AUTH_PIER_URL": "https://pier.example",
        "NETSCRIPT_AUTH_PIER_SESSION_TTL": "7d",
    }

    faults = faults_of({**environment, "NETSCRIPT_AUTH_LINK_BYE": "nothing"})

    assert faults.keys() == {*names, "NETSCRIPT_AUTH_LINK_BYE"}
    assert faults["NETSCRIPT_AUTH_LINK_BYE"][1] == "did you mean NETSCRIPT_AUTH_LINK_BY?"


def test_what_only_another_backend_reads_stays_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    environment = {**DEVELOPMENT, "NETSCRIPT_AUTH_ACME_TENANT": "t1", "NETSCRIPT_AUTH_CLIENT_ID": "id"}

    with caplog.at_level(logging.WARNING):
        read_configuration(environment, DEFINITIONS)

    assert "read by another backend only: NETSCRIPT_AUTH_ACME_TENANT, NETSCRIPT_AUTH_CLIENT_ID" in caplog.text


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("NETSCRIPT_PUBLIC_URL", "NETSCRIPT_AUTH_PUBLIC_URL"),
        ("NETSCRIPT_AUTHPUBLIC_URL", "NETSCRIPT_AUTH_PUBLIC_URL"),
        ("NETSCRIPT_KVURL", "NETSCRIPT_KV_URL"),
        ("NETSCRIPT_KV_URL_FILES", "NETSCRIPT_KV_URL_FILE"),
        ("NETSCRIPT_HOSTS", "NETSCRIPT_HOST"),
        ("NETSCRIPT_ACME_TENANT", "NETSCRIPT_AUTH_ACME_TENANT"),
    ],
)
def test_a_variable_that_is_nearly_ours_is_told_without_its_prefix_too(variable: str, meant: str) -> None:
    chosen = {**DEVELOPMENT, "NETSCRIPT_AUTH_BACKEND": "acme", "NETSCRIPT_AUTH_ACME_TENANT": "t1"}

    assert faults_of({**chosen, variable: "1"}) == {
        variable: ("is read by nothing", f"did you mean {meant}?")
    }


@pytest.mark.parametrize(
    "variable",
    [
        "NETSCRIPT_CALLERS_AUTH_URL",
        "NETSCRIPT_CALLERS_PUBLIC_URL",
        "NETSCRIPT_DEV_PROVIDER_PORT",
        "NETSCRIPT_PROXY_CHECK_COOKIE",
        "NETSCRIPT_METRICS_TOKEN",
        # As Kubernetes names them for a service that is called netscript.
        "NETSCRIPT_SERVICE_HOST",
        "NETSCRIPT_PORT",
        "NETSCRIPT_PORT_8094_TCP_ADDR",
    ],
)
def test_what_others_of_the_family_read_is_no_fault(variable: str) -> None:
    value = "t" * 43 if variable == "NETSCRIPT_METRICS_TOKEN" else "1"

    assert read_configuration({**DEVELOPMENT, variable: value}, DEFINITIONS).service.backend == "memory"


def test_variables_of_other_programs_are_no_concern_of_ours() -> None:
    environment = {**DEVELOPMENT, "PATH": "/bin", "NETSCRIPT_WORKERS_X": "1", "AUTH_X": "1"}

    assert read_configuration(environment, DEFINITIONS).backend.definition.settings is MemoryBackendSettings


def test_the_key_of_development_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"

    first, second = development_keys(folder), development_keys(folder)

    assert first == second
    assert len(parse_keys(first)) == 1
    assert [entry.name for entry in folder.iterdir()] == ["auth-keys"]
    assert stat.S_IMODE((folder / "auth-keys").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_a_crash_left_blocks_no_later_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    with monkeypatch.context() as crashing:
        crashing.setattr(Path, "unlink", crash)
        crashing.setattr(os, "link", crash)
        with pytest.raises(KeyboardInterrupt):
            development_keys(tmp_path)

    keys = {development_keys(tmp_path) for _ in range(2)}

    assert len(keys) == 1
    assert (tmp_path / "auth-keys").read_text().strip() in keys


def test_of_two_that_make_the_key_at_once_both_get_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, first = os.link, generate_key()

    def lose(source: Path, target: Path) -> None:
        target.write_text(first)
        link(source, target)

    monkeypatch.setattr(os, "link", lose)

    assert development_keys(tmp_path) == first
    assert [entry.name for entry in tmp_path.iterdir()] == ["auth-keys"]


def test_making_the_key_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    keys = [development_keys(tmp_path) for _ in range(2)]

    assert caplog.text.count("made a key for development") == 1
    assert keys[0] not in caplog.text


def test_a_key_file_that_holds_no_key_is_told_and_kept(tmp_path: Path) -> None:
    (tmp_path / "auth-keys").write_text("half a k")

    with pytest.raises(ConfigurationError, match="holds no key"):
        development_keys(tmp_path)

    assert (tmp_path / "auth-keys").read_text() == "half a k"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigurationError, match="NETSCRIPT_DATA_DIR"):
        development_keys(tmp_path / "file" / "data")


def test_the_real_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text('ACME_A=file\nACME_B="with $HOME and ${PATH}"\n# ACME_C=no\n')
    monkeypatch.setenv("ACME_A", "real")

    found = process_environment(tmp_path)

    assert {name: value for name, value in found.items() if name.startswith("ACME_")} == {
        "ACME_A": "real",
        "ACME_B": "with $HOME and ${PATH}",
    }


def test_without_a_file_there_is_the_real_environment_alone(tmp_path: Path) -> None:
    assert process_environment(tmp_path) == dict(os.environ)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff\xfe\n")

    with pytest.raises(ConfigurationError, match=r"\.env: cannot be read"):
        process_environment(tmp_path)


def test_a_line_of_the_file_that_says_nothing_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("NETSCRIPT_AUTH_KEYS='hush\n\nhushed words\n")

    code = run_telling_faults(serve_auth)

    told = capsys.readouterr().err
    assert code == 2
    assert "The configuration has 2 faults. Nothing was started." in told
    assert f"{tmp_path}/.env: line 1 says nothing that can be understood\n      Fix: write NAME=value" in told
    assert f"{tmp_path}/.env: line 3 says nothing" in told
    assert "hush" not in told


def test_an_operator_reads_a_list_and_the_program_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    def run() -> int:
        read_configuration({**DEVELOPMENT, "PORT": "x", "NETSCRIPT_AUTH_KEY": "hush"}, DEFINITIONS)
        return 0

    code = run_telling_faults(run)

    shown = capsys.readouterr().err
    assert code == EXIT_CONFIGURATION == 2
    assert shown.startswith("The configuration has 2 faults. Nothing was started.\n\n  PORT is not valid")
    assert "  NETSCRIPT_AUTH_KEY is read by nothing\n      Fix: did you mean NETSCRIPT_AUTH_KEYS?\n" in shown
    assert "hush" not in shown


def test_a_backend_of_ours_that_is_not_installed_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("netscript_auth_core.backends.installed_backends", dict[str, EntryPoint])

    faults = faults_of({**DEVELOPMENT, "NETSCRIPT_AUTH_BACKEND": "workos"})

    assert faults["NETSCRIPT_AUTH_BACKEND"] == (
        "names a backend that is not installed",
        "in a clone, scripts/lib/production.sh FOLDER workos makes a new environment that has it; with an "
        "index of your own, pip install 'netscript-plugin-auth[workos]'",
    )


def test_the_settings_of_backends_that_are_drained_are_read_too() -> None:
    environment = {
        **DEVELOPMENT,
        "NETSCRIPT_AUTH_DRAIN_BACKENDS": "acme",
        "NETSCRIPT_AUTH_ACME_TENANT": "t1",
    }

    (earlier,) = read_configuration(environment, DEFINITIONS).earlier

    assert isinstance(earlier.settings, AcmeSettings)
    assert earlier.settings.tenant == "t1"


def test_a_fault_of_a_backend_that_is_drained_says_why_anybody_asks() -> None:
    faults = faults_of({**DEVELOPMENT, "NETSCRIPT_AUTH_DRAIN_BACKENDS": "memory,acme"})

    assert faults == {
        "NETSCRIPT_AUTH_ACME_TENANT": (
            "is not set (read by acme, which NETSCRIPT_AUTH_DRAIN_BACKENDS names)",
            "your tenant at Acme",
        )
    }


def test_what_two_backends_find_wrong_with_a_variable_is_told_once() -> None:
    both = {
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_AUTH_BACKEND": "better-auth",
        "BETTER_AUTH_URL": "https://app.acme.example",
        "NETSCRIPT_AUTH_DRAIN_BACKENDS": "kv-oauth",
        "NETSCRIPT_AUTH_SESSION_TTL": "1",
    }

    with pytest.raises(ConfigurationError) as caught:
        read_configuration(both)

    told = [(fault.variable, "(read by" in fault.problem) for fault in caught.value.faults]
    assert told.count(("NETSCRIPT_AUTH_SESSION_TTL", False)) == 1
    assert ("NETSCRIPT_AUTH_SESSION_TTL", True) not in told
    assert ("NETSCRIPT_AUTH_CLIENT_ID", True) in told


def test_swapping_back_and_forth_takes_one_variable_where_both_are_named_as_drained() -> None:
    both = {**DEVELOPMENT, "NETSCRIPT_AUTH_DRAIN_BACKENDS": "memory,acme", "NETSCRIPT_AUTH_ACME_TENANT": "t1"}

    there = read_configuration(both, DEFINITIONS)
    back = read_configuration({**both, "NETSCRIPT_AUTH_BACKEND": "acme"}, DEFINITIONS)

    assert [each.definition for each in there.earlier] == [DEFINITIONS["acme"]]
    assert [each.definition for each in back.earlier] == [DEFINITIONS["memory"]]


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ("acme,acme", "has an entry, number 2, that was named before"),
        (
            "acme,,nothing-like-it",
            "has an entry, number 2, that names no installed auth backend",
        ),
        ("sk_live_4eC39HqLyj", "has an entry, number 1, that names no installed auth backend"),
    ],
)
def test_what_cannot_be_drained_is_refused(names: str, problem: str) -> None:
    environment = {**DEVELOPMENT, "NETSCRIPT_AUTH_ACME_TENANT": "t1"}

    faults = faults_of({**environment, "NETSCRIPT_AUTH_DRAIN_BACKENDS": names})

    assert faults["NETSCRIPT_AUTH_DRAIN_BACKENDS"][0] == problem
