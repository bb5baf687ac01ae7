"""Where contributions stand in a plugin, and where the registry of each axis is."""

from pathlib import Path, PurePosixPath
from typing import Final, Literal, TypeAlias, get_args

Axis: TypeAlias = Literal["jobs", "sagas", "triggers", "streams", "handlers"]
"""What is contributed; also the name of the folder in which it stands."""

AXES: Final[tuple[Axis, ...]] = get_args(Axis)
GENERATED: Final = PurePosixPath(".netscript/generated")
"""From the root of a workspace: all that is generated, and nothing else."""


def generated_folder(plugin: str) -> PurePosixPath:
    """Return where the registries of a plugin are, from the root of the workspace."""
    return GENERATED / f"plugin_{plugin.replace('-', '_')}"


def registry_path(plugin: str, axis: Axis) -> PurePosixPath:
    """Return where one registry is, from the root of the workspace."""
    return generated_folder(plugin) / f"{axis}_registry.py"


def is_contributing(path: Path | PurePosixPath) -> bool:
    """Whether a file of a contribution folder is one of those that contribute.

    Python, and neither private nor a test; in no folder that is.

    Args:
        path: From the contribution folder.
    """
    *folders, name = path.parts
    if not name.endswith(".py") or name == "conftest.py" or name.startswith("test_"):
        return False
    if name.endswith("_test.py") or "tests" in folders:
        return False
    return not any(part.startswith(("_", ".")) for part in path.parts)
