"""``netscript auth audit list``, as an operator types it beside a service."""

import asyncio
import json
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from netscript_auth_core.events import AuthEvent, EventName
from netscript_kernel.clock import SettableClock, SystemClock
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.sqlite import open_sqlite_store
from netscript_plugin_auth.audit.kept_events import newest_events, put_of
from netscript_plugin_auth.audit.pseudonymous_sink import PseudonymousSink
from netscript_plugin_auth.audit.pseudonyms import Pseudonyms
from netscript_plugin_auth.audit.store_sink import StoreEventSink
from netscript_plugin_auth.commands.audit import Wanted, list_events
from tests.plugin_auth.test_auth_commands import run
from tests.plugin_auth.test_identity_commands import Operator, who

SALT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
NAMES = Pseudonyms(bytes(range(32)))
KEEP = timedelta(days=3)


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    operator = Operator(tmp_path, monkeypatch)
    operator.environment["NETSCRIPT_AUTH_AUDIT_SALT"] = SALT
    operator.know()
    return operator


def happened(ago: timedelta = timedelta(0), **facts: Any) -> AuthEvent:
    known: dict[str, Any] = {"name": EventName.SESSION_REVOKED, "backend": "kv-oauth", "reason": "signout"}
    return AuthEvent(**{**known, **facts}, at=SystemClock().now() - ago)


def keep(operator: Operator, *events: AuthEvent) -> None:
    """Let a service have had these events."""

    async def write() -> None:
        store = await open_sqlite_store(operator.file, SystemClock())
        kept = StoreEventSink(store, SystemClock(), KEEP)
        for event in events:
            PseudonymousSink(kept, NAMES).emit(event)
        await kept.aclose()
        await store.aclose()

    asyncio.run(write())


EVERYTHING = Wanted(since=None, name=None, subject=None, session=None, limit=50)


def listed(**wanted: Any) -> list[dict[str, Any]]:
    """What a program is told."""
    output = StringIO()
    with redirect_stdout(output):
        assert list_events(replace(EVERYTHING, **wanted), as_json=True) == 0
    events: list[dict[str, Any]] = json.loads(output.getvalue())["events"]
    return events


def test_events_are_listed_newest_first_up_to_a_limit(operator: Operator) -> None:
    keep(operator, *(happened(timedelta(minutes=ago), detail=f"{ago}") for ago in (5, 1, 3, 2, 4)))

    everything, newest = listed(), listed(limit=2)

    assert [each["detail"] for each in everything] == ["1", "2", "3", "4", "5"]
    assert newest == everything[:2]


def test_a_person_and_a_session_are_found_by_what_the_operator_knows(operator: Operator) -> None:
    keep(
        operator,
        happened(detail="hers", user_id="usr_1", handle="hdl_1"),
        happened(detail="his", user_id="usr_2", handle="hdl_2"),
        happened(detail="nobody's"),
    )

    found = [
        [each["detail"] for each in listed(**wanted)]
        for wanted in (
            {"subject": "usr_1"},
            {"subject": NAMES.subject("usr_2")},
            {"session": "hdl_1"},
            {"session": NAMES.session("hdl_2")},
            {"subject": "hdl_1"},
            {"session": "usr_1"},
        )
    ]

    assert found == [["hers"], ["his"], ["hers"], ["his"], [], []]


