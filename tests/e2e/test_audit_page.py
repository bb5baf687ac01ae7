"""docs/audit.md does what it says, and so does what operate.md says of metrics and traces."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from netscript_auth_core.events import EventName
from netscript_kernel.ids import decode_base64url
from netscript_plugin_auth.audit.pseudonyms import Pseudonyms
from tests.e2e.test_operate_page import operated
from tests.support.auth_api_process import API
from tests.support.collector import Collector
from tests.support.documented import Page, claimed
from tests.support.site import Site, sign_in

_OPERATE = (
    "docs/operate.md",
    *("sh shell", "sh .env", "ini netscript-auth.service"),
    *("sh client-secret", "sh first", "sh metrics-on", "sh metrics", "sh traces"),
)


# The upper page is taken within the test: the fixture hands over the lower one.
@pytest.mark.slow
@pytest.mark.page(
    "docs/operate.md",
    "sh shell",
    "sh .env",
    "ini netscript-auth.service",
    "sh client-secret",
    "sh first",
    "sh metrics-on",
    "sh metrics",
    "sh traces",
)
@pytest.mark.page("docs/audit.md", "sh salt", "sh list")
def test_an_operator_follows_a_person_and_a_session_and_sees_metrics_and_traces(
    tmp_path: Path, page: Page, collector: Collector
) -> None:
    with claimed(*_OPERATE) as operate, operated(tmp_path, operate) as desk:
        desk.types("first")
        desk.runs("salt", page.take("sh salt"))
        desk.types("metrics-on")
        desk.types("traces", **{"http://127.0.0.1:4318": collector.address})
        before = len(collector.spans)
        me, refused = desk.me(desk.sign_in()), desk.refuse()
        counted = desk.types("metrics")
        # Whatever waits is written, and sent, when the service stops.
        desk.runs("restart", "systemctl restart netscript-auth")

        user_id, handle = me["user"]["id"], me["session"]["handle"]
        told = desk.runs("list", page.take("sh list"), USER_ID=user_id, HANDLE=handle, REQUEST_ID=refused)

        names = Pseudonyms(decode_base64url((tmp_path / "etc/netscript/audit-salt").read_text().strip()))
        everything, failed, hers, of_session, explained = _parted(told)
        assert [line.split()[1] for line in everything] == [
            "EVENT",
            "auth.signin.failed",
            "auth.oidc.completed",
            "auth.signin.started",
        ]
        assert [line.split()[:2] for line in failed] == [line.split()[:2] for line in everything[:2]]
        assert hers[1].split()[:2] == everything[2].split()[:2]
        assert len(hers) == 2
        (completed,) = json.loads(of_session[0])["events"]
        assert completed["name"] == "auth.oidc.completed"
        assert [completed[kind] for kind in ("subject", "session", "client")] == [
            names.subject(user_id),
            names.session(handle),
            names.client("127.0.0.1/32"),
        ]
        assert f"Who:       {names.client('127.0.0.1/32')}" in "".join(explained)
        assert not {user_id, handle, "127.0.0.1"} & set(told.replace("\n", " ").split())
        assert 'event="auth.oidc.completed"' in counted
        assert len(collector.spans) > before


@pytest.mark.slow
@pytest.mark.peer
@pytest.mark.page("docs/audit.md", "sh ship")
async def test_the_lines_that_are_shipped_are_the_events_and_nothing_else(
    production_site: Site, tmp_path: Path, page: Page
) -> None:
    async with production_site.client() as alice:
        await sign_in(alice, production_site.provider)
        handle = (await alice.get(f"{API}/me")).json()["session"]["handle"]
    names = Pseudonyms(decode_base64url(production_site.secrets["salt"]))
    api = production_site.api
    api.wait_until(
        lambda: any(names.session(handle) in line for line in api.lines), "the sign-in is in the log"
    )

    shipped = _shipped(page.take("sh ship"), "".join(f"{line}\n" for line in api.lines), tmp_path)

    lines = [json.loads(line) for line in shipped.splitlines()]
    assert {line["event"] for line in lines} <= set(EventName)
    assert [line["event"] for line in lines if line.get("session") == names.session(handle)] == [
        "auth.oidc.completed"
    ]


def _shipped(commands: str, log: str, folder: Path) -> str:
    """Run commands where the journal has this log."""
    (folder / "log").write_text(log)
    journal = folder / "journalctl"
    journal.write_text(f"#!/bin/sh\ncat {folder}/log\n")
    journal.chmod(0o755)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],  # noqa: S607 - bash of the PATH
        env={"PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def _parted(told: str) -> list[list[str]]:
    """Return the lines that each of the five commands printed; the fourth prints JSON."""
    lines = told.splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("{"))
    return [lines[:4], lines[4:6], lines[6:at], lines[at : at + 1], lines[at + 1 :]]
