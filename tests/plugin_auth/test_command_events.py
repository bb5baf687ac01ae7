"""What a command does is told as what the service does: in the log on standard error, and in the store."""

import asyncio
import json
from pathlib import Path

import pytest

from netscript_auth_core.account_links import account_of
from netscript_kernel.clock import SystemClock
from netscript_kernel.kv.sqlite import open_sqlite_store
from netscript_plugin_auth.audit.kept_events import KeptEvent, events_of, newest_events
from netscript_plugin_auth.commands.identity_changes import link_identities, unlink_account
from netscript_plugin_auth.commands.identity_import import import_identities
from netscript_plugin_auth.commands.keys import rotate_keys
from netscript_plugin_auth.commands.signing_key import rotate_signing_key
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
    events = [json.loads(line) for line in done.stderr.splitlines()]
    logged = [(each["event"], each["reason"]) for each in events]
    assert logged == [
        ("auth.session.revoked", "accounts_changed"),
        ("auth.identity.linked", "kept"),
        ("auth.identity.linked", "joined_to_another"),
    ]
    (request_id,) = {each["request_id"] for each in events}
    found = [(each.name, each.reason) for each in kept(operator.file, request_id)]
    assert sorted(found) == sorted(logged) * is_kept


def test_what_a_program_reads_is_not_mixed_with_the_log(operator: Operator, tmp_path: Path) -> None:
    operator.know(who("1", "Ann"))
    # Read by another backend alone, which is warned of.
    operator.environment["NETSCRIPT_AUTH_WORKOS_INTERACTIVE"] = "false"

    done = run("auth", "identities", "list", "--json", folder=tmp_path, **operator.environment)

    assert json.loads(done.stdout)["name"] == "Ann"
    assert json.loads(done.stderr)["level"] == "warning"


def told(file: Path) -> list[tuple[str, str | None]]:
    """What is kept, oldest first, with its detail."""

    async def read() -> list[tuple[str, str | None]]:
        store = await open_sqlite_store(file, SystemClock())
        try:
            return [(each.name, each.detail) async for each in newest_events(store)][::-1]
        finally:
            await store.aclose()

    return asyncio.run(read())


def test_an_import_is_told_with_how_many_came(operator: Operator) -> None:
    (ann,) = operator.know(who("1", "Ann"))
    bob = ann.model_copy(update={"id": "usr_bob", "accounts": (account_of(who("2")),)})

    import_identities([each.to_wire().decode() for each in (ann, bob)])
    import_identities([ann.to_wire().decode()])

    assert told(operator.file) == [("auth.identity.imported", "1 imported")]


def test_an_account_that_is_taken_out_is_told_without_its_subject(operator: Operator) -> None:
    ann, other = operator.know(who("1", "Ann"), who("2"))
    link_identities(ann.id, other.id)

    code = unlink_account(ann.id, "https://accounts.google.com", "2")

    assert code == 0
    assert told(operator.file)[-1] == ("auth.identity.unlinked", "https://accounts.google.com")


def test_a_change_of_keys_is_told_and_a_rehearsal_is_not(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.environment["NETSCRIPT_AUTH_TOKEN_AUDIENCES"] = "reports"
    operator.know()

    rotate_signing_key(as_json=True, forgets_earlier=False)
    key_id = json.loads(capsys.readouterr().out)["keyId"]
    rotate_keys(as_json=True, is_rehearsal=True)
    rotate_keys(as_json=True, is_rehearsal=False)

    assert told(operator.file) == [
        ("auth.keys.signing_rotated", key_id),
        ("auth.keys.rotated", "0 sealed anew"),
    ]
