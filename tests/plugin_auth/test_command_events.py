"""What a command does is told as what the service does: in the log on standard error, and in the store."""

import asyncio
import json
from pathlib import Path

import pytest

from netscript_kernel.clock import SystemClock
from netscript_kernel.kv.sqlite import open_sqlite_store
from netscript_plugin_auth.audit.kept_events import KeptEvent, events_of
from tests.plugin_auth.test_auth_commands import run
from tests.plugin_auth.test_identity_commands import Operator, who


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    return Operator(tmp_path, monkeypatch)


def kept(file: Path, request_id: str) -> list[KeptEvent]:
    async def read() -> list[KeptEvent]:
        store = await open_sqlite_store(file, SystemClock())
        try:
            return await events_of(store, request_id)
        finally:
            await store.aclose()

    return asyncio.run(read())


@pytest.mark.parametrize(("audit", "is_kept"), [("log,store", True), ("log", False)])
def test_the_sessions_that_a_link_ends_are_events_where_the_audit_says(
    operator: Operator, tmp_path: Path, audit: str, *, is_kept: bool
) -> None:
    keep, other = operator.know(who("1", "Ann"), who("2"))
    operator.sign_in(who("2"))
    operator.environment["NETSCRIPT_AUTH_AUDIT"] = audit

    done = run("auth", "identities", "link", keep.id, other.id, folder=tmp_path, **operator.environment)

    assert done.returncode == 0, done.stderr
    assert "auth.session.revoked" not in done.stdout
    (event,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert (event["event"], event["reason"]) == ("auth.session.revoked", "accounts_changed")
    assert [each.reason for each in kept(operator.file, event["request_id"])] == [
        "accounts_changed"
    ] * is_kept


def test_what_a_program_reads_is_not_mixed_with_the_log(operator: Operator, tmp_path: Path) -> None:
    operator.know(who("1", "Ann"))
    # Read by another backend alone, which is warned of.
    operator.environment["NETSCRIPT_AUTH_WORKOS_INTERACTIVE"] = "false"

    done = run("auth", "identities", "list", "--json", folder=tmp_path, **operator.environment)

    assert json.loads(done.stdout)["name"] == "Ann"
    assert json.loads(done.stderr)["level"] == "warning"
