"""docs/add-a-provider.md does what it says: files are written, commands run, in a copy of the tree."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.documented import Page
from workspace import ROOT

ADAPTER = "adapters/kv_oauth"
COPIED = (ADAPTER, "tests", "scripts/lib", "pyproject.toml")


@pytest.mark.slow
@pytest.mark.page(
    "docs/add-a-provider.md",
    "toml adapters/kv_oauth/netscript_auth_kv_oauth/presets/fieldnotes.toml",
    "json tests/kv_oauth/answers/fieldnotes.json",
    "json tests/kv_oauth/captures/fieldnotes.json",
    "sh",
    "python",
)
def test_who_follows_the_page_has_a_preset_that_passes(page: Page, tmp_path: Path) -> None:
    _copy_tree(tmp_path)

    for block in page.take_all():
        language, _, file = block.info.partition(" ")
        match language:
            case "sh":
                _run(["bash", "-euc", block.text], tmp_path)
            case "python":
                _run([sys.executable, "-c", block.text], tmp_path)
            case _:
                (tmp_path / file).write_text(block.text)


def _copy_tree(folder: Path) -> None:
    ignored = shutil.ignore_patterns("node_modules", "__pycache__")
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=ignored)
        else:
            shutil.copy(source, target)
    (folder / ".venv").symlink_to(ROOT / ".venv")


def _run(command: list[str], folder: Path) -> None:
    # The copy comes before the clone that is installed.
    environment = {**os.environ, "PYTHONPATH": str(folder / ADAPTER)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{command[-1]}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
