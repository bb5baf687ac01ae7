"""Manifests are what plugins really export; one that hangs, prints, exits or crashes breaks no other."""

from datetime import timedelta
from pathlib import Path

import pytest

from netscript_cli.workspace.discovery import find_plugins
from netscript_cli.workspace.faults import WorkspaceError
from netscript_cli.workspace.manifests import LoadedPlugin, load_manifests
from netscript_cli.workspace.planning import load_plan
from netscript_kernel.plugins import define_plugin
from tests.support.workspaces import MadeWorkspace, Site, listed_as

A = define_plugin("a", "0.1.0").with_service("a-api", "plugins.a.service:main", port=8095)
MADE = "from netscript_kernel.plugins import define_plugin\n"


def loaded(made: MadeWorkspace) -> list[LoadedPlugin]:
    workspace = made.read()
    return list(load_manifests(workspace.root, find_plugins(workspace), timedelta(minutes=1)))


def told(made: MadeWorkspace, source: str) -> tuple[str, str]:
    """Return code and problem of a plugin with that source, which has to break nothing beside it."""
    made.add_unlisted(A)
    made.breaks("broken", source)
    made.lists(listed_as("broken"), listed_as("a"))
    broken, sound = loaded(made)
    assert sound.manifest == A.build()
    assert broken.manifest is None
    (fault,) = broken.faults
    assert fault.place == listed_as("broken")
    assert fault.fix
    return fault.code, fault.problem


def test_a_plan_comes_from_own_plugins_and_from_installed_ones(made: MadeWorkspace, installed: Site) -> None:
    made.add_unlisted(A.with_dependencies({"b": ">=0.2"}))
    installed.install_plugin("acme-b", define_plugin("b", "0.2.0"))
    made.lists(listed_as("a"), "acme-b")

    plan = load_plan(made.read())

    assert [(each.manifest.name, each.listed) for each in plan.plugins] == [
        ("b", "acme-b"),
        ("a", "./plugins/a/plugin.py"),
    ]
    assert [each.name for each in plan.processes] == ["a-api"]


def test_a_workspace_without_plugins_has_an_empty_plan(made: MadeWorkspace) -> None:
    made.lists()

    assert load_plan(made.read()).plugins == ()


def test_a_plugin_may_print_and_read_and_leave_things_behind(made: MadeWorkspace) -> None:
    noise = (
        "import os, subprocess, sys, threading\n"
        "print('x' * 1_000_000); os.write(1, b'{}\\n'); os.write(2, b'y'); sys.stdin.read()\n"
        "subprocess.Popen(['sleep', '60']); threading.Thread(target=threading.Event().wait).start()\n"
    )
    source = made.add_unlisted(A)
    file = made.root / "plugins/a/plugin.py"
    file.write_text(noise + file.read_text())
    made.lists(listed_as("a"))

    (found,) = loaded(made)

    assert found.manifest == source


def test_a_plugin_that_forks_gives_its_own_answer_alone(made: MadeWorkspace) -> None:
    ends = "import os, sys\nif os.fork() == 0: sys.exit(7)\nassert os.wait()[1] >> 8 == 7\n"
    goes_on = "import os\nis_first = os.fork() and os.wait()\n"
    name = "'goes-on' if is_first else 'fork'"
    made.breaks("ends", f"{ends}{MADE}manifest = define_plugin('ends', '1').build()")
    made.breaks("goes-on", f"{goes_on}{MADE}manifest = define_plugin({name}, '1').build()")
    made.add_unlisted(A)
    made.lists(*map(listed_as, ["ends", "goes-on", "a"]))

    found = loaded(made)

    assert [each.manifest and each.manifest.name for each in found] == ["ends", "goes-on", "a"]


def test_a_plugin_is_not_broken_by_what_an_earlier_one_left_behind(made: MadeWorkspace) -> None:
    finder = (
        "import os, sys\n"
        "class Trap:\n"
        "    def find_spec(name, *more):\n"
        "        if name == 'plugins.a': os._exit(3)\n"
        "sys.meta_path.insert(0, Trap)\n"
    )
    made.breaks("trap", f"{finder}{MADE}manifest = define_plugin('trap', '1').build()")
    made.add_unlisted(A)
    made.lists(*map(listed_as, ["trap", "a"]))

    found = loaded(made)

    assert [each.manifest and each.manifest.name for each in found] == ["trap", "a"]


def test_a_plugin_that_writes_into_every_pipe_is_told_and_no_other(made: MadeWorkspace) -> None:
    writes = (
        "import os\n"
        "for each in range(3, 64):\n"
        '    try: os.write(each, b\'{"answer": null}\\n{"broken": "is bad"}\\n\')\n'
        "    except OSError: pass\n"
    )

    _, why = told(made, writes)

    assert why == "writes into what does not belong to it"


def test_modules_of_the_workspace_are_imported_from_its_root(made: MadeWorkspace) -> None:
    made.write("shared/words.py", "NAME = 'a'")
    made.write(
        "plugins/a/plugin.py",
        f"{MADE}from shared.words import NAME\nmanifest = define_plugin(NAME, '1').build()",
    )
    made.lists(listed_as("a"))

    (found,) = loaded(made)

    assert found.manifest == define_plugin("a", "1").build()


