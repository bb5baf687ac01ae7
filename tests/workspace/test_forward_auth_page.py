"""The page on forward-auth speaks of lines that are there, and of a command that takes what it is given."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.documented import ROOT, Page

EXAMPLES = ROOT / "examples" / "forward-auth"
FILES = {"nginx": "nginx.conf", "Caddy": "Caddyfile", "Traefik": "traefik.yaml", "Envoy": "envoy.yaml"}
_EXPLAINED = re.compile(r"^\| `(.+?)` \| ", re.MULTILINE)


def _explained(proxy: str) -> list[str]:
    """Return the lines that the section of a proxy explains."""
    page = (ROOT / "docs" / "forward-auth.md").read_text()
    section = page.partition(f"\n## {proxy}\n")[2].partition("\n## ")[0]
    return _EXPLAINED.findall(section)


@pytest.mark.parametrize("proxy", FILES)
def test_every_line_that_is_explained_is_in_the_file(proxy: str) -> None:
    text = (EXAMPLES / FILES[proxy]).read_text()

    explained = _explained(proxy)

    assert len(explained) >= 6
    assert [line for line in explained if line not in text] == []


@pytest.mark.page("docs/forward-auth.md", "sh proxy-check")
def test_the_command_takes_what_it_is_given(page: Page, tmp_path: Path) -> None:
    (tmp_path / "cookie.txt").write_text("__Host-netscript-session=" + "t" * 43)
    program, *words = shlex.split(page.take("sh proxy-check"))
    command = [str(Path(sys.executable).with_name(program)), *words, "--connect", "127.0.0.1:1"]

    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ran.returncode == 2
    assert "Connect call failed ('127.0.0.1', 1)" in ran.stdout + ran.stderr
