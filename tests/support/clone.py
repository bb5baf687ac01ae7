"""A clone that was set up: its files copied, its environment the one that runs the tests."""

import os
import shutil
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.program import Program, started

_ROOT = Path(__file__).parents[2]
_IGNORED = shutil.ignore_patterns("node_modules", "__pycache__", ".venv")


class Clone:
    """Where somebody follows a page.

    Args:
        folder: Where it is made.
        copied: Files and folders of the tree that are needed there.
        ports: Free ones for those that the page names.
        variables: Set in every terminal.
    """

    def __init__(
        self,
        folder: Path,
        copied: tuple[str, ...] = (),
        ports: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.folder, self._ports = folder, ports or {}
        self._variables = {"PATH": f"{_ROOT / '.venv' / 'bin'}:{os.environ['PATH']}", **(variables or {})}
        for name in copied:
            source, target = _ROOT / name, folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=_IGNORED)
            else:
                shutil.copy(source, target)
        (folder / ".venv").symlink_to(_ROOT / ".venv")
        # The environment is there already; nothing is asked of a registry.
        setup = folder / "scripts" / "setup"
        setup.parent.mkdir(exist_ok=True)
        setup.write_text("#!/bin/sh\n")
        setup.chmod(0o755)

    def ours(self, text: str) -> str:
        """Return a text with our ports."""
        for theirs, own in self._ports.items():
            text = text.replace(theirs, own)
        return text

    def types(self, text: str) -> str:
        """Run commands, which have to succeed, and return what they print."""
        done = subprocess.run(
            ["bash", "-euc", self.ours(text)],  # noqa: S607 - bash of the PATH
            cwd=self.folder,
            env=self._variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    @contextmanager
    def starts(self, text: str) -> Generator[Program]:
        """Run a server while the block lasts."""
        with started(("bash", "-euc", self.ours(text)), self._variables, self.folder) as program:
            yield program