def test_no_module_of_the_workspace_stands_in_the_way_of_ours(made: MadeWorkspace) -> None:
    for name in ("json", "os", "pydantic", "netscript_cli", "netscript_kernel"):
        made.write(f"{name}/__init__.py", "raise SystemExit")
    made.add(A)

    (found,) = loaded(made)

    assert found.manifest == A.build()


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import acme_nothing", "raises ModuleNotFoundError: No module named 'acme_nothing' ("),
        ("raise RuntimeError('\\x1b[2J no\\n way')", "raises RuntimeError: [2J no way ("),
        ("raise KeyboardInterrupt", "raises KeyboardInterrupt ("),
        ("def", "raises SyntaxError: invalid syntax"),
        ("import sys; sys.exit(0)", "ends the process by sys.exit ("),
        ("import os; os._exit(3)", "ends the process, with exit code 3"),
        ("import os; os.abort()", "ends the process by the signal Aborted"),
        ("import ctypes; ctypes.string_at(0)", "ends the process by the signal Segmentation fault"),
        ("import os; os.closerange(0, 64); os._exit(0)", "ends the process, with exit code 0"),
        ("input()", "raises EOFError: EOF when reading a line ("),
    ],
)
def test_a_plugin_that_cannot_be_imported_says_why(made: MadeWorkspace, source: str, problem: str) -> None:
    code, why = told(made, source)

    assert code == "WSP_PLUGIN_BROKEN"
    assert why.startswith(problem)


def test_why_a_plugin_breaks_has_the_line_in_its_file(made: MadeWorkspace) -> None:
    _, why = told(made, "\n\n1 / 0\n")

    file = Path(made.root, "plugins/broken/plugin.py")
    assert why == f"raises ZeroDivisionError: division by zero ({file}:3)"


def test_a_plugin_that_hangs_is_broken_when_its_time_is_over(made: MadeWorkspace, hangs: str) -> None:
    made.add_unlisted(A)
    made.breaks("hung", hangs)
    made.lists(listed_as("hung"), listed_as("a"))

    hung, sound = loaded(made)

    assert [fault.problem for fault in hung.faults] == ["did not end within 60 s"]
    assert sound.manifest == A.build()


@pytest.mark.parametrize(
    ("source", "code", "problem"),
    [
        ("", "WSP_MANIFEST_MISSING", "exports no manifest: there is no manifest"),
        ("manifest = 1", "WSP_MANIFEST_MISSING", "exports no manifest: manifest is of type int"),
        (
            f"{MADE}manifest = define_plugin('b', '1')",
            "WSP_MANIFEST_MISSING",
            "exports no manifest: manifest is a builder that nobody has told to build()",
        ),
        (
            f"{MADE}b = define_plugin('b', '1').build()\nc = define_plugin('c', '1').build()",
            "WSP_MANIFEST_AMBIGUOUS",
            "exports several manifests: b, c",
        ),
    ],
)
def test_none_and_several_manifests_are_faults(
    made: MadeWorkspace, source: str, code: str, problem: str
) -> None:
    assert told(made, source) == (code, problem)


@pytest.mark.parametrize(
    "source",
    [
        "notifier = define_plugin('a', '0.1.0').build()",
        "notifier = again = define_plugin('a', '0.1.0').build()",
        "other = define_plugin('b', '1').build()\nmanifest = define_plugin('a', '0.1.0').build()",
    ],
)
def test_the_only_manifest_counts_and_else_the_one_called_manifest(made: MadeWorkspace, source: str) -> None:
    made.write("plugins/a/plugin.py", MADE + source)
    made.lists(listed_as("a"))

    (found,) = loaded(made)

    assert found.manifest == define_plugin("a", "0.1.0").build()


def test_a_manifest_that_is_not_valid_tells_all_its_faults(made: MadeWorkspace) -> None:
    made.write("plugins/a/plugin.py", f"{MADE}define_plugin('A', 'one').build()")
    made.lists(listed_as("a"))

    (found,) = loaded(made)

    assert [(fault.code, fault.place) for fault in found.faults] == [
        ("PLG_NAME_INVALID", "./plugins/a/plugin.py: A: name"),
        ("PLG_VERSION_INVALID", "./plugins/a/plugin.py: A: version"),
    ]


def test_a_module_that_python_finds_elsewhere_is_told(made: MadeWorkspace, installed: Site) -> None:
    installed.install(
        "acme-odd", {"plugins/__init__.py": "", "plugins/a/__init__.py": "", "plugins/a/plugin.py": ""}
    )
    made.add(A)

    (found,) = loaded(made)

    assert [fault.code for fault in found.faults] == ["WSP_PLUGIN_NOT_IMPORTABLE"]
    assert str(installed.folder) in found.faults[0].problem


def test_a_plan_tells_all_faults_of_all_plugins_together(made: MadeWorkspace) -> None:
    made.add_unlisted(A)
    made.add_unlisted(define_plugin("c", "0.1.0").with_service("c-api", "c:main", port=8095))
    made.add_unlisted(define_plugin("d", "0.1.0").with_dependencies({"broken": True}))
    made.breaks("broken", "1 / 0")
    made.lists("acme-gone", *map(listed_as, ["a", "broken", "c", "d"]))

    with pytest.raises(WorkspaceError) as raised:
        load_plan(made.read())

    codes = [fault.code for fault in raised.value.faults]
    assert codes == ["WSP_PLUGIN_NOT_FOUND", "WSP_PLUGIN_BROKEN", "PLG_PORT_CLASH"]


def test_a_missing_dependency_is_told_where_every_plugin_is_sound(made: MadeWorkspace) -> None:
    made.add(A.with_dependencies({"gone": True}))

    with pytest.raises(WorkspaceError, match="PLG_DEP_MISSING"):
        load_plan(made.read())


def test_a_missing_dependency_that_stands_there_unlisted_is_told_with_how_to_list_it(
    made: MadeWorkspace,
) -> None:
    made.add(A.with_dependencies({"push-mail": True}))
    made.add_unlisted(define_plugin("push-mail", "0.1.0"))

    with pytest.raises(WorkspaceError, match=r"Fix: netscript plugin add \./plugins/push_mail/plugin\.py$"):
        load_plan(made.read())
