"""Tests of a group run in one process, however many there are: what they share is started once."""

import os
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
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-n", "2", "--dist", "loadgroup"]
    # No other plugin takes part, nor its time.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert len(list(tmp_path.glob("gw*"))) == 1
