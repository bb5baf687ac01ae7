"""docs/swap-backends.md does what it says: who tries it on a machine of their own sees what it promises."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest

from tests.support.better_auth import FOLDER
from tests.support.node import NODE, require_packages
from tests.support.ports import answers_http, unused_port
from tests.support.program import started
from workspace import ROOT

PAGE = (ROOT / "docs" / "swap-backends.md").read_text()
BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<kind>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
BLOCKS = [(match["kind"], dedent(match["text"])) for match in BLOCK.finditer(PAGE)]
PORTS = ("8094", "3000", "9094")
# What test_swap.py runs, and what a program prints.
ELSEWHERE = {"sh auth.env", "sh workos.env", "sh old", "sh new", "sh left", "sh who", "text"}


def test_the_page_leaves_out_no_block() -> None:
    fences = re.findall(r"^ *```", PAGE, re.MULTILINE)
    tried = {"sh try", *(f"sh try-server {port}" for port in PORTS)}

    assert len(fences) == 2 * len(BLOCKS)
    assert {kind for kind, _ in BLOCKS} == ELSEWHERE | tried


@pytest.mark.full
@pytest.mark.peer
def test_who_tries_it_keeps_the_id_in_both_browsers(tmp_path: Path) -> None:
    trial = Trial(tmp_path, {port: str(unused_port()) for port in PORTS})
    blocks = iter([(kind, trial.ours(text)) for kind, text in BLOCKS if kind.startswith("sh try")])

    with trial.serves(*next(blocks)), trial.serves(*next(blocks)):
        trial.types(*next(blocks))
        with trial.serves(*next(blocks)):
            (before,) = people(trial.types(*next(blocks)))
        with trial.serves(*next(blocks)):
            said = trial.types(*next(blocks))

    kept, anew = people(said)
    assert [before[1], kept[1], anew[1]] == ["kv-oauth", "kv-oauth", "better-auth"]
    assert before[0] == kept[0] == anew[0]
    assert said.splitlines()[-1] == "kv-oauth: 1 session of 1 person is left"
    assert next(blocks, None) is None


def people(said: str) -> list[tuple[str, str]]:
    """Return id and backend of everybody whom /me has told of, in order."""
    documents = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return [(each["user"]["id"], each["session"]["backend"]) for each in documents]


class Trial:
    """A clone where somebody tries it, with ports that are free.

    Args:
        folder: Where it is made.
        ports: Ours for those of the page.
    """

    def __init__(self, folder: Path, ports: Mapping[str, str]) -> None:
        require_packages(FOLDER)
        self._folder, self._ports = folder, ports
        (folder / ".venv").symlink_to(ROOT / ".venv")
        example = folder / "examples" / "better_auth_server"
        shutil.copytree(
            ROOT / "examples" / "better_auth_server", example, ignore=shutil.ignore_patterns("node_modules")
        )
        server = example / "server.mjs"
        server.write_text(self.ours(server.read_text()))
        self._variables = {"PATH": f"{self._npm()}:{NODE.parent}:{os.environ['PATH']}", "PORT": ports["8094"]}

    def ours(self, text: str) -> str:
        """Return a text with our ports."""
        for theirs, own in self._ports.items():
            text = text.replace(theirs, own)
        return text

    def types(self, kind: str, text: str) -> str:
        """Run commands, which have to succeed, and return what they print."""
        assert kind == "sh try"
        done = subprocess.run(
            ["bash", "-euc", text],  # noqa: S607 - bash of the PATH
            cwd=self._folder,
            env=self._variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def serves(self, kind: str, text: str) -> Generator[None]:
        """Run a server while the block lasts, from when it listens."""
        port = int(self._ports[kind.rpartition(" ")[2]])
        with started(("bash", "-euc", text), self._variables, self._folder) as program:
            program.wait_until(lambda: answers_http(port), f"{text} listens")
            yield

    def _npm(self) -> Path:
        """Return a folder whose npm installs what is here already: nothing is asked of a registry."""
        folder = self._folder / "bin"
        folder.mkdir()
        npm = folder / "npm"
        npm.write_text(
            f'#!/bin/sh\n[ "$*" = "install --no-save better-auth" ] && ln -s {FOLDER}/node_modules .\n'
        )
        npm.chmod(0o755)
        return folder
