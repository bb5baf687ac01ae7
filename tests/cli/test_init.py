"""``netscript init``: a workspace that every command accepts at once, and that takes the place of nothing."""

import json
import os
import pty
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from netscript_cli.workspace import search
from netscript_cli.workspace.search import find_workspace
from netscript_kernel.plugins import define_plugin
from tests.support.commands import Told, run
from tests.support.workspaces import Site

FILES = {
    ".env",
    ".gitignore",
    "README.md",
    "netscript.toml",
    "plugins/README.md",
    "plugins/__init__.py",
    "pyproject.toml",
}


def init(folder: Path | str, *options: str) -> Told:
    return run("init", str(folder), "--yes", *options)


def files(root: Path) -> set[str]:
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    return {path for path in found if not path.startswith(".git/")}


@pytest.fixture
def auth(installed: Site) -> Site:
    """A stand-in for the plugin that is listed where it is installed."""
    installed.install_plugin("netscript-plugin-auth", define_plugin("auth", "1.0"))
    return installed


def test_it_makes_a_workspace_and_says_what_to_do_next(tmp_path: Path) -> None:
    told = init(tmp_path / "shop")

    assert (told.code, told.errors) == (0, "")
    assert f"  cd {tmp_path}/shop\n  netscript plugin new worker --name notifier\n" in told.output
    assert files(tmp_path / "shop") == FILES
    assert find_workspace(tmp_path / "shop").name == "shop"
    assert (tmp_path / "shop/.env").stat().st_mode & 0o077 == 0


def test_the_auth_plugin_is_listed_where_it_is_installed(auth: Site, tmp_path: Path) -> None:
    auth.install_plugin("acme-plugin", define_plugin("acme", "1.0"))

    told = init(tmp_path / "shop")

    assert told.code == 0
    assert find_workspace(tmp_path / "shop").plugins == ("netscript-plugin-auth",)
    project = tomllib.loads((tmp_path / "shop/pyproject.toml").read_text())["project"]
    assert "netscript-plugin-auth[dev]~=1.0" in project["dependencies"]
    assert run("plugin", "list", "--project-root", str(tmp_path / "shop")).code == 0


def test_a_plugin_can_be_made_in_it_at_once(tmp_path: Path) -> None:
    root = ("--project-root", str(tmp_path / "shop"))
    init(tmp_path / "shop")

    made = run("plugin", "new", "worker", "--name", "notifier", *root)

    assert made.code == 0
    assert run("generate", "plugins", "--check", *root).code == 0


@pytest.mark.parametrize("name", ["My Shop", 'a "quoted" one', "größe", "東京"])
def test_any_name_of_a_folder_is_a_name(tmp_path: Path, name: str) -> None:
    told = init(tmp_path / name)

    assert told.code == 0
    assert find_workspace(tmp_path / name).name == name
    distribution = tomllib.loads((tmp_path / name / "pyproject.toml").read_text())["project"]["name"]
    assert distribution in {"my-shop", "a-quoted-one", "gr-e", "workspace"}


def test_registries_are_kept_in_version_control_and_variables_are_not(tmp_path: Path) -> None:
    init(tmp_path / "shop")
    git = ["git", "-C", str(tmp_path / "shop")]
    subprocess.run([*git, "init", "-q"], check=True)

    ignored = [
        path
        for path in (".env", ".netscript/log", ".netscript/generated/plugin_a/jobs_registry.py")
        if subprocess.run([*git, "check-ignore", "-q", path], check=False).returncode == 0
    ]

    assert ignored == [".env", ".netscript/log"]


def test_a_rehearsal_tells_the_same_and_writes_nothing(tmp_path: Path) -> None:
    told = init(tmp_path / "shop", "--dry-run", "--json")

    document = json.loads(told.output)
    assert (document["name"], document["root"]) == ("shop", str(tmp_path / "shop"))
    assert (set(document["files"]), document["written"]) == (FILES, False)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_becomes_one_and_so_does_a_fresh_clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)

    told = init(".")

    assert (told.code, files(Path.cwd())) == (0, FILES)


