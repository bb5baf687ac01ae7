"""Renders a folder of templates, and puts it in its place as a whole."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_SUFFIX: Final = ".jinja"
_SECRET: Final = {".env"}
"""Files in which people keep what is nobody else's business."""
_HERE: Final = Path(__file__).parent


def rendered(template: str, values: Mapping[str, object]) -> dict[PurePosixPath, bytes]:
    """Return the files of a template by their paths within it.

    Args:
        template: Name of the folder of templates.
        values: What they name.
    """
    folder = _HERE / template
    templates = Environment(
        loader=FileSystemLoader(folder),
        autoescape=False,  # noqa: S701 - Python, TOML and Markdown, and names that were checked
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    templates.filters["toml"] = _toml
    paths = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob(f"*{_SUFFIX}")))
    return {
        PurePosixPath(path.removesuffix(_SUFFIX)): templates.get_template(path).render(values).encode()
        for path in paths
    }


def _toml(text: str) -> str:
    """Write text for TOML, whose strings have the escapes of JSON."""
    return json.dumps(text, ensure_ascii=False)


def place(target: Path, files: Mapping[PurePosixPath, bytes]) -> None:
    """Make a folder with these files: all of it, or nothing.

    Args:
        target: Not there yet, or without any of these.
        files: By their paths within it.

    Raises:
        OSError: it cannot be made, and is as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    # Somebody may be in a folder that is there, so that it cannot be replaced by another.
    into = target if target.exists() else target.parent
    with TemporaryDirectory(prefix=f".{target.name}-", dir=into) as beside:
        made = Path(beside) / target.name
        for path, content in files.items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_bytes(content)
            if path.name in _SECRET:
                (made / path).chmod(0o600)
        if into is target:
            _move(made, target)
        else:
            made.replace(target)


def _move(made: Path, target: Path) -> None:
    """Move all that is in one folder into another, or nothing."""
    moved: list[Path] = []
    try:
        for entry in sorted(made.iterdir()):
            entry.rename(target / entry.name)
            moved.append(target / entry.name)
    except OSError:
        for path in moved:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
