"""Both type checkers see exact types of clients and handlers, and find wrong uses of them."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parent / "typing_cases" / "contract_types.py"


def check(*command: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, check=False, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.full
def test_mypy_sees_exact_types_and_finds_every_wrong_use() -> None:
    code, told = check("mypy", "--no-incremental", str(CASES))

    assert code == 0, told


@pytest.mark.full
def test_pyright_sees_exact_types_and_finds_every_wrong_use(tmp_path: Path) -> None:
    config: dict[str, bool | str | Sequence[str]] = {
        "include": ["."],
        "extraPaths": [str(ROOT / "kernel")],
        "typeCheckingMode": "strict",
        "enableTypeIgnoreComments": False,  # those are for mypy
        "reportUnnecessaryTypeIgnoreComment": True,
    }
    shutil.copy(CASES, tmp_path)
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config))

    code, told = check("pyright", "--pythonpath", sys.executable, "--project", str(tmp_path))

    assert code == 0, told
    assert "0 errors" in told
