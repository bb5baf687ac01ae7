"""``netscript auth backend``: what is installed, and what it reads."""

import json
from pathlib import Path

import pytest

from netscript_auth_core.backends import installed_backends
from tests.plugin_auth.test_auth_commands import run


def test_the_list_names_every_backend_that_is_installed(tmp_path: Path) -> None:
    told = json.loads(run("auth", "backend", "list", "--json", folder=tmp_path).stdout)

    assert {each["name"] for each in told} == set(installed_backends())
    assert {"name", "distribution", "version", "summary"} == set(told[0])


def test_the_list_for_people_says_where_each_is_from(tmp_path: Path) -> None:
    done = run("auth", "backend", "list", folder=tmp_path)

    assert "kv-oauth" in done.stdout
    assert "netscript-auth-kv-oauth 0.1.0" in done.stdout


def test_a_backend_is_shown_with_what_it_reads(tmp_path: Path) -> None:
    done = run("auth", "backend", "show", "kv-oauth", folder=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert "netscript-auth-kv-oauth" in done.stdout
    assert "NETSCRIPT_AUTH_CLIENT_SECRET_FILE" in done.stdout
    assert "NETSCRIPT_AUTH_SESSION_TTL (7d unless set)" in done.stdout
    assert "*" not in done.stdout
    assert "/api/v1/auth/describe" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_a_program_gets_the_same(tmp_path: Path) -> None:
    told = json.loads(run("auth", "backend", "show", "kv-oauth", "--json", folder=tmp_path).stdout)

    secrets = {each["name"] for each in told["variables"] if each["is_secret"]}
    assert "NETSCRIPT_AUTH_CLIENT_SECRET" in secrets
    assert all(each["meaning"] for each in told["variables"])
    assert told["reads_more"] is True


@pytest.mark.parametrize(
    ("name", "meant"), [("kv-auth", "Did you mean kv-oauth? "), ("nope", ""), ("", ""), ("no\x1b[2J", "")]
)
def test_one_that_is_not_there_is_told_with_what_is(tmp_path: Path, name: str, meant: str) -> None:
    done = run("auth", "backend", "show", name, folder=tmp_path)

    installed = ", ".join(sorted(installed_backends()))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"No backend {name!r} is installed. {meant}Installed: {installed}\n"


def broken(folder: Path, name: str) -> dict[str, str]:
    """Install an adapter that cannot be imported, and return where it is found."""
    info = folder / "broken-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[netscript.auth_backends]\n{name} = broken:definition\n")
    (folder / "broken.py").write_text("raise RuntimeError('no luck')\n")
    return {"PYTHONPATH": str(folder)}


def test_one_that_cannot_be_imported_is_told_and_no_variable_is_blamed(tmp_path: Path) -> None:
    done = run("auth", "backend", "show", "harbour", folder=tmp_path, **broken(tmp_path, "harbour"))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "The backend harbour cannot be imported (RuntimeError: no luck). Reinstall it.\n"
