"""A workspace is found from anywhere in it and read strictly: whatever is wrong is told in one go."""

import os
from pathlib import Path

import pytest

from netscript_cli.workspace.faults import WorkspaceError
from netscript_cli.workspace.reading import read_workspace
from netscript_cli.workspace.search import find_workspace
from netscript_cli.workspace.workspace import Workspace
from tests.support.workspaces import MadeWorkspace

SOUND = 'name = "acme"\nversion = "1.2.0"\nplugins = ["./plugins/a/plugin.py", "acme-plugin"]\n'


def faults_of(made: MadeWorkspace, text: str, file: str = "netscript.toml") -> list[tuple[str, str]]:
    made.write(file, text)
    with pytest.raises(WorkspaceError) as raised:
        find_workspace(made.root)
    assert all(fault.problem and fault.fix for fault in raised.value.faults)
    return [(fault.code, fault.place) for fault in raised.value.faults]


def test_a_workspace_says_its_name_its_version_and_its_plugins(made: MadeWorkspace) -> None:
    file = made.write("netscript.toml", SOUND + '[paths]\nplugins = "./parts/"\n')

    workspace = find_workspace(made.root)

    listed = ("./plugins/a/plugin.py", "acme-plugin")
    assert workspace == Workspace(made.root, file, "acme", "1.2.0", listed, plugins_folder="parts")


def test_what_is_not_said_is_as_usual(made: MadeWorkspace) -> None:
    made.write("netscript.toml", 'name = "acme"\n')

    workspace = find_workspace(made.root)

    assert (workspace.version, workspace.plugins, workspace.plugins_folder) == ("0.1.0", (), "plugins")


