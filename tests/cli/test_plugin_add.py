"""``netscript plugin add`` and ``remove`` change one line of the file, and refuse what is no plugin."""

import json
import os
from pathlib import Path

import pytest

from netscript_cli.generation.registry_text import HEADER
from netscript_cli.workspace.discovery import find_plugins
from netscript_kernel.plugins import define_plugin
from tests.support.commands import Told, run
from tests.support.workspaces import MadeWorkspace, Site, listed_as

NOTIFIER = define_plugin("notifier", "0.3.0")
COMMENTED = """\
# The application.
name = "acme"

plugins = [
    "./plugins/a/plugin.py", # first
    # then more
]

[paths]
plugins = "plugins" # here
"""


def add(made: MadeWorkspace, spec: str, *options: str) -> Told:
    return run("plugin", "add", spec, *options, "--project-root", str(made.root))


def remove(made: MadeWorkspace, name: str, *options: str) -> Told:
    return run("plugin", "remove", name, *options, "--project-root", str(made.root))


def refused(made: MadeWorkspace, spec: str, *options: str) -> str:
    before = (made.root / "netscript.toml").read_bytes()
    told = add(made, spec, *options)
    assert (told.code, told.output) == (2, "")
    assert "Nothing was changed." in told.errors
    assert (made.root / "netscript.toml").read_bytes() == before
    return told.errors


@pytest.fixture
def commented(made: MadeWorkspace) -> MadeWorkspace:
    """A workspace with one plugin, whose file has comments."""
    made.add_unlisted(define_plugin("a", "0.1.0"))
    made.add_unlisted(NOTIFIER)
    made.write("netscript.toml", COMMENTED)
    return made


def test_a_plugin_is_listed_last_and_every_comment_stays(commented: MadeWorkspace) -> None:
    told = add(commented, "./plugins/notifier/plugin.py")

    assert (told.code, told.errors) == (0, "")
    assert told.output.startswith("netscript.toml lists ./plugins/notifier/plugin.py: notifier 0.3.0\n")
    assert commented.read().plugins == ("./plugins/a/plugin.py", "./plugins/notifier/plugin.py")
    added = '    "./plugins/notifier/plugin.py"\n'
    before, _, after = (commented.root / "netscript.toml").read_text().partition(added)
    assert before + after == COMMENTED


@pytest.mark.parametrize(
    ("folder", "spec"),
    [
        (".", "plugins/notifier"),
        (".", "./plugins/notifier/"),
        ("plugins", "./notifier/plugin.py"),
        ("plugins/notifier", "./plugin.py"),
        ("plugins/a", "../notifier"),
        ("plugins/a", "./plugins/notifier/plugin.py"),
    ],
)
def test_a_path_is_taken_from_where_one_is_and_else_from_the_workspace(
    commented: MadeWorkspace, monkeypatch: pytest.MonkeyPatch, folder: str, spec: str
) -> None:
    monkeypatch.chdir(commented.root / folder)

    told = run("plugin", "add", spec)

    assert told.code == 0
    assert commented.read().plugins[-1] == "./plugins/notifier/plugin.py"


def test_an_absolute_path_in_the_workspace_is_listed_relative_to_it(commented: MadeWorkspace) -> None:
    add(commented, str(commented.root / "plugins/notifier/plugin.py"))

    assert commented.read().plugins[-1] == "./plugins/notifier/plugin.py"


def test_an_installed_distribution_is_listed_by_its_name(made: MadeWorkspace, installed: Site) -> None:
    installed.install_plugin("acme-notifier", NOTIFIER)
    made.lists()

    told = add(made, "acme-notifier")

    assert told.code == 0
    assert made.read().plugins == ("acme-notifier",)


def test_the_list_of_a_project_file_is_changed_there(made: MadeWorkspace) -> None:
    made.add_unlisted(NOTIFIER)
    text = '[project]\nname = "x"\n\n[tool.netscript]\nname = "acme"\n\n[tool.other]\nkeep = 1\n'
    made.write("pyproject.toml", text)

    told = add(made, listed_as("notifier"))

    assert told.code == 0
    assert made.read().plugins == (listed_as("notifier"),)
    assert (made.root / "pyproject.toml").read_text().endswith("\n[tool.other]\nkeep = 1\n")


