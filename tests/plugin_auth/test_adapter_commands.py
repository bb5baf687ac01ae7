"""``netscript auth adapter new``: the package that it writes is model code, and it overwrites nothing."""

import os
import subprocess
import sys
import tomllib
from errno import ENOSPC
from pathlib import Path

import pytest

from netscript_plugin_auth.commands.adapter_package import AdapterNames, AdapterRefusedError, write_package
from netscript_plugin_auth.own_backends import EXTRAS, OWN_BACKENDS
from tests.plugin_auth.test_auth_commands import run
from workspace import ROOT, load_project

LONGEST = "a23456789-b23456789-c23456789x"


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def check(folder: Path, *tool: str) -> str:
    """Return what a tool has to say against a folder."""
    command = [sys.executable, "-m", *tool]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def test_it_writes_a_package_and_says_what_to_do_next(tmp_path: Path) -> None:
    done = run("auth", "adapter", "new", "okta-remote", "--into", str(tmp_path), folder=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert f"cd {tmp_path}/okta-remote" in done.stdout
    assert "pip install -e '.[testing]'\n" in done.stdout
    assert "okta_remote_netscript/upstream.py" in done.stdout
    assert files_of(tmp_path / "okta-remote") == {
        ".gitignore",
        "README.md",
        "pyproject.toml",
        "okta_remote_netscript/__init__.py",
        "okta_remote_netscript/backend.py",
        "okta_remote_netscript/py.typed",
        "okta_remote_netscript/sessions.py",
        "okta_remote_netscript/settings.py",
        "okta_remote_netscript/testing/__init__.py",
        "okta_remote_netscript/testing/stand_in.py",
        "okta_remote_netscript/tokens.py",
        "okta_remote_netscript/upstream.py",
        "tests/test_okta_remote.py",
    }


def test_without_a_folder_it_writes_where_it_runs(tmp_path: Path) -> None:
    done = run("auth", "adapter", "new", "acme", folder=tmp_path)

    assert done.returncode == 0
    assert (tmp_path / "acme" / "acme_netscript" / "upstream.py").is_file()


def test_the_entry_point_is_the_backends_name(tmp_path: Path) -> None:
    target = write_package(AdapterNames.of("okta-remote"), tmp_path)

    project = tomllib.loads((target / "pyproject.toml").read_text())["project"]

    assert project["name"] == "okta-remote-netscript"
    assert project["entry-points"] == {
        "netscript.auth_backends": {"okta-remote": "okta_remote_netscript:definition"}
    }


@pytest.mark.parametrize("name", ["x", "okta-remote", LONGEST])
def test_it_is_laid_out_by_its_own_rules_however_long_the_name(tmp_path: Path, name: str) -> None:
    target = write_package(AdapterNames.of(name), tmp_path)

    linted, formatted = check(target, "ruff", "check", "."), check(target, "ruff", "format", "--check", ".")

    assert (linted, formatted) == ("", "")


@pytest.mark.full
def test_its_types_hold_in_strict_mode(tmp_path: Path) -> None:
    target = write_package(AdapterNames.of("okta-remote"), tmp_path)

    assert check(target, "mypy") == ""


@pytest.mark.slow
def test_it_passes_the_kit_and_its_own_tests(tmp_path: Path) -> None:
    target = write_package(AdapterNames.of("okta-remote"), tmp_path)
    # Without the plugins here that take a second to import.
    options = ("-p", "no:schemathesis", "-p", "no:valkey", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", "-q", *options]
    environment = {**os.environ, "PYTHONPATH": str(target)}

    done = subprocess.run(
        command, cwd=target, env=environment, capture_output=True, text=True, timeout=300, check=False
    )

    assert done.returncode == 0, done.stdout[-3000:]


def test_nothing_is_left_to_fill_in(tmp_path: Path) -> None:
    target = write_package(AdapterNames.of("okta-remote"), tmp_path)

    texts = [path.read_text() for path in target.rglob("*") if path.is_file()]

    assert not [text for text in texts if "{{" in text or "{%" in text or "NotImplemented" in text]


def test_the_variables_that_are_checked_are_those_of_the_settings(tmp_path: Path) -> None:
    target = write_package(AdapterNames.of("okta-remote"), tmp_path)
    program = (
        "from netscript_plugin_auth import variables\n"
        "from netscript_plugin_auth.commands import adapter_package\n"
        "from okta_remote_netscript.settings import OktaRemoteSettings\n"
        "read = variables._names(OktaRemoteSettings)\n"
        "assert read == {'NETSCRIPT_AUTH_OKTA_REMOTE_' + each for each in adapter_package._FIELDS}, read\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=target, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Okta Remote", "Did you mean okta-remote?"),
        ("okta_remote", "Did you mean okta-remote?"),
        ("9lives", "Did you mean lives?"),
        ("okta--remote", "Did you mean okta-remote?"),
        ("../okta", "Did you mean okta?"),
        ("", "cannot be the name"),
        ("%%%", "cannot be the name"),
        ("é", "cannot be the name"),
        ("a" * 31, "at most 30"),
        ("kv-oauth", "NetScript's own"),
        ("workos", "NetScript's own"),
        ("netscript-acme", "NetScript's own"),
        ("public", "NETSCRIPT_AUTH_PUBLIC_URL"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(AdapterRefusedError, match=says.replace("?", r"\?")):
        AdapterNames.of(name)


@pytest.mark.parametrize("name", ["Workos", "KV_OAuth", "Netscript-Acme"])
def test_a_name_that_is_taken_is_not_suggested(name: str) -> None:
    with pytest.raises(AdapterRefusedError) as refusal:
        AdapterNames.of(name)

    assert "Did you mean" not in str(refusal.value)


def test_what_a_run_of_the_package_leaves_is_kept_out_of_its_repository(tmp_path: Path) -> None:
    folder = write_package(AdapterNames.of("acme"), tmp_path)

    ignored = (folder / ".gitignore").read_text().split()
    # .data has the key of development.
    assert {".env", ".data/", ".hypothesis/", ".pytest_cache/"} <= set(ignored)


def test_a_refused_name_is_told_in_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    done = run("auth", "adapter", "new", "Okta", "--into", str(tmp_path), folder=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "empty folder", "folder", "dangling link"])
def test_what_is_there_is_never_overwritten(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "acme"
    if kind == "file":
        target.write_text("mine")
    elif kind == "dangling link":
        target.symlink_to(tmp_path / "nowhere")
    else:
        target.mkdir()
    if kind == "folder":
        (target / "README.md").write_text("mine")
    before = files_of(tmp_path)

    with pytest.raises(AdapterRefusedError, match="is there already"):
        write_package(AdapterNames.of("acme"), tmp_path)

    assert files_of(tmp_path) == before


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(AdapterRefusedError, match="is no folder"):
        write_package(AdapterNames.of("acme"), tmp_path / "missing")

    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_half_way_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str, *, encoding: str) -> int:
        if path.name == "settings.py":
            raise OSError(ENOSPC, "No space left on device")
        return path.write_bytes(text.encode(encoding))

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Path, "write_text", full)
        with pytest.raises(AdapterRefusedError, match="cannot be written: No space left on device"):
            write_package(AdapterNames.of("acme"), tmp_path)

    assert list(tmp_path.iterdir()) == []
    assert write_package(AdapterNames.of("acme"), tmp_path).is_dir()


def test_the_names_that_are_ours_are_those_of_the_members_adapters() -> None:
    groups = [load_project(path.parent)["project"] for path in (ROOT / "adapters").glob("*/pyproject.toml")]
    registered = {name for each in groups for name in each["entry-points"]["netscript.auth_backends"]}
    extras = load_project(ROOT / "plugin_auth")["project"]["optional-dependencies"]

    assert {*registered, "memory"} == set(OWN_BACKENDS)
    assert set(EXTRAS) == registered & set(extras)