def test_a_workspace_is_found_from_every_folder_in_it(
    made: MadeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.write("netscript.toml", SOUND)
    deep = made.write("plugins/a/jobs/one.py", "").parent
    monkeypatch.chdir(deep)

    workspace = find_workspace()

    assert workspace.root == made.root


def test_the_nearest_workspace_counts(made: MadeWorkspace) -> None:
    made.write("netscript.toml", SOUND)
    made.write("inner/netscript.toml", 'name = "inner"\n')

    workspace = find_workspace(made.root / "inner")

    assert workspace.name == "inner"


def test_a_project_file_may_be_the_workspace_and_need_not_repeat_itself(made: MadeWorkspace) -> None:
    made.write(
        "pyproject.toml",
        '[project]\nname = "acme-app"\nversion = "3.0"\n[tool.netscript]\nplugins = ["acme-plugin"]\n',
    )

    workspace = find_workspace(made.root)

    assert (workspace.name, workspace.version, workspace.plugins) == ("acme-app", "3.0", ("acme-plugin",))


@pytest.mark.parametrize("other", ["[project]\nname = 'x'\n", "[tool.black]\n", "broken ="])
def test_a_project_file_of_something_else_is_passed_by(made: MadeWorkspace, other: str) -> None:
    made.write("netscript.toml", SOUND)
    made.write("inner/pyproject.toml", other)

    workspace = find_workspace(made.root / "inner")

    assert workspace.name == "acme"


def test_a_broken_project_file_that_names_us_stops_the_search(made: MadeWorkspace) -> None:
    assert faults_of(made, "[tool.netscript]\nname =", "pyproject.toml") == [
        ("WSP_UNREADABLE", str(made.root / "pyproject.toml"))
    ]


def test_two_files_that_describe_one_workspace_are_a_fault(made: MadeWorkspace) -> None:
    made.write("pyproject.toml", "[tool.netscript]\nname = 'x'\n")

    assert faults_of(made, SOUND) == [("WSP_SAID_TWICE", str(made.root / "netscript.toml"))]


def test_nowhere_a_workspace_is_a_fault_that_says_how_to_get_one(made: MadeWorkspace) -> None:
    with pytest.raises(WorkspaceError, match=r"\[WSP_NOT_FOUND\].*netscript init"):
        find_workspace(made.root)


def test_a_named_folder_is_the_workspace_or_nothing_is(made: MadeWorkspace) -> None:
    made.write("netscript.toml", SOUND)
    inner = made.write("inner/x", "").parent

    assert find_workspace(project_root=made.root).root == made.root
    for folder in (inner, made.root / "gone"):
        with pytest.raises(WorkspaceError, match="WSP_NOT_FOUND"):
            find_workspace(project_root=folder)


def test_a_workspace_of_another_user_further_up_is_refused_until_it_is_named(
    made: MadeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.write("netscript.toml", SOUND)
    inner = made.write("inner/x", "").parent
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    monkeypatch.setattr("netscript_cli.workspace.search._ROOT_USER", -1)

    with pytest.raises(WorkspaceError, match=f"WSP_NOT_OURS.*--project-root {made.root}"):
        find_workspace(inner)

    assert find_workspace(project_root=made.root).name == find_workspace(made.root).name == "acme"


@pytest.mark.parametrize("file", ["netscript.toml", "pyproject.toml"])
def test_nothing_of_another_users_file_further_up_is_parsed(
    made: MadeWorkspace, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    made.write(file, "[tool.netscript]\nthis is no TOML")
    inner = made.write("inner/x", "").parent
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    monkeypatch.setattr("netscript_cli.workspace.search._ROOT_USER", -1)

    with pytest.raises(WorkspaceError, match="WSP_NOT_OURS"):
        find_workspace(inner)


def test_a_file_of_the_workspace_further_up_that_leads_nowhere_is_one_fault(made: MadeWorkspace) -> None:
    (made.root / "netscript.toml").symlink_to("gone")
    inner = made.write("inner/x", "").parent

    with pytest.raises(WorkspaceError, match=r"netscript\.toml cannot be read: No such file"):
        find_workspace(inner)


@pytest.mark.parametrize("kind", ["pipe", "device", "large"])
def test_a_file_of_the_workspace_without_an_end_is_one_fault(made: MadeWorkspace, kind: str) -> None:
    file = made.root / "netscript.toml"
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "device":
        file.symlink_to("/dev/zero")
    else:
        file.write_bytes(b"#" * (1024 * 1024 + 1))

    with pytest.raises(WorkspaceError, match=r"cannot be read: it is (no regular file|larger than)"):
        find_workspace(made.root)


def test_a_project_file_that_is_a_pipe_is_passed_by(made: MadeWorkspace) -> None:
    made.write("netscript.toml", SOUND)
    inner = made.write("inner/x", "").parent
    os.mkfifo(inner / "pyproject.toml")

    workspace = find_workspace(inner)

    assert workspace.name == "acme"


def test_a_link_to_a_trusted_file_makes_no_folder_of_a_stranger_ours(
    made: MadeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = made.write("home/netscript.toml", SOUND)
    inner = made.write("shared/inner/x", "").parent
    link = made.root / "shared/netscript.toml"
    link.symlink_to(real)
    of_strangers = os.stat_result([0o120777, 0, 0, 1, os.getuid() + 1, 0, 0, 0, 0, 0])

    def lstat(file: Path) -> os.stat_result:
        return of_strangers if file == link else os.lstat(file)

    monkeypatch.setattr(Path, "lstat", lstat)

    with pytest.raises(WorkspaceError, match="WSP_NOT_OURS"):
        find_workspace(inner)


def test_every_fault_is_told_together(made: MadeWorkspace) -> None:
    found = faults_of(
        made,
        'version = 3\nplugins = [1, "a", "A", "../x.py"]\ncolour = "red"\n'
        '[paths]\nplugins = "/abs"\njobs = "j"\n',
    )

    assert found == [
        ("WSP_UNKNOWN_FIELD", "netscript.toml: colour"),
        ("WSP_FIELD_INVALID", "netscript.toml: name"),
        ("WSP_FIELD_INVALID", "netscript.toml: version"),
        ("WSP_FIELD_INVALID", "netscript.toml: plugins[0]"),
        ("WSP_PLUGIN_LISTED_TWICE", "netscript.toml: plugins[2]"),
        ("WSP_PATH_ESCAPES", "netscript.toml: plugins[3]"),
        ("WSP_UNKNOWN_FIELD", "netscript.toml: paths.jobs"),
        ("WSP_PATH_ESCAPES", "netscript.toml: paths.plugins"),
    ]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('name = ""\n', "name"),
        ('name = "a\\nb"\n', "name"),
        ('name = "a"\nplugins = "b"\n', "plugins"),
        ('name = "a"\nplugins = [" "]\n', "plugins[0]"),
        ('name = "a"\nplugins = ["a\\u0000"]\n', "plugins[0]"),
        ('name = "a"\npaths = 1\n', "paths"),
        ('name = "a"\n[paths]\nplugins = 1\n', "paths.plugins"),
    ],
)
def test_a_field_of_another_kind_is_a_fault_at_its_place(made: MadeWorkspace, text: str, field: str) -> None:
    assert faults_of(made, text) == [("WSP_FIELD_INVALID", f"netscript.toml: {field}")]


def test_a_field_that_is_misspelt_is_told_with_what_was_meant(made: MadeWorkspace) -> None:
    made.write("netscript.toml", 'name = "acme"\nplugin = []\nzebra = 1\n')

    with pytest.raises(WorkspaceError) as raised:
        find_workspace(made.root)

    known = "there are: name, version, plugins, paths"
    fixes = [fault.fix for fault in raised.value.faults]
    assert fixes == [f"did you mean plugins? Else remove it; {known}", f"remove it; {known}"]


def test_a_place_in_a_project_file_has_its_table_before_it(made: MadeWorkspace) -> None:
    found = faults_of(made, '[tool.netscript]\nname = "a"\nplugins = [1]\n', "pyproject.toml")

    assert found == [("WSP_FIELD_INVALID", "pyproject.toml: tool.netscript.plugins[0]")]


@pytest.mark.parametrize("text", [b"name =", b"\xff", b"a = " + b"[" * 100_000, b"a = " + b"1" * 5000])
def test_what_is_no_toml_is_one_fault(made: MadeWorkspace, text: bytes) -> None:
    file = made.write("netscript.toml", text)

    with pytest.raises(WorkspaceError) as raised:
        find_workspace(made.root)

    assert [(fault.code, fault.place) for fault in raised.value.faults] == [("WSP_UNREADABLE", str(file))]


def test_a_file_that_is_none_is_one_fault(made: MadeWorkspace) -> None:
    (made.root / "netscript.toml").mkdir()

    with pytest.raises(WorkspaceError, match="WSP_UNREADABLE"):
        find_workspace(made.root)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("./plugins/a/plugin.py", "plugins/a/plugin.py"),
        ("./plugins/a/plugin.py", "./plugins//a/./plugin.py"),
        ("Acme_Plugin", "acme-plugin"),
        ("acme.plugin", "acme--plugin"),
    ],
)
def test_one_plugin_in_two_spellings_is_listed_twice(made: MadeWorkspace, one: str, other: str) -> None:
    found = faults_of(made, f'name = "a"\nplugins = ["{one}", "{other}"]\n')

    assert found == [("WSP_PLUGIN_LISTED_TWICE", "netscript.toml: plugins[1]")]


