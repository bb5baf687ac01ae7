"""Tests of a group run in one process, and so do all others of a file: what they share is started once."""

import os
import subprocess
import sys
from pathlib import Path

from workspace import ROOT

_CONFTEST = """
from tests.support.spreading import FilesAndGroups

def pytest_xdist_make_scheduler(config, log):
    return FilesAndGroups(config, log)
"""
_SAMPLE = """
import os
from pathlib import Path

import pytest

def ran(name):
    Path(f"{name} on {os.environ['PYTEST_XDIST_WORKER']}").touch()

@pytest.mark.parametrize("number", range(8))
@pytest.mark.xdist_group("shared")
def test_of_the_group(number):
    ran("shared")

@pytest.mark.parametrize("number", range(8))
def test_of_the_file(number):
    ran(Path(__file__).stem)
"""


def test_the_tests_of_a_group_share_one_process_and_so_do_the_others_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "conftest.py").write_text(_CONFTEST)
    for name in ("test_one", "test_two", "test_three"):
        (tmp_path / f"{name}.py").write_text(_SAMPLE)
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-n", "2", "--dist", "loadgroup"]
    # No other plugin takes part, nor its time.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}

    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    ran = [path.name.partition(" on ") for path in tmp_path.glob("* on gw*")]
    assert sorted(name for name, _, _ in ran) == ["shared", "test_one", "test_three", "test_two"]
    assert {process for _, _, process in ran} == {"gw0", "gw1"}
