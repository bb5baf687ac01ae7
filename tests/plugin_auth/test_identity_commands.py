"""``netscript auth identities ...`` and ``netscript auth drain status``, as an operator types them."""

import asyncio
import io
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from netscript_auth_core.account_links import account_of
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import AuthUser, Device, ExternalIdentity
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import AuthBackendPort, Authenticated, AuthRequest
from netscript_auth_core.upstream_sessions import UpstreamSession, UpstreamSessions
from netscript_kernel.clock import SystemClock
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.keyring import generate_key
from netscript_kernel.kv.sqlite import open_sqlite_store
from netscript_plugin_auth.commands import beside
from netscript_plugin_auth.commands.drain import show_drain
from netscript_plugin_auth.commands.identities import export_identities, list_identities
from netscript_plugin_auth.commands.identity_changes import link_identities, unlink_account
from netscript_plugin_auth.commands.identity_import import import_identities
from netscript_plugin_auth.configuration import Configuration, read_configuration
from netscript_plugin_auth.opening import Opened, opened_parts

DRAINING = {
    "NETSCRIPT_AUTH_DRAIN_BACKENDS": "better-auth",
    "BETTER_AUTH_URL": "https://app.acme.example",
    "BETTER_AUTH_SECRET": "a" * 32,
}


def who(subject: str, name: str | None = None) -> ExternalIdentity:
    return ExternalIdentity(
        issuer="https://accounts.google.com", subject=subject, provider_id="google", name=name
    )


class Operator:
    """Somebody at a terminal, with an environment and a store."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file = folder / "auth.db"
        self.environment: dict[str, str] = {
            "NETSCRIPT_AUTH_PUBLIC_URL": "https://auth.acme.example",
            "NETSCRIPT_KV_URL": f"sqlite:///{self.file}",
            "NETSCRIPT_AUTH_KEYS": generate_key(),
            "NETSCRIPT_AUTH_PROVIDER": "google",
            "NETSCRIPT_AUTH_CLIENT_ID": "a.apps.googleusercontent.com",
            "NETSCRIPT_AUTH_CLIENT_SECRET": "a-client-secret",
        }
        monkeypatch.setattr(beside, "process_environment", self._read)

    def _read(self) -> Mapping[str, str]:
        return self.environment

    def know(self, *identities: ExternalIdentity) -> list[AuthUser]:
        """Let people be known."""
        return asyncio.run(self._know(identities))

    def sign_in(self, identity: ExternalIdentity) -> str:
        """Let a person have a session, and return its token."""

        async def begin() -> str:
            async with opened_parts(read_configuration(self.environment)) as parts:
                return (await parts.backend.sessions.create(identity, Device())).token

        return asyncio.run(begin())

    def is_signed_in(self, token: str) -> bool:
        """Whether a token still lets somebody in."""

        async def ask() -> bool:
            async with opened_parts(read_configuration(self.environment)) as parts:
                return isinstance(await parts.backend.authenticate(AuthRequest((token,))), Authenticated)

        return asyncio.run(ask())

    def meet(self, backend: str, handle: str, identity: ExternalIdentity) -> None:
        """Let a session of an upstream be met, as a backend does that finds it in a request."""

        async def come() -> None:
            async with self._upstream(backend) as (sessions, now):
                end = now + timedelta(days=1)
                await sessions.meet(UpstreamSession(handle, identity, now, end, end))

        asyncio.run(come())

    def met(self, backend: str, user_id: str) -> list[str]:
        """The handles of the sessions of an upstream that are a person's."""

        async def look() -> list[str]:
            async with self._upstream(backend) as (sessions, _):
                return [each.handle for each in await sessions.of_user(user_id)]

        return asyncio.run(look())

    @asynccontextmanager
    async def _upstream(self, backend: str) -> AsyncGenerator[tuple[UpstreamSessions, datetime]]:
        async with opened_parts(read_configuration(self.environment)) as parts:
            users = UserDirectory(parts.store, parts.clock)
            yield UpstreamSessions(backend, parts.store, parts.keys, users, parts.clock), parts.clock.now()

    async def _know(self, identities: tuple[ExternalIdentity, ...]) -> list[AuthUser]:
        clock = SystemClock()
        store = await open_sqlite_store(self.file, clock)
        users = [await UserDirectory(store, clock).resolve(each) for each in identities]
        await store.aclose()
        return users


