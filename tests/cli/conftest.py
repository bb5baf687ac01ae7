"""A workspace, and a place where distributions are installed, for each test of its own."""

import os
import select
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from netscript_cli.isolation import answers
from tests.support.workspaces import MadeWorkspace, Site


@pytest.fixture
def made(tmp_path: Path) -> MadeWorkspace:
    """An empty folder, which no file makes a workspace yet."""
    root = tmp_path.resolve() / "acme"
    root.mkdir()
    return MadeWorkspace(root)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A place on the path of this process and of those that it starts."""
    site = Site(tmp_path.resolve() / "site")
    site.folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(site.folder), *sys.path])
    for name, value in site.variables().items():
        monkeypatch.setenv(name, value)
    return site


@pytest.fixture
def hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """Source that never ends. Once it runs its time is over, so that nothing else has to be quick."""
    pipe = tmp_path / "it-hangs"
    os.mkfifo(pipe)
    said = os.open(pipe, os.O_RDWR)

    def wait(
        pipes: Sequence[int], nothing: Sequence[int], no_more: Sequence[int], seconds: float
    ) -> tuple[list[int], list[int], list[int]]:
        ready, _, _ = select.select([*pipes, said], nothing, no_more, seconds)
        told = [each for each in ready if each != said]
        if said in ready and not told:
            os.read(said, 1)
        return told, [], []

    monkeypatch.setattr(answers, "select", SimpleNamespace(select=wait))
    yield f"import threading\nopen({str(pipe)!r}, 'w').write('!')\nthreading.Event().wait()\n"
    os.close(said)