def test_a_rehearsal_says_the_same_and_writes_nothing(commented: MadeWorkspace) -> None:
    told = add(commented, "./plugins/notifier", "--dry-run")

    assert told.code == 0
    assert told.output.startswith("netscript.toml would list ./plugins/notifier/plugin.py: notifier 0.3.0\n")
    assert (commented.root / "netscript.toml").read_text() == COMMENTED


@pytest.mark.parametrize("spec", ["./plugins/a/plugin.py", "plugins/a"])
def test_what_is_listed_already_is_a_note(commented: MadeWorkspace, spec: str) -> None:
    told = add(commented, spec)

    assert (told.code, told.errors) == (0, "")
    assert told.output == "netscript.toml lists ./plugins/a/plugin.py already: a\n"
    assert (commented.root / "netscript.toml").read_text() == COMMENTED


def test_a_plugin_of_another_name_than_expected_is_refused(commented: MadeWorkspace) -> None:
    assert "is the plugin notifier, and not a [WSP_PLUGIN_NAME_UNEXPECTED]" in refused(
        commented, "./plugins/notifier", "--name", "a"
    )
    assert "WSP_PLUGIN_NAME_UNEXPECTED" in refused(commented, "./plugins/a", "--name", "notifier")
    assert add(commented, "./plugins/notifier", "--name", "notifier").code == 0


def test_a_module_that_exports_no_manifest_is_refused(made: MadeWorkspace) -> None:
    made.breaks("odd", "manifest = 1")
    made.lists()

    assert "exports no manifest: manifest is of type int [WSP_MANIFEST_MISSING]" in refused(
        made, "./plugins/odd"
    )


def test_a_module_that_breaks_is_refused_with_why(made: MadeWorkspace) -> None:
    made.breaks("odd", "import acme_nothing")
    made.lists()

    assert "No module named 'acme_nothing'" in refused(made, "./plugins/odd")


def test_a_second_plugin_of_one_name_is_refused_with_both_owners(
    made: MadeWorkspace, installed: Site
) -> None:
    installed.install_plugin("acme-notifier", NOTIFIER)
    made.add(NOTIFIER)

    why = refused(made, "acme-notifier")

    assert "notifier (acme-notifier) has the name of notifier (./plugins/notifier/plugin.py)" in why


def test_what_is_not_there_is_refused_with_what_was_meant(commented: MadeWorkspace) -> None:
    assert "./plugins/gone/plugin.py is not there" in refused(commented, "./plugins/gone/plugin.py")
    assert "Fix: netscript plugin add ./plugins/notifier/plugin.py\n" in refused(commented, "notifier")
    told = refused(commented, "acme-gone")
    assert "Fix: check the name; if it is right, install it; or name a path\n" in told


def test_a_distribution_that_is_misspelt_is_named_as_it_is_installed(
    made: MadeWorkspace, installed: Site
) -> None:
    installed.install_plugin("acme-audit", define_plugin("audit", "1"))
    made.lists("acme-audti")

    (listed,) = find_plugins(made.read())

    assert "Fix: netscript plugin add acme-audit\n" in refused(made, "acme-adit")
    assert listed.fault is not None
    assert listed.fault.fix.startswith("list acme-audit, which is installed; or remove")


def test_a_plugin_named_instead_of_its_distribution_is_told(made: MadeWorkspace, installed: Site) -> None:
    installed.install_plugin("acme-notifier", NOTIFIER)
    made.lists()

    assert "Fix: netscript plugin add acme-notifier\n" in refused(made, "notifier")


def test_a_distribution_that_offers_no_plugin_is_refused(made: MadeWorkspace) -> None:
    made.lists()

    assert "is installed, and offers no plugin" in refused(made, "pytest")


def test_a_path_outside_of_the_workspace_is_refused(
    commented: MadeWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "plugin.py").touch()
    (commented.root / "plugins/out").symlink_to(outside)

    for spec in (str(outside), "../elsewhere/plugin.py", "./plugins/out/plugin.py", "./plugins/out"):
        assert "WSP_PATH_ESCAPES" in refused(commented, spec)


def test_what_a_new_plugin_needs_beside_it_is_told(made: MadeWorkspace) -> None:
    made.add_unlisted(NOTIFIER.with_dependencies({"streams": True}))
    made.lists()

    told = add(made, "./plugins/notifier")

    assert told.code == 0
    assert (
        "warning: notifier (./plugins/notifier/plugin.py): dependencies.streams is not among" in told.output
    )