class _FailingSessions:
    """Another backend's, except that ending all of a person's fails at some time, and does nothing before."""

    def __init__(self, failing: int) -> None:
        self._until_it_fails = failing

    async def revoke_all_for_user(self, user_id: str) -> int:
        del user_id
        if self._until_it_fails == 0:
            raise BackendUnavailableError("kv-oauth", "away")
        self._until_it_fails -= 1
        return 0


class _FailingBackend:
    def __init__(self, backend: AuthBackendPort, failing: int) -> None:
        self.name = backend.name
        self.capabilities = backend.capabilities
        self.sessions = _FailingSessions(failing)


@asynccontextmanager
async def _with_failing_sessions(failing: int, configuration: Configuration) -> AsyncGenerator[Opened]:
    async with opened_parts(configuration) as parts:
        yield replace(parts, active=cast("AuthBackendPort", _FailingBackend(parts.active, failing)))


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    return Operator(tmp_path, monkeypatch)


def test_everybody_is_listed_with_their_accounts(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    ann, bob = operator.know(who("1", "Ann"), who("2"))

    assert list_identities(as_json=False) == 0

    told = capsys.readouterr().out
    assert told.index(ann.id) < told.index(bob.id)
    assert f'{ann.id}  "Ann"\n  google                https://accounts.google.com  1\n' in told


# What takes a line, erases one, turns the direction or hides what follows.
FORGERY = "Mallory\nusr_A  Alice Boss  alice@acme.example\r\x1b[8m\x9b8m\u202e\u2028\x00"


def test_nobody_can_forge_a_line_of_the_list(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    forged = ExternalIdentity(issuer=FORGERY, subject=FORGERY, provider_id=FORGERY, email=FORGERY)
    (mallory,) = operator.know(forged)

    assert [list_identities(as_json=False), list_identities(as_json=True)] == [0, 0]

    first, second, as_json = capsys.readouterr().out.splitlines()
    assert (first + second + as_json).isprintable()
    assert first.startswith(f'{mallory.id}  "Mallory\\nusr_A  Alice Boss  alice@acme.example')
    assert first.endswith("(not verified)")
    assert json.loads(as_json)["email"] == FORGERY


def test_a_name_does_not_pass_for_an_address(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    address = {"email": "ann@acme.example", "email_verified": True}
    ann = who("1", "Ann").model_copy(update=address)
    people = operator.know(ann, who("2", "ann@acme.example"), who("3", 'Bob"  ann@acme.example'))

    assert list_identities(as_json=False) == 0

    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("usr_")]
    assert told == [
        f'{people[0].id}  "Ann"  ann@acme.example',
        f'{people[1].id}  "ann@acme.example"',
        f'{people[2].id}  "Bob\\"  ann@acme.example"',
    ]


def test_the_columns_of_accounts_stay_apart(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    operator.know(who("1").model_copy(update={"provider_id": "development-provider"}))

    assert list_identities(as_json=False) == 0

    assert "  development-provider  https://accounts.google.com  1\n" in capsys.readouterr().out


@pytest.mark.parametrize(("as_json", "told"), [(False, "Nobody is known yet.\n"), (True, "")])
def test_where_nobody_is_known_the_list_says_so(
    operator: Operator, capsys: pytest.CaptureFixture[str], *, as_json: bool, told: str
) -> None:
    operator.know()

    assert list_identities(as_json=as_json) == 0

    assert capsys.readouterr().out == told


def test_everybody_is_exported_a_line_each(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    ann, bob = operator.know(who("1", "Ann"), who("2"))

    assert export_identities() == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["id"] for line in lines] == [ann.id, bob.id]
    assert lines[0]["accounts"][0]["subject"] == "1"


def test_an_export_is_imported_elsewhere_under_the_same_ids(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (ann,) = operator.know(who("1", "Ann"))
    export_identities()
    exported = capsys.readouterr().out
    elsewhere = Operator(tmp_path / "elsewhere", monkeypatch)
    (tmp_path / "elsewhere").mkdir()
    (bob,) = elsewhere.know(who("2"))

    assert import_identities(io.StringIO(f"{exported}\n{exported}")) == 0

    assert capsys.readouterr().out == "imported: 1, already here: 1, refused: 0\n"
    assert [each.id for each in elsewhere.know(who("1", "Ann"), who("2"))] == [ann.id, bob.id]


def test_a_line_that_cannot_be_taken_is_told_and_the_others_are_taken(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    (ann,) = operator.know(who("1"))
    good = ann.model_copy(update={"id": "usr_new", "accounts": ()}).to_wire().decode()
    taken = ann.model_copy(update={"id": "usr_other"}).to_wire().decode()

    code = import_identities(["{", taken, '{"id": 5}', good])

    told = capsys.readouterr()
    assert code == 1
    assert told.out == "imported: 1, already here: 0, refused: 3\n"
    assert "line 1:" in told.err
    assert "line 2: usr_other: has an account that leads to somebody else here" in told.err
    assert "line 3: id, createdAt: is not as" in told.err


def test_a_line_that_breaks_a_rule_is_told_and_the_others_are_taken(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    (ann,) = operator.know(who("1"))
    new = ann.model_copy(update={"id": "usr_new", "accounts": (account_of(who("2")),) * 2})
    odd = ann.model_copy(update={"id": "usr_x\r\nSet-Cookie: a=b", "accounts": ()})
    lines = [each.to_wire().decode() for each in (new, odd, new.model_copy(update={"accounts": ()}))]

    code = import_identities(lines)

    told = capsys.readouterr()
    assert (code, told.out) == (1, "imported: 1, already here: 0, refused: 2\n")
    assert told.err == (
        "line 1: accounts: has the same issuer and subject twice\n"
        "line 2: id: has to be usr_ and 1 to 64 letters, digits, - or _\n"
    )


def test_a_file_that_is_no_text_is_told_and_nothing_of_it_comes_in(
    operator: Operator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (ann,) = operator.know(who("1"))
    good = ann.model_copy(update={"id": "usr_new", "accounts": ()}).to_wire()
    (tmp_path / "binary").write_bytes(good + b"\n" + b" " * 100_000 + b"\xff\xfe\x00")

    with (tmp_path / "binary").open(encoding="utf-8") as lines:
        code = import_identities(lines)

    assert code == 1
    told = capsys.readouterr().err
    assert told == "FILE is not as netscript auth identities export writes it (no UTF-8 text)\n"
    list_identities(as_json=False)
    assert "usr_new" not in capsys.readouterr().out


def test_an_import_makes_the_store_that_is_not_there_yet(
    operator: Operator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (ann,) = operator.know(who("1", "Ann"))
    operator.file = tmp_path / "other.db"
    operator.environment["NETSCRIPT_KV_URL"] = f"sqlite:///{operator.file}"
    with pytest.raises(ConfigurationError, match=r"other\.db, where there is no store"):
        list_identities(as_json=False)

    code = import_identities([ann.to_wire().decode()])

    assert (code, capsys.readouterr().out) == (0, "imported: 1, already here: 0, refused: 0\n")
    assert operator.know(who("1", "Ann")) == [ann]


def test_a_rehearsal_of_an_import_says_what_would_be_and_keeps_nobody(
    operator: Operator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ann, bob = operator.know(who("1"), who("2"))
    lines = [each.to_wire().decode() for each in (ann, bob)]
    taken = ann.model_copy(update={"id": "usr_other"}).to_wire().decode()
    operator.file = tmp_path / "other.db"
    operator.environment["NETSCRIPT_KV_URL"] = f"sqlite:///{operator.file}"
    with pytest.raises(ConfigurationError, match=r"other\.db, where there is no store"):
        import_identities(lines, is_rehearsal=True)
    assert not operator.file.exists()
    import_identities(lines[:1])
    capsys.readouterr()

    code = import_identities([*lines, taken], is_rehearsal=True)

    shown = capsys.readouterr()
    assert (code, shown.out) == (1, "would be imported: 1, already here: 1, refused: 1\n")
    assert "line 3: usr_other: has an account that leads to somebody else here" in shown.err
    export_identities()
    assert [json.loads(each)["id"] for each in capsys.readouterr().out.splitlines()] == [ann.id]


@pytest.mark.parametrize("command", [partial(list_identities, as_json=False), export_identities])
def test_a_command_that_looks_makes_no_key(
    operator: Operator, command: Callable[[], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.know(who("1"))
    monkeypatch.chdir(tmp_path)
    operator.environment = {
        "NETSCRIPT_KV_URL": operator.environment["NETSCRIPT_KV_URL"],
        "NETSCRIPT_PROFILE": "development",
    }
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(ConfigurationError, match="where the service has no key"):
        command()

    assert sorted(tmp_path.rglob("*")) == before


def test_two_people_are_joined_and_the_sessions_of_the_one_who_goes_end(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    keep, other = operator.know(who("1", "Ann"), who("2"))
    kept, ended = operator.sign_in(who("1")), operator.sign_in(who("2"))

    assert link_identities(keep.id, other.id) == 0

    assert f"{other.id} is no more; of its sessions ended: 1" in capsys.readouterr().out
    assert [operator.is_signed_in(token) for token in (kept, ended)] == [True, False]
    assert [each.id for each in operator.know(who("1"), who("2"))] == [keep.id, keep.id]


@pytest.mark.parametrize("failing", [0, 1], ids=["before they are joined", "after they were joined"])
def test_a_link_that_a_backend_broke_off_is_finished_by_repeating_it(
    operator: Operator,
    failing: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    keep, other = operator.know(who("1", "Ann"), who("2"))
    token = operator.sign_in(who("2"))
    with monkeypatch.context() as patched:
        patched.setattr(beside, "opened_parts", partial(_with_failing_sessions, failing))
        assert link_identities(keep.id, other.id) == 1
    assert "could not find out: away" in capsys.readouterr().err
    assert operator.is_signed_in(token)

    assert link_identities(keep.id, other.id) == 0

    assert f"{other.id} is no more; of its sessions ended: 1" in capsys.readouterr().out
    assert not operator.is_signed_in(token)
    assert [each.id for each in operator.know(who("1"), who("2"))] == [keep.id, keep.id]


def test_sessions_that_an_upstream_keeps_are_at_once_those_of_the_person_who_is_kept(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    keep, other = operator.know(who("1", "Ann"), who("2"))
    operator.environment |= DRAINING
    operator.meet("better-auth", "session-1", who("2"))

    assert link_identities(keep.id, other.id) == 0

    assert f"kept by an upstream, and those of {keep.id} from now on: 1\n" in capsys.readouterr().out
    assert operator.met("better-auth", keep.id) == ["session-1"]
    assert operator.met("better-auth", other.id) == []


def test_an_account_is_taken_out_and_the_sessions_of_the_person_end(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    ann, other = operator.know(who("1", "Ann"), who("2"))
    link_identities(ann.id, other.id)
    token = operator.sign_in(who("2"))

    assert unlink_account(ann.id, "https://accounts.google.com", "2") == 0

    assert f"of the sessions of {ann.id} ended: 1;" in capsys.readouterr().out
    assert not operator.is_signed_in(token)
    same, new = operator.know(who("1"), who("2"))
    assert (same.id, len(same.accounts)) == (ann.id, 1)
    assert new.id not in (ann.id, other.id)


@pytest.mark.parametrize("failing", [0, 1], ids=["before it is taken out", "after it was taken out"])
def test_an_unlink_that_a_backend_broke_off_is_finished_by_repeating_it(
    operator: Operator, failing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, other = operator.know(who("1", "Ann"), who("2"))
    link_identities(ann.id, other.id)
    token = operator.sign_in(who("2"))
    with monkeypatch.context() as patched:
        patched.setattr(beside, "opened_parts", partial(_with_failing_sessions, failing))
        assert unlink_account(ann.id, "https://accounts.google.com", "2") == 1
    assert operator.is_signed_in(token)
    if failing:
        operator.know(who("2"))  # who holds the account comes back meanwhile

    assert unlink_account(ann.id, "https://accounts.google.com", "2") == 0

    assert not operator.is_signed_in(token)
    assert operator.know(who("2"))[0].id != ann.id


def test_the_session_of_an_upstream_by_an_account_that_was_taken_out_is_not_the_persons(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    ann, other = operator.know(who("1", "Ann"), who("2"))
    operator.environment |= DRAINING
    operator.meet("better-auth", "session-1", who("1"))
    operator.meet("better-auth", "session-2", who("2"))
    link_identities(ann.id, other.id)
    assert sorted(operator.met("better-auth", ann.id)) == ["session-1", "session-2"]

    assert unlink_account(ann.id, "https://accounts.google.com", "2") == 0

    assert "by other accounts, and going on: 1" in capsys.readouterr().out
    assert operator.met("better-auth", ann.id) == ["session-1"]


def test_a_rehearsal_joins_nobody_and_takes_nothing_out(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    ann, other, bob = operator.know(who("1"), who("2"), who("3"))
    link_identities(ann.id, other.id)
    tokens = [operator.sign_in(who(each)) for each in ("1", "3")]
    capsys.readouterr()

    codes = [
        link_identities(ann.id, bob.id, is_rehearsal=True),
        unlink_account(ann.id, "https://accounts.google.com", "2", is_rehearsal=True),
        link_identities(ann.id, "usr_nobody", is_rehearsal=True),
        unlink_account(bob.id, "https://accounts.google.com", "3", is_rehearsal=True),
    ]

    told = capsys.readouterr()
    assert codes == [0, 0, 1, 1]
    assert f"{bob.id} would be {ann.id}" in told.out
    assert f"2 would open {ann.id} no more" in told.out
    assert "nobody has this id" in told.err
    assert [each.id for each in operator.know(who("2"), who("3"))] == [ann.id, bob.id]
    assert all(map(operator.is_signed_in, tokens))


def test_who_is_no_person_ends_nobodys_sessions(operator: Operator) -> None:
    (ann,) = operator.know(who("1"))
    token = operator.sign_in(who("1"))

    codes = [link_identities("usr_nobody", ann.id), link_identities(ann.id, ann.id)]

    assert codes == [1, 1]
    assert operator.is_signed_in(token)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("usr_nobody", "OTHER usr_nobody: nobody has this id\n"),
        ("ann@acme.example", "OTHER ann@acme.example: nobody has this id; ids begin with usr_\n"),
        ("\x1b[8m", 'OTHER "\\u001b[8m": nobody has this id; ids begin with usr_\n'),
    ],
)
def test_joining_somebody_who_is_not_there_says_so_and_what_to_type_instead(
    operator: Operator, capsys: pytest.CaptureFixture[str], typed: str, told: str
) -> None:
    (keep,) = operator.know(who("1"))

    assert link_identities(keep.id, typed) == 1

    assert capsys.readouterr().err == (
        f"{told}netscript auth identities list shows everybody with their ids and accounts\n"
    )


def test_joining_somebody_who_was_joined_before_names_who_they_are_now(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    ann, other, bob = operator.know(who("1"), who("2"), who("3"))
    link_identities(ann.id, other.id)

    codes = [link_identities(bob.id, other.id), link_identities(other.id, bob.id)]

    assert codes == [1, 1]
    told = capsys.readouterr().err
    assert f"OTHER {other.id}: was joined to {ann.id} already\n" in told
    assert f"KEEP {other.id}: was joined to {ann.id} already\n" in told


def test_an_account_that_is_none_of_the_persons_is_not_taken_out(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    (ann,) = operator.know(who("1"))
    token = operator.sign_in(who("1"))

    codes = [unlink_account(ann.id, "https://acme.example", each) for each in ("2", "1\n")]
    codes.append(unlink_account(ann.id, "https://accounts.google.com", "1"))

    assert codes == [1, 1, 1]
    told = capsys.readouterr().err
    assert "ACCOUNT https://acme.example 2: is none of this person's\n" in told
    assert 'ACCOUNT https://acme.example "1\\n": is none of this person\'s\n' in told
    assert "ACCOUNT https://accounts.google.com 1: is the only one of this person: nobody could" in told
    assert operator.is_signed_in(token)


def test_without_draining_the_status_says_that(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.know(who("1"))

    assert show_drain(as_json=False) == 0

    assert "Nothing is drained" in capsys.readouterr().out
