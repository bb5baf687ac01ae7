"""Tests of a group run in one process, however many there are: what they share is started once."""

import subprocess
import sys
from pathlib import Path

_SAMPLE = """
import os
from pathlib import Path

import pytest

@pytest.mark.parametrize("number", range(8))
@pytest.mark.xdist_group("shared")
def test_says_where_it_runs(number):
    Path(os.environ["PYTEST_XDIST_WORKER"]).touch()
"""


def test_the_tests_of_a_group_share_one_process(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_sample.py").write_text(_SAMPLE)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "2",
        "--dist",
        "loadgroup",
        "-p",
        "no:cacheprovider",
    ]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert len(list(tmp_path.glob("gw*"))) == 1