def test_a_dependency_that_stands_there_unlisted_is_told_with_how_to_list_it(made: MadeWorkspace) -> None:
    made.add_unlisted(define_plugin("push-mail", "1"))
    made.add_unlisted(NOTIFIER.with_dependencies({"push-mail": True}))
    made.lists()

    told = add(made, "./plugins/notifier")

    assert "[PLG_DEP_MISSING]. Fix: netscript plugin add ./plugins/push_mail/plugin.py\n" in told.output


def test_a_port_that_another_has_is_told_and_the_plugin_is_listed(made: MadeWorkspace) -> None:
    made.add(define_plugin("first", "1").with_service("first-api", "first:main", port=8095))
    made.add_unlisted(NOTIFIER.with_service("notifier-api", "notifier:main", port=8095))

    told = add(made, "./plugins/notifier")

    assert told.code == 0
    assert "warning: notifier (./plugins/notifier/plugin.py): service notifier-api: port" in told.output
    assert "[PLG_PORT_CLASH]. Fix: " in told.output
    assert len(made.read().plugins) == 2


def test_what_was_wrong_before_is_not_told_of_a_new_plugin(made: MadeWorkspace) -> None:
    made.add_unlisted(NOTIFIER)
    made.add(define_plugin("first", "1").with_dependencies({"gone": True}))

    told = add(made, "./plugins/notifier")

    assert "warning" not in told.output


def test_a_plugin_without_a_descriptor_is_listed_with_a_note(made: MadeWorkspace, installed: Site) -> None:
    installed.install_plugin("acme-notifier", NOTIFIER)
    (installed.folder / "acme_notifier/scaffold.plugin.json").unlink()
    made.lists()

    told = add(made, "acme-notifier")

    assert told.code == 0
    assert (
        "note: acme-notifier: scaffold.plugin.json is not there [WSP_DESCRIPTOR_MISSING]. Fix: "
        in told.output
    )
    assert "netscript generate descriptor acme_notifier.plugin:manifest" in told.output


def test_programs_are_told_what_was_listed_and_what_it_needs(made: MadeWorkspace) -> None:
    made.add_unlisted(NOTIFIER.with_dependencies({"streams": True}))
    made.lists()
    listed = {"name": "notifier", "listed": listed_as("notifier")}

    told = [add(made, "./plugins/notifier", "--json", *options) for options in (["--dry-run"], [], [])]

    assert [json.loads(each.output) for each in told] == [
        {**listed, "written": False, "already": False, "missing": ["streams"]},
        {**listed, "written": True, "already": False, "missing": ["streams"]},
        {**listed, "written": False, "already": True, "missing": []},
    ]


def test_programs_are_told_why_nothing_was_listed(commented: MadeWorkspace) -> None:
    told = add(commented, "./plugins/gone/plugin.py", "--json")

    (fault,) = json.loads(told.output)["faults"]
    assert (told.code, told.errors, fault["code"]) == (2, "", "WSP_PLUGIN_NOT_FOUND")


def test_a_file_that_cannot_be_written_is_told_and_stays(
    commented: MadeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "replace", fails)

    assert "cannot be written (PermissionError) [WSP_UNWRITABLE]" in refused(commented, "./plugins/notifier")
    assert sorted(path.name for path in commented.root.iterdir()) == ["netscript.toml", "plugins"]


def test_a_link_to_the_file_stays_and_so_do_its_permissions(commented: MadeWorkspace) -> None:
    file = commented.root / "netscript.toml"
    real = file.rename(commented.root / "real.toml")
    file.symlink_to("real.toml")
    real.chmod(0o640)

    add(commented, "./plugins/notifier")

    assert file.is_symlink()
    assert os.stat(real).st_mode & 0o777 == 0o640  # noqa: PTH116
    assert "./plugins/notifier/plugin.py" in real.read_text()


def test_a_plugin_is_listed_no_more_and_its_files_stay(commented: MadeWorkspace) -> None:
    add(commented, "./plugins/notifier")

    told = remove(commented, "notifier")

    assert (told.code, told.errors) == (0, "")
    assert told.output == (
        "netscript.toml lists ./plugins/notifier/plugin.py no more\nIts files stay where they are\n"
    )
    assert (commented.root / "netscript.toml").read_text() == COMMENTED
    assert (commented.root / "plugins/notifier/plugin.py").exists()


