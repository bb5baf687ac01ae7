"""Where the author of an adapter works: wheels of the members and of an example, pytest, no clone."""

import subprocess
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
# What an author installs besides, and what builds a package without asking a registry for it.
_TOOLS = ("pip", "pytest", "hypothesis", "hatchling", "editables")
_MAKE = """
source scripts/lib/tools.sh
uv=$(find_uv)
"$uv" build --quiet --wheel --build-constraints requirements.lock --out-dir "$2" examples/header_proxy
"$uv" pip install --quiet --python "$1" --only-binary :all: --constraint requirements.lock "$2"/*.whl "${@:3}"
"""


@pytest.fixture(scope="session")
def adapter_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of that environment, made once for all tests."""
    folder = tmp_path_factory.mktemp("adapters")
    environment = folder / "env"
    subprocess.run([_ROOT / "scripts" / "lib" / "production.sh", environment], check=True)
    command: list[str | Path] = ["bash", "-euc", _MAKE, "make", environment, folder / "wheels", *_TOOLS]
    subprocess.run(command, check=True, cwd=_ROOT)
    return environment
