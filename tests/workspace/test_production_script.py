"""``scripts/lib/production.sh`` takes backends and extras by name, adapters as wheels, and nothing else."""

import os
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest

from workspace import ROOT, load_project

SCRIPT = ROOT / "scripts" / "lib" / "production.sh"


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script in a folder, for the environment ``env`` in it."""
    return subprocess.run(
        [SCRIPT, "env", *arguments],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def wheel(folder: Path, name: str, *requires: str) -> str:
    """Write a wheel with one empty module, and return its file's name."""
    module, info = name.replace("-", "_"), f"{name.replace('-', '_')}-0.1.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 0.1"]
    metadata += [f"Requires-Dist: {each}" for each in requires]
    file = f"{module}-0.1-py3-none-any.whl"
    with ZipFile(folder / file, "w") as archive:
        archive.writestr(f"{module}/__init__.py", "")
        archive.writestr(f"{info}/METADATA", "\n".join(metadata) + "\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(
            f"{info}/entry_points.txt", f"[netscript.auth_backends]\nharbour = {module}:backend\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return file


@pytest.mark.parametrize("names", ["wrokos", "workos,better_auth", "dev-provider", "*"])
def test_a_backend_that_there_is_not_is_refused_with_those_that_there_are(tmp_path: Path, names: str) -> None:
    done = make(tmp_path, names)

    assert done.returncode == 1
    assert f"no backend and no extra is named '{names.split(',')[-1]}'; there are: " in done.stderr
    assert {"kv-oauth", "workos", "better-auth"} <= set(done.stderr.split())
    assert not (tmp_path / "env").exists()


def test_every_extra_of_auth_api_that_production_has_a_use_for_is_offered(tmp_path: Path) -> None:
    extras = load_project(ROOT / "plugin_auth")["project"]["optional-dependencies"].keys() - {"all", "dev"}

    done = make(tmp_path, "no-such-name")

    offered = done.stderr.rpartition("there are: ")[2].split()
    assert set(offered) == {"kv-oauth", *extras}


def test_a_wheel_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = make(tmp_path, "workos", "harbour-0.1-py3-none-any.whl")

    assert done.returncode == 1
    assert f"no wheel {tmp_path / 'harbour-0.1-py3-none-any.whl'}" in done.stderr


def test_an_environment_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "of-somebody").touch()

    done = make(tmp_path)

    assert done.returncode == 1
    assert f"{tmp_path / 'env'} is there already; name a new one" in done.stderr
    assert [each.name for each in (tmp_path / "env").iterdir()] == ["of-somebody"]


@pytest.mark.slow
@pytest.mark.full
def test_an_adapter_comes_as_a_wheel_with_what_it_requires_and_what_is_not_locked_is_told(
    tmp_path: Path,
) -> None:
    (tmp_path / "index").mkdir()
    wheel(tmp_path / "index", "harbour-client")
    adapter = wheel(tmp_path, "harbour-id", "netscript-auth-core", "iniconfig", "harbour-client")

    done = make(tmp_path, f"./{adapter}", UV_FIND_LINKS=str(tmp_path / "index"))

    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if line.startswith("not in requirements.lock")]
    assert told == ["not in requirements.lock, so as the index has it: harbour-client==0.1"]
    netscript = tmp_path / "env/bin/netscript"
    listed = subprocess.run(
        [netscript, "auth", "backend", "list"], check=True, capture_output=True, text=True
    )
    assert "harbour" in listed.stdout
    assert "workos" not in listed.stdout
