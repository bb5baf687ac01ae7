"""docs/swap-backends.md does what it says: who tries it on a machine of their own sees what it promises."""

import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.better_auth import FOLDER
from tests.support.clone import Clone
from tests.support.documented import Block, Page
from tests.support.node import NODE, require_packages
from tests.support.ports import answers_http, unused_port

PORTS = ("8094", "3000", "9094")


@pytest.mark.full
@pytest.mark.peer
@pytest.mark.page(
    "docs/swap-backends.md",
    "sh try",
    "sh try-server 9094",
    "sh try-server 3000",
    "sh try-server 8094",
)
def test_who_tries_it_keeps_the_id_in_both_browsers(page: Page, tmp_path: Path) -> None:
    trial = Trial(tmp_path, {port: str(unused_port()) for port in PORTS})
    blocks = page.take_all()

    with trial.serves(next(blocks)), trial.serves(next(blocks)):
        trial.types(next(blocks).text)
        with trial.serves(next(blocks)):
            (before,) = people(trial.types(next(blocks).text))
        with trial.serves(next(blocks)):
            said = trial.types(next(blocks).text)

    kept, anew = people(said)
    assert [before[1], kept[1], anew[1]] == ["kv-oauth", "kv-oauth", "better-auth"]
    assert before[0] == kept[0] == anew[0]
    assert said.splitlines()[-1] == "kv-oauth: 1 session of 1 person is left"


def people(said: str) -> list[tuple[str, str]]:
    """Return id and backend of everybody whom /me has told of, in order."""
    documents = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return [(each["user"]["id"], each["session"]["backend"]) for each in documents]


class Trial(Clone):
    """A clone where somebody tries it, with ports that are free.

    Args:
        folder: Where it is made.
        ports: Ours for those of the page.
    """

    def __init__(self, folder: Path, ports: Mapping[str, str]) -> None:
        require_packages(FOLDER)
        path = f"{self._npm(folder)}:{NODE.parent}:{os.environ['PATH']}"
        super().__init__(
            folder, ("examples/better_auth_server",), ports, {"PATH": path, "PORT": ports["8094"]}
        )
        server = folder / "examples" / "better_auth_server" / "server.mjs"
        server.write_text(self.ours(server.read_text()))

    @contextmanager
    def serves(self, block: Block) -> Generator[None]:
        """Run a server while the block lasts, from when it listens."""
        port = int(self.ours(block.info.rpartition(" ")[2]))
        with self.starts(block.text) as program:
            program.wait_until(lambda: answers_http(port), f"{block.text} listens")
            yield

    def _npm(self, folder: Path) -> Path:
        """Return a folder whose npm installs what is here already: nothing is asked of a registry."""
        programs = folder / "bin"
        programs.mkdir()
        npm = programs / "npm"
        npm.write_text(
            f'#!/bin/sh\n[ "$*" = "install --no-save better-auth" ] && ln -s {FOLDER}/node_modules .\n'
        )
        npm.chmod(0o755)
        return programs