def test_two_links_to_one_plugin_list_it_twice(made: MadeWorkspace) -> None:
    made.write("plugins/a/plugin.py", "")
    (made.root / "plugins/b").symlink_to("a")

    found = faults_of(made, 'name = "a"\nplugins = ["./plugins/a/plugin.py", "./plugins/b/plugin.py"]\n')

    assert found == [("WSP_PLUGIN_LISTED_TWICE", "netscript.toml: plugins[1]")]


@pytest.mark.parametrize(
    "path", ["../out/plugin.py", "./plugins/../../out/plugin.py", "/etc/plugin.py", "a\\\\b.py"]
)
def test_a_path_that_leaves_the_workspace_is_refused(made: MadeWorkspace, path: str) -> None:
    found = faults_of(made, f'name = "a"\nplugins = ["{path}"]\n')

    assert found == [("WSP_PATH_ESCAPES", "netscript.toml: plugins[0]")]


@pytest.mark.parametrize("target", ["../..", "/etc", "../../elsewhere", "loop"])
def test_a_link_that_leaves_the_workspace_is_refused(
    made: MadeWorkspace, target: str, tmp_path: Path
) -> None:
    made.write("plugins/x", "")
    (made.root / "plugins/loop").symlink_to("loop")
    (made.root / "plugins/out").symlink_to(target)

    found = faults_of(made, 'name = "a"\nplugins = ["./plugins/out/plugin.py"]\n')

    assert found == [("WSP_PATH_ESCAPES", "netscript.toml: plugins[0]")]


def test_a_workspace_behind_a_link_has_no_link_in_its_root(made: MadeWorkspace, tmp_path: Path) -> None:
    made.write("netscript.toml", 'name = "a"\nplugins = ["./plugins/a/plugin.py"]\n')
    link = tmp_path / "link"
    link.symlink_to(made.root)

    assert read_workspace(link / "netscript.toml").root == made.root
    assert find_workspace(link).root == made.root