def test_what_was_generated_for_a_plugin_goes_with_it_and_all_else_stays(made: MadeWorkspace) -> None:
    made.add(define_plugin("push-mail", "1"), NOTIFIER)
    own, theirs, others = (
        made.write(f".netscript/generated/{file}", text)
        for file, text in (
            ("plugin_push_mail/jobs_registry.py", HEADER),
            ("plugin_push_mail/sagas_registry.py", "written by hand"),
            ("plugin_notifier/jobs_registry.py", HEADER),
        )
    )
    path = own.relative_to(made.root)

    rehearsed = remove(made, "push-mail", "--dry-run")
    was_there = own.exists()
    removed = remove(made, "push-mail")

    assert f"{path} would be removed\n" in rehearsed.output
    assert f"{path} removed\n" in removed.output
    assert (was_there, own.exists(), theirs.exists(), others.exists()) == (True, False, True, True)


def test_a_plugin_stays_listed_if_what_was_generated_for_it_cannot_be_removed(
    made: MadeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.add(NOTIFIER)
    registry = made.write(".netscript/generated/plugin_notifier/jobs_registry.py", HEADER)

    def fails(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", fails)

    told = remove(made, "notifier")

    assert (told.code, "[WSP_UNWRITABLE]" in told.errors, registry.exists()) == (2, True, True)
    assert made.read().plugins == (listed_as("notifier"),)


def test_of_a_plugin_that_tells_no_name_any_name_may_be_meant(made: MadeWorkspace) -> None:
    made.add(define_plugin("auth", "1"))
    made.lists("acme-audit", listed_as("auth"))

    told = remove(made, "audit")

    assert "Fix: it may be acme-audit, whose name cannot be read; there are besides: auth\n" in told.errors


def test_a_rehearsed_removal_changes_nothing(commented: MadeWorkspace) -> None:
    told = remove(commented, "a", "--dry-run")

    assert told.output.startswith("netscript.toml would list ./plugins/a/plugin.py no more\n")
    assert (commented.root / "netscript.toml").read_text() == COMMENTED


def test_a_broken_plugin_can_be_removed_as_it_is_listed(made: MadeWorkspace) -> None:
    made.lists("acme-gone", "./plugins/gone/plugin.py")

    codes = [remove(made, each).code for each in ("acme_gone", "./plugins/gone/plugin.py")]

    assert codes == [0, 0]
    assert made.read().plugins == ()


def test_who_needs_what_is_removed_is_told(made: MadeWorkspace) -> None:
    made.add(define_plugin("streams", "1"), NOTIFIER.with_dependencies({"streams": True}))

    told = remove(made, "streams")

    assert "notifier needs it, and will not start without it\n" in told.output


def test_programs_are_told_what_is_listed_no_more_and_who_needs_it(made: MadeWorkspace) -> None:
    made.add(define_plugin("streams", "1"), NOTIFIER.with_dependencies({"streams": True}))

    told = [remove(made, "streams", "--json", *options) for options in (["--dry-run"], [])]

    removed = {
        "name": "streams",
        "listed": listed_as("streams"),
        "generated": [],
        "orphans": ["notifier"],
    }
    assert [json.loads(each.output) for each in told] == [
        {**removed, "written": False},
        {**removed, "written": True},
    ]


def test_an_unknown_plugin_cannot_be_removed(commented: MadeWorkspace) -> None:
    told = remove(commented, "b")

    assert (told.code, told.output) == (2, "")
    assert "b is no plugin that the workspace lists [WSP_PLUGIN_UNKNOWN]" in told.errors


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("./loop.py", "is a link that leads nowhere [WSP_PATH_ESCAPES]"),
        (f"./{'a' * 300}.py", "is not there [WSP_PLUGIN_NOT_FOUND]"),
        (f"./{'a' * 5000}/plugin.py", "is not there [WSP_PLUGIN_NOT_FOUND]"),
    ],
    ids=["a link to itself", "a long name", "a long path"],
)
def test_a_path_that_the_system_refuses_is_told(
    made: MadeWorkspace, monkeypatch: pytest.MonkeyPatch, spec: str, told: str
) -> None:
    made.lists()
    (made.root / "loop.py").symlink_to("loop.py")
    monkeypatch.chdir(made.root)

    assert told in refused(made, spec)
    assert run("plugin", "info", spec).code == 2
