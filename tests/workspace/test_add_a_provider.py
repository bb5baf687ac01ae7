"""docs/add-a-provider.md does what it says: files are written, commands run, in a copy of the tree."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workspace import ROOT

PAGE = ROOT / "docs" / "add-a-provider.md"
BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
ADAPTER = "adapters/kv_oauth"
COPIED = (ADAPTER, "tests", "scripts/lib", "pyproject.toml")
BLOCKS = list(BLOCK.finditer(PAGE.read_text()))


@pytest.mark.slow
def test_who_follows_the_page_has_a_preset_that_passes(tmp_path: Path) -> None:
    _copy_tree(tmp_path)

    for block in BLOCKS:
        match block["language"], block["file"]:
            case ("toml" | "json", str(file)):
                (tmp_path / file).write_text(block["text"])
            case ("sh", None):
                _run(["bash", "-euc", block["text"]], tmp_path)
            case ("python", None):
                _run([sys.executable, "-c", block["text"]], tmp_path)
            case _:
                pytest.fail(f"nobody runs the block {block['language']} {block['file']}")

    assert {block["language"] for block in BLOCKS} == {"toml", "json", "sh", "python"}


def test_the_page_leaves_out_no_block() -> None:
    fences = [line for line in PAGE.read_text().splitlines() if line.startswith("```")]

    assert len(fences) == 2 * len(BLOCKS)


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
