"""docs/write-an-adapter.md does what it says: every block runs, in an environment as its reader has it."""

import os
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.documented import Page
from tests.support.ports import answers_http, unused_port
from tests.support.program import Program, started

PORTS = ("8094", "8099")


@pytest.mark.full
@pytest.mark.page("docs/write-an-adapter.md", "sh", "sh server", "python")
def test_who_follows_the_page_has_a_backend_behind_auth_api(
    page: Page, adapter_environment: Path, tmp_path: Path
) -> None:
    ports = {each: str(unused_port()) for each in PORTS}
    reader = Reader(adapter_environment, tmp_path, {"PORT": ports["8094"]})

    with ExitStack() as running:
        for block in page.take_all():
            text = block.text
            for written, free in ports.items():
                text = text.replace(written, free)
            match block.info:
                case "sh server":
                    running.enter_context(reader.serves(text, *map(int, ports.values())))
                case "python":
                    reader.runs_python(text)
                case _:
                    reader.types(text)


class Reader:
    """Somebody at a terminal, who stays in the folder where the last command left them.

    Args:
        environment: Whose programs are found.
        folder: Where they begin.
        variables: Set in every terminal.
    """

    def __init__(self, environment: Path, folder: Path, variables: Mapping[str, str]) -> None:
        self._folder = folder
        self._place = folder / "place"
        self._variables = {
            "PATH": f"{environment / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder),
            # All that is required is there already; nothing is asked of a registry.
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "false",  # pip reads it the other way round: no isolation
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            **variables,
        }

    def types(self, text: str) -> None:
        """Run commands, which have to succeed."""
        self._run(["bash", "-euc", f"{text}\npwd > {self._place}"])
        self._folder = Path(self._place.read_text().strip())

    def runs_python(self, text: str) -> None:
        """Run a program, which has to succeed."""
        self._run(["python", "-c", text])

    def serves(self, text: str, *ports: int) -> "Serving":
        """Start a server that listens on one of these ports."""
        return Serving(text, self._variables, self._folder, ports)

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=self._variables,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{command[-1]}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"


class Serving(ExitStack):
    """A server of the page, running while the block lasts."""

    def __init__(self, text: str, variables: Mapping[str, str], folder: Path, ports: tuple[int, ...]) -> None:
        super().__init__()
        before = [port for port in ports if not answers_http(port)]
        program: Program = self.enter_context(started(("bash", "-euc", text), variables, folder))
        program.wait_until(lambda: any(answers_http(port) for port in before), "a server listens")
