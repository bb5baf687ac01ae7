"""``scripts/setup`` brings ``.venv`` to the lock, and takes away nothing that was installed beside."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from workspace import ROOT

# What builds a member, what the tests change, and uv, which an activated environment offers.
LOCKED = ("editables", "hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers", "iniconfig", "uv")
MEMBER = """
[project]
name = "{name}"
version = "{version}"
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[tool.hatch.build.targets.wheel]
packages = ["{module}"]
"""

pytestmark = [pytest.mark.slow, pytest.mark.full]


class Clone:
    """A small workspace with our scripts, whose environment has an adapter of somebody else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "scripts", folder / "scripts")
        (folder / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["kernel"]\n')
        (folder / "adapters/none").mkdir(parents=True)
        (folder / "adapters/none/pyproject.toml").write_text("")
        self.project("kernel", "1.0")
        self.lock(*LOCKED)

    def project(self, name: str, version: str) -> Path:
        """Write a package."""
        folder, module = self.folder / name, name.replace("-", "_")
        (folder / module).mkdir(parents=True, exist_ok=True)
        (folder / module / "__init__.py").write_text("")
        (folder / "pyproject.toml").write_text(MEMBER.format(name=name, version=version, module=module))
        return folder

    def lock(self, *names: str) -> None:
        """Write the lock: of ours, what is named."""
        blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements.lock").read_text())
        kept = [block for block in blocks if block.partition("==")[0] in names]
        assert len(kept) == len(names)
        (self.folder / "requirements.lock").write_text("\n".join(kept) + "\n")

    def setup(self, *first_on_path: Path) -> str:
        """Run ``scripts/setup``, and return what it says."""
        path = os.pathsep.join([*map(str, first_on_path), str(ROOT / ".venv/bin"), os.environ["PATH"]])
        done = subprocess.run(
            [self.folder / "scripts/setup"],
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stderr

    def install(self, *arguments: str | Path) -> None:
        """Install something as people do, beside what is locked."""
        command: list[str | Path] = [
            ROOT / ".venv/bin/uv",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
        ]
        subprocess.run([*command, "--python", self.python, *arguments], check=True)

    @property
    def python(self) -> Path:
        """That of the environment."""
        return self.folder / ".venv/bin/python"

    def installed(self) -> dict[str, str]:
        """The version of everything that is there."""
        found = "(f'{each.name}={each.version}' for each in distributions())"
        code = f"from importlib.metadata import distributions; print(*{found})"
        done = subprocess.run([self.python, "-c", code], check=True, capture_output=True, text=True)
        return dict(each.split("=") for each in done.stdout.split())


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    clone = Clone(tmp_path / "a clone")
    clone.setup()
    clone.install("-e", clone.project("harbour-id-netscript", "0.1"))
    return clone


def test_what_was_installed_beside_stays_while_the_locked_ones_get_their_versions(clone: Clone) -> None:
    locked = clone.installed()
    clone.install(clone.project("pluggy", "0.1"))
    clone.project("kernel", "1.1")

    told = clone.setup()

    assert clone.installed() == {**locked, "kernel": "1.1"}
    assert "harbour-id-netscript" in locked
    assert "removed" not in told


def test_what_is_locked_no_more_goes(clone: Clone) -> None:
    clone.lock(*(name for name in LOCKED if name != "iniconfig"))

    clone.setup()

    assert "iniconfig" not in clone.installed()
    assert "harbour-id-netscript" in clone.installed()


def test_an_environment_made_anew_from_within_itself_says_how_to_get_back_what_was_beside(
    clone: Clone,
) -> None:
    (clone.folder / ".venv/.netscript-setup").write_text("x:/where/it/was/copied/from")

    told = clone.setup(clone.folder / ".venv/bin")

    adapter = clone.folder / "harbour-id-netscript"
    assert "removed from .venv: harbour-id-netscript; install it again with\n" in told
    assert f"    .venv/bin/pip install -e '{adapter}'\n" in told
    assert set(clone.installed()) == {*LOCKED, "kernel"}
