"""docs/operate.md does what it says: an operator types its commands beside the service."""

import os
import re
import subprocess
from collections.abc import Generator, Mapping
from configparser import ConfigParser
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import pytest

from tests.support.auth_api_process import API
from tests.support.dev_provider import CLIENT_ID, run_dev_provider
from tests.support.documented import Page
from tests.support.loopback import PATIENCE_SECONDS
from tests.support.ports import unused_port
from workspace import ROOT

SECRET = "a-client-secret-of-the-tests"

# What systemd and its journal are to the page's commands.
SYSTEMCTL = """\
#!/bin/bash
set -eu
stop() { kill "$(cat PID)"; while kill -0 "$(cat PID)" 2>/dev/null; do sleep 0.05; done; }
start() {
    ( cd FOLDER; exec setsid COMMAND >> LOG 2>&1 < /dev/null ) &
    echo $! > PID
    until curl -sf -o /dev/null http://127.0.0.1:PORT/health/ready; do kill -0 "$(cat PID)"; sleep 0.05; done
}
[ "$2" = netscript-auth ]
case "$1" in stop) stop;; start) start;; restart) stop; start;; esac
"""
JOURNALCTL = '#!/bin/sh\n[ "$*" = "-u netscript-auth -o cat" ] && exec cat LOG\n'


@pytest.mark.page(
    "docs/operate.md",
    "sh shell",
    "sh .env",
    "ini netscript-auth.service",
    "sh client-secret",
    "sh first",
    "sh look",
    "sh log",
    "sh key-add",
    "sh key-change",
    "sh key-remove",
)
@pytest.mark.full
def test_what_is_wrong_is_found_and_keys_change_while_everybody_stays(tmp_path: Path, page: Page) -> None:
    with operated(tmp_path, page) as desk:
        assert "nothing is wrong" in desk.types("first")
        alice, first, refused = desk.sign_in(), desk.keys(), desk.refuse()

        looked = desk.types("look", REQUEST_ID=refused)
        logged = desk.types("log", REQUEST_ID=refused)
        desk.types("key-add")
        both = desk.keys()
        told = desk.types("key-change")
        desk.types("key-remove")

        assert "auth.signin.failed" in looked
        assert "auth.signin.failed" in logged
        assert both == [*first, *desk.keys()]
        assert re.search(r" 1  seals$", told, re.MULTILINE)
        assert desk.who(alice) is not None


@pytest.mark.page(
    "docs/operate.md",
    "sh shell",
    "sh .env",
    "ini netscript-auth.service",
    "sh client-secret",
    "sh first",
    "sh backup",
    "sh restore",
    "sh move",
    "sh move-sessions",
    "sh everybody-out",
)
@pytest.mark.full
def test_a_backup_brings_back_who_was_there_and_people_keep_their_ids_in_a_new_store(
    tmp_path: Path, page: Page
) -> None:
    with operated(tmp_path, page) as desk:
        desk.types("first")
        alice = desk.sign_in()
        known = desk.who(alice)
        desk.types("backup")
        later = desk.sign_in()

        desk.types("restore")
        restored = [desk.who(alice), desk.who(later)]
        desk.types("move")
        desk.types("everybody-out")
        anew = desk.sign_in()
        told = desk.types("move-sessions")

        assert restored == [known, None]
        assert "imported: 1, " in told
        assert desk.who(alice) is None
        assert desk.who(anew) == known


@contextmanager
def operated(folder: Path, page: Page) -> Generator["Desk"]:
    """Where the page is followed: a machine of one's own below a folder, and a provider beside it."""
    desk = Desk(folder, page)
    callback = f"http://localhost:{desk.port}{API}/callback"
    with run_dev_provider(folder, desk.provider_port, callback, SECRET, ["--auto-sign-in"]):
        try:
            yield desk
        finally:
            desk.end()


