"""``netscript plugin new``: a plugin that is model code, starts at once, and is in nobody's way."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from netscript_cli.doctor.examination import examine
from netscript_cli.skeletons.new_plugin import files_of
from netscript_cli.skeletons.plugin_names import names_for
from netscript_cli.skeletons.rendering import place
from netscript_cli.workspace import list_changes
from netscript_kernel.plugins import PluginKind, define_plugin
from tests.support.commands import Told, run
from tests.support.ports import answers_http, unused_port
from tests.support.program import started
from tests.support.workspaces import MadeWorkspace, listed_as

AXES = {"worker": "jobs", "saga": "sagas", "trigger": "triggers", "stream": "streams", "plugin": "handlers"}

SECOND_JOB = """\
from netscript_kernel.plugins.registries import contribution


@contribution(id="second")
async def second() -> None: ...
"""


def new(made: MadeWorkspace, name: str, *options: str, kind: str = "worker") -> Told:
    return run("plugin", "new", kind, "--name", name, "--project-root", str(made.root), *options)


def files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def empty(made: MadeWorkspace) -> MadeWorkspace:
    """A workspace without a plugin, whose file has a comment."""
    made.write("netscript.toml", '# ours\nname = "acme"  # for short\nplugins = []\n')
    return made


@pytest.fixture(scope="module")
def all_kinds(tmp_path_factory: pytest.TempPathFactory) -> MadeWorkspace:
    """A workspace with one new plugin of each kind."""
    made = MadeWorkspace(tmp_path_factory.mktemp("kinds").resolve())
    made.lists(*(listed_as(f"my-{kind}") for kind in PluginKind))
    made.write("plugins/__init__.py", "")
    for port, kind in enumerate(PluginKind, start=8095):
        names = names_for(made.read(), [], kind, f"my-{kind}", port)
        place(made.root / names.folder, files_of(names))
    assert run("generate", "plugins", "--project-root", str(made.root)).code == 0
    return made


def tool(made: MadeWorkspace, *words: str) -> str:
    """Return what a tool has to say against a workspace."""
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=made.root, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout[-3000:] + done.stderr[-3000:] if done.returncode else ""


def test_it_writes_lists_and_generates(empty: MadeWorkspace) -> None:
    told = new(empty, "push-mail")

    assert (told.code, told.errors) == (0, "")
    assert told.output.startswith("plugins/push_mail is there and listed: push-mail on port 8095.\n")
    assert files(empty.root) == {
        ".netscript/generated/plugin_push_mail/jobs_registry.py",
        "netscript.toml",
        "plugins/__init__.py",
        "plugins/push_mail/README.md",
        "plugins/push_mail/__init__.py",
        "plugins/push_mail/contracts/__init__.py",
        "plugins/push_mail/contracts/v1.py",
        "plugins/push_mail/jobs/__init__.py",
        "plugins/push_mail/jobs/say_hello.py",
        "plugins/push_mail/plugin.py",
        "plugins/push_mail/scaffold.plugin.json",
        "plugins/push_mail/service.py",
        "plugins/push_mail/tests/__init__.py",
        "plugins/push_mail/tests/test_push_mail.py",
    }
    assert empty.read().plugins == (listed_as("push-mail"),)
    assert (empty.root / "netscript.toml").read_text().startswith('# ours\nname = "acme"  # for short\n')
    assert run("generate", "plugins", "--check", "--project-root", str(empty.root)).code == 0


def contents(root: Path) -> dict[str, bytes]:
    return {path: (root / path).read_bytes() for path in files(root)}


def test_a_rehearsal_tells_the_same_and_writes_nothing(empty: MadeWorkspace) -> None:
    before = contents(empty.root)

    rehearsal, words = new(empty, "push-mail", "--dry-run", "--json"), new(empty, "push-mail", "--dry-run")

    document = json.loads(rehearsal.output)
    assert (rehearsal.code, words.code, contents(empty.root)) == (0, 0, before)
    assert (document["name"], document["kind"], document["port"]) == ("push-mail", "worker", 8095)
    assert (document["listed"], document["written"]) == (listed_as("push-mail"), False)
    assert json.loads(new(empty, "push-mail", "--json").output) == {**document, "written": True}
    assert document["files"] == sorted(files(empty.root))
    mentioned = {line.partition(" would ")[0] for line in words.output.splitlines()}
    assert mentioned == files(empty.root)
    assert "netscript.toml would list ./plugins/push_mail/plugin.py: push-mail on port 8095\n" in words.output


def test_what_is_generated_for_others_is_told_by_a_rehearsal_too(empty: MadeWorkspace) -> None:
    new(empty, "one")
    registry = ".netscript/generated/plugin_one/jobs_registry.py"
    empty.write("plugins/one/jobs/second.py", SECOND_JOB)
    empty.write(".netscript/generated/plugin_gone/jobs_registry.py", (empty.root / registry).read_text())
    before = contents(empty.root)

    rehearsal, words = new(empty, "new", "--dry-run", "--json"), new(empty, "new", "--dry-run")

    document = json.loads(rehearsal.output)
    assert contents(empty.root) == before
    assert f"{registry} would be written anew\n" in words.output
    assert document["removed"] == [".netscript/generated/plugin_gone/jobs_registry.py"]
    assert new(empty, "new").code == 0
    after = contents(empty.root)
    assert document["files"] == sorted(path for path in after if after[path] != before.get(path))
    assert document["removed"] == sorted(before.keys() - after.keys())


@pytest.mark.parametrize("is_rehearsal", [True, False])
def test_a_plugin_of_a_name_that_was_there_before_takes_over_its_registry(
    empty: MadeWorkspace, *, is_rehearsal: bool
) -> None:
    new(empty, "one")
    registry = ".netscript/generated/plugin_one/jobs_registry.py"
    empty.write(".netscript/generated/plugin_two/jobs_registry.py", (empty.root / registry).read_text())

    told = new(empty, "two", "--json", *(["--dry-run"] if is_rehearsal else []))

    document = json.loads(told.output)
    assert ".netscript/generated/plugin_two/jobs_registry.py" in document["files"]
    assert document["removed"] == []


def test_it_takes_the_lowest_port_that_no_plugin_has(made: MadeWorkspace) -> None:
    made.add(
        define_plugin("one", "0.1.0").with_service("one-api", "plugins.one.service:main", 8095),
        define_plugin("two", "0.1.0").with_service("two-api", "plugins.two.service:main", 8097),
    )

    free = json.loads(new(made, "new", "--dry-run", "--json").output)
    named = json.loads(new(made, "new", "--dry-run", "--json", "--port", "9000").output)

    assert (free["port"], named["port"]) == (8096, 9000)


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("Push Mail", (), "use lower-case letters"),
        ("@acme/plugin", (), "there are no scopes: acme"),
        ("../acme", (), "use lower-case letters"),
        ("core", (), "means something else here"),
        ("class", (), "cannot be imported by Python"),
        ("one", (), f"is the name of {listed_as('one')}"),
        ("there", (), "plugins/there is there already"),
        ("new", ("--port", "8095"), "--port 8095 is the port of one"),
        ("new", ("--port", "1023"), "Fix: take one from 1024 on, or leave it out"),
    ],
)
def test_what_would_be_in_the_way_is_refused(
    made: MadeWorkspace, name: str, options: tuple[str, ...], says: str
) -> None:
    made.add(define_plugin("one", "0.1.0").with_service("one-api", "plugins.one.service:main", 8095))
    made.write("plugins/there/notes.txt", "mine")
    before = files(made.root)

    told = new(made, name, *options)

    assert (told.code, told.output, files(made.root)) == (2, "", before)
    assert "Nothing was written." in told.errors
    assert says in told.errors


@pytest.mark.parametrize("options", [("--port", "0"), ("--port", "65536"), ("--port", "web")])
def test_a_port_that_is_none_is_refused(empty: MadeWorkspace, options: tuple[str, ...]) -> None:
    assert new(empty, "new", *options).code == 2


def test_a_kind_that_nobody_knows_is_refused(empty: MadeWorkspace) -> None:
    told = new(empty, "new", kind="job")

    assert told.code == 2
    assert "'worker'" in told.errors


def test_whoever_adds_a_kind_is_told_to_make_one_and_never_to_install_a_stranger(
    empty: MadeWorkspace,
) -> None:
    root = ("--project-root", str(empty.root))

    bare = run("plugin", "add", "worker", "--name", "workers", *root)
    as_elsewhere = run("plugin", "add", "worker", "--name", "workers", "--samples", *root)

    assert (bare.code, as_elsewhere.code) == (2, 2)
    assert "Fix: to make a plugin of this kind: netscript plugin new worker --name NAME\n" in bare.errors
    assert "plugin new KIND" in as_elsewhere.errors
    assert "plugin add lists" in as_elsewhere.errors


def test_only_a_plugin_at_the_top_may_not_have_the_name_of_a_package(made: MadeWorkspace) -> None:
    made.write("netscript.toml", 'name = "acme"\nplugins = []\n[paths]\nplugins = "."\n')

    at_top = new(made, "json", "--dry-run")
    made.lists()
    below = new(made, "json", "--dry-run")

    assert (at_top.code, below.code) == (2, 0)
    assert "is the name of an installed package" in at_top.errors


@pytest.mark.parametrize(
    ("folder", "package", "other"),
    [(".", "push_mail/__init__.py", "__init__.py"), ("src/own", "src/own/__init__.py", "src/__init__.py")],
)
def test_plugins_may_stand_in_any_folder(made: MadeWorkspace, folder: str, package: str, other: str) -> None:
    made.write("netscript.toml", f'name = "acme"\nplugins = []\n[paths]\nplugins = "{folder}"\n')

    told = new(made, "push-mail")

    assert (told.code, told.errors) == (0, "")
    assert package in files(made.root)
    assert other not in files(made.root)
    assert run("generate", "plugins", "--check", "--project-root", str(made.root)).code == 0


def test_another_plugin_that_is_broken_delays_only_what_is_generated(made: MadeWorkspace) -> None:
    made.breaks("broken", "raise ValueError")
    made.lists(listed_as("broken"))

    rehearsal, told = new(made, "push-mail", "--dry-run"), new(made, "push-mail")

    assert (rehearsal.code, rehearsal.errors) == (1, told.errors)
    assert told.code == 1
    assert "plugins/push_mail is there and listed" in told.output
    assert "Nothing was generated.\n" in told.errors
    assert made.read().plugins == (listed_as("broken"), listed_as("push-mail"))


def test_what_cannot_be_generated_is_told_beside_what_was_made(empty: MadeWorkspace) -> None:
    empty.write(".netscript", "a file")

    rehearsal, told = new(empty, "push-mail", "--dry-run"), new(empty, "push-mail")

    assert (rehearsal.code, rehearsal.errors) == (1, told.errors)
    assert told.code == 1
    assert "plugins/push_mail is there and listed" in told.output
    assert ".netscript is in the way, and was not generated" in told.errors


def test_where_it_cannot_be_listed_nothing_of_it_is_left(
    empty: MadeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(list_changes, "replace_file", full)

    told = new(empty, "push-mail")

    assert (told.code, files(empty.root)) == (2, {"netscript.toml"})


def test_the_doctor_finds_nothing_wrong(all_kinds: MadeWorkspace) -> None:
    examined = examine(all_kinds.root, variables={})

    # Whether somebody else listens on a port just now is not the plugin's fault.
    assert [each for each in examined if each.findings and each.check != "ports"] == []
    assert {each.plugin for each in examined} == {None, *(f"my-{kind}" for kind in PluginKind)}


@pytest.mark.parametrize("kind", AXES)
def test_each_kind_contributes_to_its_axis(all_kinds: MadeWorkspace, kind: str) -> None:
    registry = all_kinds.root / f".netscript/generated/plugin_my_{kind}/{AXES[kind]}_registry.py"

    assert '"say-hello": say_hello,' in registry.read_text()


def test_it_is_laid_out_as_ruff_would(all_kinds: MadeWorkspace) -> None:
    rules = "--isolated", "--select", "B,E,F,I,N,RUF,UP", "--target-version", "py311"

    formatted = tool(all_kinds, "ruff", "format", "--isolated", "--diff", ".")
    linted = tool(all_kinds, "ruff", "check", *rules, ".")

    assert (formatted, linted) == ("", "")


@pytest.mark.slow
def test_it_passes_its_own_tests(all_kinds: MadeWorkspace) -> None:
    # Without the plugins here that take a second to import.
    options = "-q", "-p", "no:schemathesis", "-p", "no:valkey", "-p", "no:cacheprovider", "-W", "error"

    assert tool(all_kinds, "pytest", *options, "plugins") == ""


@pytest.mark.full
def test_its_types_hold_in_strict_mode(all_kinds: MadeWorkspace) -> None:
    assert tool(all_kinds, "mypy", "--strict", "plugins", ".netscript") == ""


@pytest.fixture(scope="module")
def served(all_kinds: MadeWorkspace) -> Iterator[int]:
    """The service of one of them, in a process of its own."""
    port = unused_port()
    command = (sys.executable, "-m", "plugins.my_worker.service")
    with started(command, {"PORT": str(port)}, all_kinds.root) as program:
        program.wait_until(lambda: answers_http(port), "it listens")
        yield port


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "has"),
    [
        ("/health", '"status"'),
        ("/", '"name":"my-worker-api"'),
        ("/api/v1/my-worker/describe", '"capabilities":["jobs.list"]'),
        ("/api/v1/my-worker/describe", '"pluginName":"my-worker"'),
        ("/api/v1/my-worker/jobs", '"items":[{"id":"say-hello"}]'),
    ],
)
def test_it_starts_and_answers(served: int, path: str, has: str) -> None:
    answer = httpx.get(f"http://127.0.0.1:{served}{path}")

    assert answer.status_code == 200
    assert has in answer.text


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ("plugins.my_worker.service",),
        ("netscript_kernel.plugins.process", "plugins.my_worker.service:main"),
    ],
    ids=["alone", "by the runner"],
)
def test_a_variable_that_is_wrong_is_told_and_ends_it_with_2(
    all_kinds: MadeWorkspace, command: tuple[str, ...]
) -> None:
    with started((sys.executable, "-m", *command), {"PORT": "hunter2"}, all_kinds.root) as program:
        code = program.wait()

    assert code == 2
    assert program.stderr.startswith("PORT: is not valid")
    assert "hunter2" not in program.stderr


def test_no_file_is_made_outside_of_the_workspace_through_a_link_that_leads_nowhere(
    empty: MadeWorkspace, tmp_path: Path
) -> None:
    (empty.root / "plugins").mkdir()
    (empty.root / "plugins/__init__.py").symlink_to(tmp_path / "made.py")

    told = new(empty, "notifier")

    assert told.code == 2
    assert "plugins/__init__.py leads out of the workspace by a link [WSP_PATH_ESCAPES]" in told.errors
    assert not (tmp_path / "made.py").exists()
    assert not (empty.root / "plugins/notifier").exists()
