"""What a workspace is, in the words of ``netscript.toml`` or ``[tool.netscript]`` in ``pyproject.toml``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILE_NAME: Final = "netscript.toml"
DEFAULT_PLUGINS_FOLDER: Final = "plugins"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace that was found and read.

    Attributes:
        root: Its folder, absolute; the modules of its own plugins are imported from here, so that
            ``plugins/notifier/service.py`` is ``plugins.notifier.service``.
        file: The file that says what follows.
        name: How people call it.
        version: Its own.
        plugins: As listed: ``./plugins/notifier/plugin.py``, or the name of an installed distribution.
        plugins_folder: Where own plugins live, relative to the root.
    """

    root: Path
    file: Path
    name: str
    version: str
    plugins: tuple[str, ...]
    plugins_folder: str = DEFAULT_PLUGINS_FOLDER
