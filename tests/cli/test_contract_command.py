"""``netscript contract``: what a workspace has, one contract whole, and whom a change breaks."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from netscript_cli.contracts import loading
from netscript_cli.isolation.running import run_tasks
from netscript_kernel.plugins import define_plugin
from tests.support.commands import Told, run
from tests.support.workspaces import MadeWorkspace

CONTRACT = """\
from netscript_kernel.contracts import NOT_FOUND, Contract, WireModel, get

print("a module may print")


class FindUser(WireModel):
    user_id: str


class User(WireModel):
    user_id: str
    email: str


class UsersV1(Contract, name="users", version="v1", prefix="/api/v1/users"):
    find = get("/{user_id}").input(FindUser).output(User).problems(NOT_FOUND).describe("One user.")
    away = get("/by/away").redirects()
"""
NEWER = """

class UserV2(WireModel):
    user_id: str
    name: str | None = None


class UsersV2(UsersV1, name="users", version="v2", prefix="/api/v1/users"):
    find = get("/{user_id}").input(FindUser).output(UserV2).problems(NOT_FOUND)


class UsersMore(UsersV1, name="users", version="v1", prefix="/api/v1/users"):
    more = get("/by/more")
"""
V1, V2, MORE = (f"plugins.users.contract:{name}" for name in ("UsersV1", "UsersV2", "UsersMore"))


@pytest.fixture
def users(made: MadeWorkspace) -> MadeWorkspace:
    """A workspace with two versions of one contract."""
    made.add(
        define_plugin("users", "0.1.0").with_contract_versions(
            [{"version": "v1", "contract": V1}, {"version": "v2", "contract": V2}]
        )
    )
    made.write("plugins/users/contract.py", CONTRACT + NEWER)
    return made


def contract(made: MadeWorkspace, *words: str) -> Told:
    return run("contract", *words, "--project-root", str(made.root))


def as_json(told: Told) -> Any:
    assert told.errors == ""
    return json.loads(told.output)


# list


def test_a_list_has_every_contract_of_the_plan(users: MadeWorkspace) -> None:
    told = contract(users, "list")

    assert told.code == 0
    assert told.output.splitlines()[:3] == [
        "NAME      PLUGIN  VERSION  CONTRACT",
        "users.v1  users   v1       plugins.users.contract:UsersV1",
        "users.v2  users   v2       plugins.users.contract:UsersV2",
    ]
    assert as_json(contract(users, "list", "--json"))["contracts"][0] == {
        "name": "users.v1",
        "plugin": "users",
        "version": "v1",
        "contract": V1,
    }


def test_a_workspace_without_contracts_says_how_to_have_one(made: MadeWorkspace) -> None:
    made.add(define_plugin("users", "0.1.0"))

    told = contract(made, "list")

    assert (told.code, ".with_contract_versions(" in told.output) == (0, True)


# inspect


@pytest.mark.parametrize("name", ["users.v1", V1])
def test_a_contract_is_shown_with_its_operations_its_models_and_its_problems(
    users: MadeWorkspace, name: str
) -> None:
    told = contract(users, "inspect", name)

    assert told.code == 0
    for line in (
        "users v1, below /api/v1/users",
        "GET /api/v1/users/{userId}  (find)",
        "   One user.",
        "      404 NOT_FOUND: There is nothing here",
        '        "required": [',
        "   answers 302, by sending elsewhere",
    ):
        assert line in told.output.splitlines()


def test_for_programs_a_contract_is_its_models_as_json_schema(users: MadeWorkspace) -> None:
    find = as_json(contract(users, "inspect", "users.v1", "--json"))["operations"][0]

    assert (find["method"], find["path"], find["status"]) == ("GET", "/api/v1/users/{userId}", 200)
    assert find["input"]["required"] == ["userId"]
    assert set(find["output"]["properties"]) == {"userId", "email"}
    assert find["problems"] == [{"code": "NOT_FOUND", "status": 404, "title": "There is nothing here"}]


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("users", "WSP_CONTRACT_AMBIGUOUS", "name one of them: users.v1, users.v2"),
        ("users.v3", "WSP_CONTRACT_UNKNOWN", "did you mean users.v2? there are: users.v1, users.v2"),
        ("users.UsersV2", "WSP_CONTRACT_UNKNOWN", "there are: users.v1, users.v2; or write users:UsersV2"),
        ("nothing.json", "WSP_SNAPSHOT_UNREADABLE", "cannot be read"),
        ("plugins.users.contract:User", "WSP_CONTRACT_BROKEN", "is no contract: it is the class User"),
        ("plugins.users.contract:Gone", "WSP_CONTRACT_BROKEN", "there is nothing of this name"),
    ],
)
def test_a_name_that_means_no_contract_is_told_with_what_to_name(
    users: MadeWorkspace, name: str, code: str, told: str
) -> None:
    answer = contract(users, "inspect", name)

    assert answer.code == 2
    assert answer.output == ""
    assert f"[{code}]" in answer.errors
    assert told in answer.errors


def test_an_import_that_finds_nothing_says_what_to_do_by_what_was_not_found(users: MadeWorkspace) -> None:
    users.write("plugins/users/other.py", "import acme_nothing")

    told = contract(users, "diff", "plugins.users.gone:UsersV1", "plugins.users.other:UsersV1").errors

    assert "ModuleNotFoundError: No module named 'plugins.users.gone'" in told
    assert f"Fix: check the name; modules are imported from {users.root}\n" in told
    assert "Fix: install what brings acme_nothing, or mend the import\n" in told


def test_without_a_workspace_a_name_is_told_with_how_to_write_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    told = run("contract", "diff", "users.v1", "users.UsersV2")

    where = f"is the name of a contract only in a workspace, and {tmp_path} is in none [WSP_NOT_FOUND]"
    assert told.code == 2
    assert f"users.v1 {where}\n      Fix: write module:Class, or a file.json; or name a " in told.errors
    assert f"users.UsersV2 {where}\n      Fix: write users:UsersV2; or name a workspace by " in told.errors


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("raise RuntimeError('too old')", "raises RuntimeError: too old"),
        ("raise SystemExit(0)", "ends the process by sys.exit"),
        ("import os; os._exit(7)", "ends the process, with exit code 7"),
    ],
)
def test_a_module_that_raises_or_exits_breaks_nothing_but_its_own_contract(
    users: MadeWorkspace, source: str, told: str
) -> None:
    users.write("plugins/users/other.py", source)

    answer = contract(users, "inspect", "plugins.users.other:UsersV1")

    assert answer.code == 2
    assert told in answer.errors


def test_a_module_that_hangs_is_not_waited_for(users: MadeWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def in_half_a_second(root: Path, tasks: Any, limit: Any) -> Any:
        return run_tasks(root, tasks, limit / 20)

    monkeypatch.setattr(loading, "run_tasks", in_half_a_second)
    users.write("plugins/users/other.py", "while True: pass")

    answer = contract(users, "inspect", "plugins.users.other:UsersV1")

    assert answer.code == 2
    assert "did not end within 0.5 s" in answer.errors


# diff


def test_a_change_that_breaks_callers_fails_and_is_told_first(users: MadeWorkspace) -> None:
    told = contract(users, "diff", "users.v1", "users.v2")

    assert told.code == 1
    assert told.output.splitlines() == [
        "breaks  find: output.email is there no more",
        "        users was v1, and is v2",
        "        find: output.name is new",
        "",
        "3 changes, 1 of them breaking.",
    ]


def test_a_change_that_breaks_callers_can_be_allowed(users: MadeWorkspace) -> None:
    told = contract(users, "diff", V1, V2, "--allow-breaking", "--json")

    assert told.code == 0
    assert as_json(told)["breaking"] is True
    assert as_json(told)["changes"][0] == {
        "kind": "field_removed",
        "place": "find: output.email",
        "words": "is there no more",
        "breaking": True,
    }


def test_a_change_that_breaks_nobody_does_not_fail(users: MadeWorkspace) -> None:
    told = contract(users, "diff", V1, MORE)

    assert told.code == 0
    assert told.output.splitlines()[-1] == "1 change, none of them breaking."


def test_a_contract_is_held_against_what_was_kept_of_it(users: MadeWorkspace, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text(contract(users, "inspect", V1, "--json").output)

    same, changed = contract(users, "diff", str(kept), V1), contract(users, "diff", str(kept), V2)

    assert (same.code, same.output) == (0, "Nothing changed.\n")
    assert changed.code == 1


def test_without_a_workspace_modules_are_imported_from_where_we_are(
    made: MadeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.write("users.py", CONTRACT + NEWER)
    monkeypatch.chdir(made.root)

    told = run("contract", "diff", "users:UsersV1", "users:UsersV2")

    assert told.code == 1, told.errors


def test_both_that_cannot_be_read_are_told_together(users: MadeWorkspace, tmp_path: Path) -> None:
    odd = tmp_path / "odd.json"
    odd.write_text('{"format": 2}')

    told = contract(users, "diff", str(odd), "plugins.users.contract:Gone")

    assert told.code == 2
    assert "There are 2 faults. Nothing was compared." in told.errors
    assert "is no contract that was written by contract inspect --json" in told.errors


def test_a_snapshot_that_somebody_mended_wrongly_is_told_with_the_place(
    users: MadeWorkspace, tmp_path: Path
) -> None:
    odd = tmp_path / "odd.json"
    kept = as_json(contract(users, "inspect", V1, "--json"))
    kept["operations"][0]["input"]["properties"]["userId"]["maxLength"] = "10"
    odd.write_text(json.dumps(kept))

    told = contract(users, "diff", str(odd), V1)

    assert told.code == 2
    assert "look at its operations[0].input.properties.userId.maxLength" in told.errors
    assert "write it anew: netscript contract inspect" in told.errors


def test_nothing_of_a_snapshot_moves_the_cursor_of_a_terminal(users: MadeWorkspace, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    written = contract(users, "inspect", V1, "--json").output
    kept.write_text(written.replace('"name": "find"', '"name": "fi\\u001b[2Jnd"'))

    told = [contract(users, *words) for words in (("inspect", str(kept)), ("diff", str(kept), V1))]

    assert [each.code for each in told] == [0, 1]
    assert not any("\x1b" in each.output for each in told)


def test_a_pipe_in_the_place_of_a_snapshot_holds_nobody_up(tmp_path: Path) -> None:
    pipe = tmp_path / "contract.json"
    os.mkfifo(pipe)

    told = run("contract", "diff", str(pipe), str(pipe))

    assert told.code == 2
    assert "cannot be read: it is no regular file [WSP_SNAPSHOT_UNREADABLE]" in told.errors