def test_an_event_says_by_pseudonyms_who_and_which_session(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(operator, happened(user_id="usr_1", handle="hdl_1", provider_id="google", request_id="request-1"))

    (row,) = listed()
    list_events(EVERYTHING, as_json=False)

    assert (row["subject"], row["session"]) == (NAMES.subject("usr_1"), NAMES.session("hdl_1"))
    assert (row["name"], row["providerId"], row["requestId"]) == (
        "auth.session.revoked",
        "google",
        "request-1",
    )
    assert datetime.fromisoformat(row["at"]).tzinfo is not None
    heading, line = capsys.readouterr().out.splitlines()
    assert heading.split() == ["TIME", "EVENT", "PROVIDER", "REASON", "SUBJECT", "SESSION", "REQUEST"]
    assert line.split()[1:] == [
        *("auth.session.revoked", "google", "signout"),
        *(row["subject"], row["session"], "request-1"),
    ]


def test_what_is_listed_stands_below_its_heading(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(
        operator,
        happened(timedelta(minutes=1), provider_id="google", detail="two words"),
        happened(provider_id="a-provider-with-a-long-name", reason=None),
    )

    list_events(EVERYTHING, as_json=False)

    lines = capsys.readouterr().out.splitlines()
    begins = [lines[0].index(name) for name in lines[0].split()]
    assert all(line[at - 1] == " " and line[at] != " " for line in lines for at in begins[1:])
    assert [line[begins[4] :] for line in lines] == ["DETAIL", "-", '"two words"']


def test_only_what_is_new_enough_and_called_so_is_listed(operator: Operator) -> None:
    keep(
        operator,
        happened(timedelta(hours=2), detail="old"),
        happened(timedelta(minutes=2), detail="new"),
        happened(timedelta(minutes=1), name=EventName.SIGNIN_FAILED, reason="flow_used"),
    )

    assert [each.get("detail") for each in listed(since=timedelta(hours=1))] == [None, "new"]
    assert [each["detail"] for each in listed(name=EventName.SESSION_REVOKED)] == ["new", "old"]
    assert [each["reason"] for each in listed(name=EventName.SIGNIN_FAILED)] == ["flow_used"]
    assert len(listed(since=timedelta(days=999_999_999))) == 3


def test_what_a_stranger_sent_does_not_move_the_cursor(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(operator, happened(reason="\x1b[2J", request_id="a b\x07"))

    list_events(EVERYTHING, as_json=False)

    assert {"\x1b", "\x07"} & set(capsys.readouterr().out) == set()


def test_where_nothing_fits_that_is_told(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    keep(operator, happened())

    code = list_events(replace(EVERYTHING, subject="usr_9"), as_json=False)

    assert (code, *capsys.readouterr()) == (0, "Nothing that is kept fits.\n", "")


def test_where_events_are_not_kept_that_is_told(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.environment["NETSCRIPT_AUTH_AUDIT"] = "log"

    code = list_events(EVERYTHING, as_json=False)

    assert code == 1
    assert "NETSCRIPT_AUTH_AUDIT names no store" in capsys.readouterr().err


def test_without_a_salt_nobody_is_found_by_an_id_but_by_a_pseudonym(operator: Operator) -> None:
    keep(operator, happened(user_id="usr_1"))
    del operator.environment["NETSCRIPT_AUTH_AUDIT_SALT"]

    with pytest.raises(ConfigurationError, match="NETSCRIPT_AUTH_AUDIT_SALT: is not set") as refused:
        list_events(replace(EVERYTHING, subject="usr_1"), as_json=False)

    assert "usr_1" not in str(refused.value)
    assert len(listed(subject=NAMES.subject("usr_1"))) == 1


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("--since", "yesterday"), "a duration such as 30m, 1h or 2d"),
        (("--event", "auth.nothing"), "auth.signin.failed"),
        (("--subject", "usr_1", "--session", "hdl_1"), "either a person or a session"),
    ],
)
def test_what_is_mistyped_is_told_with_what_would_be_right(
    tmp_path: Path, words: tuple[str, ...], advice: str
) -> None:
    done = run("auth", "audit", "list", *words, folder=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert advice in " ".join(done.stderr.replace("│", " ").split())


async def test_more_than_a_page_is_listed_whole_and_in_order() -> None:
    clock = SettableClock()
    store = MemoryKvStore(clock)
    first = AuthEvent(EventName.SIGNIN_STARTED, clock.now(), "kv-oauth")
    moments = [first.at + timedelta(seconds=number) for number in range(1201)]
    await store.commit(puts=[put_of(replace(first, at=moment), KEEP) for moment in moments])

    found = [event.at async for event in newest_events(store)]

    assert found == moments[::-1]


def test_it_is_a_command_of_netscript(operator: Operator, tmp_path: Path) -> None:
    keep, other = operator.know(who("1", "Ann"), who("2"))
    operator.sign_in(who("2"))
    joined = run("auth", "identities", "link", keep.id, other.id, folder=tmp_path, **operator.environment)
    assert joined.returncode == 0, joined.stderr

    done = run(
        *("auth", "audit", "list", "--subject", other.id, "--json"), folder=tmp_path, **operator.environment
    )

    assert done.returncode == 0, done.stderr
    told = [(each["name"], each["reason"]) for each in json.loads(done.stdout)["events"]]
    assert sorted(told) == [
        ("auth.identity.linked", "joined_to_another"),
        ("auth.session.revoked", "accounts_changed"),
    ]
