"""A workspace, and a place where distributions are installed, for each test of its own."""

import sys
from pathlib import Path

import pytest

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