@pytest.mark.parametrize("there", ["notes.txt", ".env"])
def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("mine")

    told = init(tmp_path)

    assert (told.code, files(tmp_path)) == (2, {there})
    assert f"is not empty: it has {there}" in told.errors


@pytest.mark.parametrize("folder", ["new", "deep/er/new", "deep/../new"])
@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_workspace_inside_another_is_refused_unless_somebody_wants_it(
    tmp_path: Path, folder: str, options: tuple[str, ...]
) -> None:
    init(tmp_path / "shop")
    (tmp_path / "shop/deep").mkdir()
    before = files(tmp_path)

    told = init(tmp_path / "shop" / folder, *options)

    assert (told.code, told.output, files(tmp_path)) == (2, "", before)
    assert f"is inside the workspace {tmp_path / 'shop'}" in told.errors
    assert "netscript plugin new KIND --name NAME" in told.errors
    assert init(tmp_path / "shop" / folder, "--nested", *options).code == 0


def test_a_workspace_by_its_pyproject_is_one_too(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "acme"\n[tool.netscript]\nplugins = []\n')

    told = init(tmp_path / "shop", "--json")

    assert told.code == 2
    assert json.loads(told.output)["faults"][0]["code"] == "WSP_NESTED"


def test_what_is_above_a_link_does_not_count_and_what_is_above_its_target_does(tmp_path: Path) -> None:
    init(tmp_path / "shop")
    (tmp_path / "shop/inside").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "inwards").symlink_to(tmp_path / "shop/inside")
    (tmp_path / "shop/outwards").symlink_to(tmp_path / "outside")

    inwards, outwards = init(tmp_path / "inwards/new"), init(tmp_path / "shop/outwards/new")

    assert (inwards.code, outwards.code) == (2, 0)


def test_what_a_stranger_has_put_above_keeps_nobody_from_a_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netscript.toml").write_text('name = "trap"\n')
    monkeypatch.setattr(search, "_ROOT_USER", -1)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    told = init(tmp_path / "shop")

    assert told.code == 0


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("mine")

    told = init(tmp_path / "shop")

    assert (told.code, (tmp_path / "shop").read_text()) == (2, "mine")


@pytest.mark.parametrize("is_there", [True, False])
def test_where_it_cannot_be_written_nothing_of_it_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_there: bool
) -> None:
    if is_there:
        (tmp_path / "shop").mkdir()
    moves = 3

    def full(source: Path, target: Path) -> Path:
        nonlocal moves
        moves -= 1
        if moves == 0 or not is_there:
            raise OSError(28, "No space left on device")
        os.rename(source, target)  # noqa: PTH104 - Path.rename is what is replaced
        return target

    monkeypatch.setattr(Path, "rename", full)
    monkeypatch.setattr(Path, "replace", full)

    told = init(tmp_path / "shop")

    assert (told.code, files(tmp_path)) == (2, set())
    assert "No space left on device" in told.errors


def test_at_a_terminal_it_asks_for_the_name_and_the_plugins(auth: Site, tmp_path: Path) -> None:
    auth.install_plugin("acme-plugin", define_plugin("acme", "1.0"))
    answers = b"The Shop\nacme_plugin, gone\nacme_plugin\n"

    said = typed(tmp_path, answers)

    assert "Which plugins, by commas (acme-plugin, netscript-plugin-auth; - for none)?" in said
    assert "gone is not installed." in said
    workspace = find_workspace(tmp_path / "shop")
    assert (workspace.name, workspace.plugins) == ("The Shop", ("acme-plugin",))


def typed(folder: Path, answers: bytes) -> str:
    """Run the command at a terminal of its own, and return what stands on it at the end."""
    terminal, end = pty.openpty()
    os.write(terminal, answers)
    command = (sys.executable, "-m", "netscript_cli", "init", "shop")
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=end, capture_output=True, text=True, timeout=300, check=False
        )
    finally:
        os.close(terminal)
        os.close(end)
    assert done.returncode == 0, done.stderr
    return done.stderr