class Desk:
    """An operator at a terminal of a machine whose root is a folder."""

    def __init__(self, folder: Path, page: Page) -> None:
        self._root, self._page = folder, page
        self._shell = page.take("sh shell")
        self.port, self.provider_port = unused_port(), unused_port()
        for each in (
            "etc/netscript",
            "var/lib/netscript",
            "var/backups/netscript",
            "opt/netscript",
            "stand-ins",
        ):
            (folder / each).mkdir(parents=True)
        (folder / "opt/netscript/bin").symlink_to(ROOT / ".venv" / "bin")
        self._folder = folder / "etc/netscript"
        (self._folder / ".env").write_text(self._ours(_without_proxy(page.take("sh .env"))))
        unit = page.take("ini netscript-auth.service")
        self._stand_in("systemctl", SYSTEMCTL, unit)
        self._stand_in("journalctl", JOURNALCTL, unit)
        # What a machine without TLS and without a public name cannot have.
        self._variables = {
            "PATH": f"{folder / 'stand-ins'}:{os.environ['PATH']}",
            "NETSCRIPT_PROFILE": "development",
            "NETSCRIPT_AUTH_PUBLIC_URL": f"http://localhost:{self.port}",
            "NETSCRIPT_AUTH_ISSUER": f"http://localhost:{self.provider_port}",
            "NETSCRIPT_AUTH_CLIENT_ID": CLIENT_ID,
            # A grant is kept, so that the key seals something.
            "NETSCRIPT_AUTH_SCOPES": "openid profile email offline_access",
            "PORT": str(self.port),
        }
        self.runs("client-secret", page.take("sh client-secret"), SECRET)

    def types(self, name: str, **placeholders: str) -> str:
        """Run a block's commands, which have to succeed, and return what they print."""
        return self.runs(name, self._page.take(f"sh {name}"), **placeholders)

    def runs(self, name: str, commands: str, keyed_in: str = "", **placeholders: str) -> str:
        """Run commands, likewise, and key something in for them to read."""
        text = self._ours(self._shell + commands)
        for placeholder, value in placeholders.items():
            text = text.replace(placeholder, value)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],  # noqa: S607 - bash of the PATH
            cwd=self._root,
            env=self._variables,
            input=f"{keyed_in}\n",
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
        return done.stdout

    def sign_in(self) -> Mapping[str, str]:
        """Let Alice sign in in a new browser, and return its cookies."""
        with self._browser() as http:
            http.get(f"{API}/signin", params={"loginHint": "alice"}, follow_redirects=True)
            return dict(http.cookies)

    def who(self, cookies: Mapping[str, str]) -> str | None:
        """Return the id of who is signed in by these cookies, if anybody is."""
        me = self.me(cookies)
        return me["user"]["id"] if me["authenticated"] else None

    def me(self, cookies: Mapping[str, str]) -> dict[str, Any]:
        """Return what these cookies say of somebody."""
        with self._browser(cookies) as http:
            told: dict[str, Any] = http.get(f"{API}/me").raise_for_status().json()
        return told

    def refuse(self) -> str:
        """Be refused, and return the id of that request."""
        with self._browser() as http:
            return http.get(f"{API}/callback", params={"code": "c", "state": "s"}).headers["x-request-id"]

    def keys(self) -> list[str]:
        """Return the keys that the service has, current first."""
        return (self._folder / "keys").read_text().strip().split(",")

    def end(self) -> None:
        """Let nothing outlive the test."""
        if (self._root / "pid").exists():
            subprocess.run([self._root / "stand-ins" / "systemctl", "stop", "netscript-auth"], check=False)

    def _browser(self, cookies: Mapping[str, str] | None = None) -> httpx.Client:
        return httpx.Client(
            base_url=f"http://localhost:{self.port}",
            cookies=dict(cookies or {}),
            trust_env=False,
            timeout=PATIENCE_SECONDS,
        )

    def _stand_in(self, name: str, text: str, unit: str) -> None:
        units = ConfigParser()
        units.read_string(self._ours(unit))
        service = units["Service"]
        facts = {
            "FOLDER": service["WorkingDirectory"],
            "COMMAND": service["ExecStart"],
            "PID": str(self._root / "pid"),
            "LOG": str(self._root / "log"),
            "PORT": str(self.port),
        }
        script = self._root / "stand-ins" / name
        script.write_text(re.sub("|".join(facts), lambda match: facts[match[0]], dedent(text)))
        script.chmod(0o755)

    def _ours(self, text: str) -> str:
        """Return a text with our ports, and our folder for the root."""
        text = text.replace("8094", str(self.port))
        return re.sub(r"(?<![\w.])/(?=etc/|var/|opt/)", f"{self._root}/", text)


def _without_proxy(variables: str) -> str:
    """Return the variables of a machine with no proxy in front."""
    return re.sub(r"^NETSCRIPT_AUTH_TRUSTED_PROXIES=.*\n", "", variables, flags=re.MULTILINE)
