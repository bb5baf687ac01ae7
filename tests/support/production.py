"""The members as wheels in an environment of their own, with what they require and nothing else."""

import subprocess
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).parents[2] / "scripts" / "lib" / "production.sh"


@pytest.fixture(scope="session")
def production_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of that environment, made once for all tests."""
    folder = tmp_path_factory.mktemp("production") / "env"
    subprocess.run([_SCRIPT, folder], check=True)
    return folder
