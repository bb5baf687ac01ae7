"""``netscript generate plugins``: deterministic, all or nothing, and only what is its own is touched."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from netscript_cli.generation.confirming import PROBE, faults_when_imported
from netscript_cli.generation.generation import Generation, generate
from netscript_cli.generation.making import make
from netscript_cli.generation.registry_text import HEADER
from netscript_cli.isolation.running import Isolation
from netscript_cli.main import main
from netscript_cli.workspace.discovery import find_plugins
from netscript_cli.workspace.faults import WorkspaceError
from netscript_kernel.plugins import define_plugin
from netscript_kernel.plugins.registries.scanning import scan_folder
from tests.support.workspaces import MadeWorkspace

JOB = """\
from netscript_kernel.plugins.registries import contribution


@contribution(id="{id}")
async def {name}() -> None: ...
"""
REGISTRY = ".netscript/generated/plugin_push_mail/jobs_registry.py"
DESCRIPTOR = "plugins/push_mail/scaffold.plugin.json"


def job(made: MadeWorkspace, path: str, id_: str, name: str = "send") -> None:
    made.write(f"plugins/push_mail/jobs/{path}.py", JOB.format(id=id_, name=name))


@pytest.fixture
def mailer(made: MadeWorkspace) -> MadeWorkspace:
    """A workspace with one plugin, which has one job and no descriptor."""
    made.add(define_plugin("push-mail", "0.1.0").with_kind("worker"))
    (made.root / DESCRIPTOR).unlink()
    made.write("plugins/__init__.py", "")
    job(made, "mails", "send-mail")
    return made


def worked_out(made: MadeWorkspace) -> Generation:
    workspace = made.read()
    return generate(workspace, find_plugins(workspace))


def run(made: MadeWorkspace, *options: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["generate", "plugins", "--project-root", str(made.root), *options])
    return int(ended.value.code or 0)


def told(made: MadeWorkspace, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    run(made, "--json", *options)
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def faults(made: MadeWorkspace) -> list[tuple[str, str]]:
    before = files(made.root)
    generation = worked_out(made)
    assert (generation.changes, files(made.root)) == ((), before)
    return [(fault.code, fault.place) for fault in generation.faults]


def test_a_registry_and_a_descriptor_are_written(
    mailer: MadeWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(mailer)

    assert code == 0
    assert capsys.readouterr().out == f"{REGISTRY} written\n{DESCRIPTOR} written\n"
    assert (mailer.root / REGISTRY).read_text().startswith(HEADER)
    assert json.loads((mailer.root / DESCRIPTOR).read_text())["provider"]["kind"] == "worker"
    assert [each.descriptor_fault for each in find_plugins(mailer.read())] == [None]


def test_a_program_loads_what_was_written(mailer: MadeWorkspace) -> None:
    job(mailer, "deep/more", "again.send-mail")
    run(mailer)
    program = (
        "from pathlib import Path\n"
        "from netscript_kernel.plugins.registries import load_registry\n"
        "jobs = load_registry(Path.cwd(), 'push-mail', 'jobs', profile='development')\n"
        "print(*((id, job.function.__module__) for id, job in jobs.items()))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=mailer.root, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "('again.send-mail', 'plugins.push_mail.jobs.deep.more')"
        " ('send-mail', 'plugins.push_mail.jobs.mails')\n"
    )


def test_a_second_run_changes_nothing(mailer: MadeWorkspace, capsys: pytest.CaptureFixture[str]) -> None:
    run(mailer)
    before = files(mailer.root)
    capsys.readouterr()

    code = run(mailer)

    assert (code, files(mailer.root)) == (0, before)
    assert capsys.readouterr().out == "Everything generated is up to date (2 files).\n"


def test_the_text_is_as_ruff_would_lay_it_out(mailer: MadeWorkspace) -> None:
    long = "a_name_that_is_so_long_that_its_import_does_not_fit_into_one_line"
    job(mailer, "deep/more", "more-mail")
    job(mailer, "others", "other-mail", name=long)
    mailer.write("plugins/push_mail/sagas/__init__.py", "")
    run(mailer)

    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", ".netscript"],
        cwd=mailer.root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("option", ["--check", "--dry-run"])
def test_neither_a_check_nor_a_dry_run_writes(mailer: MadeWorkspace, option: str) -> None:
    before = files(mailer.root)

    code = run(mailer, option)

    assert (code, files(mailer.root)) == (1 if option == "--check" else 0, before)


def test_a_check_tells_what_is_stale_missing_and_obsolete(
    mailer: MadeWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    run(mailer)
    job(mailer, "mails", "send-post")
    (mailer.root / DESCRIPTOR).unlink()
    mailer.write(".netscript/generated/plugin_gone/jobs_registry.py", HEADER)
    capsys.readouterr()

    code = run(mailer, "--check")

    assert code == 1
    assert capsys.readouterr().out.splitlines() == [
        ".netscript/generated/plugin_gone/jobs_registry.py is there for no reason any more",
        f"{REGISTRY} is stale",
        f"{DESCRIPTOR} is missing",
        "Fix: netscript generate plugins",
    ]


def test_a_check_passes_where_all_is_fresh(mailer: MadeWorkspace) -> None:
    run(mailer)

    assert run(mailer, "--check") == 0


def test_programs_are_told_the_same(mailer: MadeWorkspace, capsys: pytest.CaptureFixture[str]) -> None:
    document = told(mailer, capsys, "--check")

    assert document == {
        "written": False,
        "changes": [{"path": REGISTRY, "kind": "new"}, {"path": DESCRIPTOR, "kind": "new"}],
        "unchanged": 0,
        "notes": [],
        "faults": [],
    }


def test_what_is_gone_is_removed_and_what_somebody_else_wrote_stays(mailer: MadeWorkspace) -> None:
    run(mailer)
    theirs = ".netscript/generated/plugin_gone/sagas_registry.py"
    mailer.write(".netscript/generated/plugin_gone/jobs_registry.py", HEADER)
    mailer.write(".netscript/generated/plugin_left/jobs_registry.py", HEADER)
    mailer.write(theirs, "# mine\n")
    (mailer.root / "plugins/push_mail/jobs/mails.py").unlink()
    (mailer.root / "plugins/push_mail/jobs").rmdir()

    run(mailer)

    left = [path for path in files(mailer.root) if path.startswith(".netscript")]
    assert left == [theirs]
    assert not (mailer.root / ".netscript/generated/plugin_left").exists()


def test_a_registry_that_somebody_else_wrote_is_in_the_way(mailer: MadeWorkspace) -> None:
    mailer.write(REGISTRY, "# mine\n")

    assert faults(mailer) == [("PLG_REGISTRY_BROKEN", REGISTRY)]


def test_an_empty_axis_is_a_note_and_has_an_empty_registry(
    mailer: MadeWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    mailer.write("plugins/push_mail/sagas/__init__.py", "")

    document = told(mailer, capsys)

    assert document["notes"] == ["plugins/push_mail/sagas contributes nothing yet"]
    text = (mailer.root / REGISTRY.replace("jobs", "sagas")).read_text()
    assert "REGISTRY: Final[Mapping[str, Contribution]] = MappingProxyType({})" in text


def test_everything_wrong_is_told_together_and_nothing_is_written(
    mailer: MadeWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    job(mailer, "more", "send-mail")
    mailer.write("plugins/push_mail/jobs/empty.py", "")
    mailer.lists("./plugins/push_mail/plugin.py", "./plugins/gone/plugin.py")

    code = run(mailer)

    said = capsys.readouterr().err
    assert code == 1
    assert said.startswith("There are 3 faults. Nothing was generated.\n")
    assert "./plugins/gone/plugin.py is not there" in said
    assert "plugins/push_mail/jobs/more.py: send has the id 'send-mail'" in said
    assert "plugins/push_mail/jobs/empty.py contributes nothing" in said
    assert not (mailer.root / REGISTRY).exists()


def test_each_contribution_that_cannot_be_imported_is_named(mailer: MadeWorkspace) -> None:
    sources = {
        "ends": "import os\nos._exit(0)",
        "exits": "import sys\nsys.exit(0)",
        "misses": "import acme_that_is_not_installed",
        "raises": "raise ValueError",
    }
    for name, source in sources.items():
        mailer.write(f"plugins/push_mail/jobs/{name}.py", f"{source}\n{name} = make(id='{name}')\n")

    told = faults(mailer)

    assert told == [("PLG_CONTRIBUTION_UNCONFIRMED", f"plugins/push_mail/jobs/{name}.py") for name in sources]


def test_one_that_hangs_is_named_when_the_time_is_over(mailer: MadeWorkspace, hangs: str) -> None:
    file = mailer.write("plugins/push_mail/jobs/hangs.py", f"{hangs}hung = make(id='hung')\n")
    (mailer.root / "plugins/push_mail/jobs/mails.py").unlink()
    scan = scan_folder(mailer.root, PurePosixPath("plugins/push_mail/jobs"))

    with Isolation(mailer.root, [PROBE], timedelta(minutes=1)) as isolation:
        told = faults_when_imported(isolation, [("mails", scan.files[0])])

    (fault,) = told["mails"]
    assert fault.place == str(file.relative_to(mailer.root))
    assert fault.problem == "did not end within 60 s, when it is imported"


def test_of_a_plugin_that_hung_no_more_files_are_tried(mailer: MadeWorkspace, hangs: str) -> None:
    for name in ("hangs", "likewise"):
        mailer.write(f"plugins/push_mail/jobs/{name}.py", f"{hangs}hung = make(id='{name}')\n")
    scan = scan_folder(mailer.root, PurePosixPath("plugins/push_mail/jobs"))
    files = [("other" if "mails" in file.file else "mails", file) for file in scan.files]

    with Isolation(mailer.root, [PROBE], timedelta(minutes=1)) as isolation:
        told = faults_when_imported(isolation, files)

    first, second = (fault for each in told.values() for fault in each)
    assert first.problem == "did not end within 60 s, when it is imported"
    assert second.place == "plugins/push_mail/jobs/likewise.py"
    assert second.problem.startswith("was not tried, since an earlier look at it did not end")


def test_what_reading_and_importing_tell_has_to_be_the_same(mailer: MadeWorkspace) -> None:
    has = "from types import SimpleNamespace as has"
    sources = {
        "another": f"{has}\none = has(id='another')\none.id = 'other'",
        "gone": f"{has}\none = has(id='gone')\ndel one",
        "none": "def has(id): return 7\none = has(id='none')",
        "unseen": f"{has}\nfirst = has(id='seen')\nif first: one = has(id='unseen')",
    }
    for name, source in sources.items():
        mailer.write(f"plugins/push_mail/jobs/{name}.py", source)

    told = faults(mailer)

    place = "plugins/push_mail/jobs/{}.py: one"
    assert told == [("PLG_CONTRIBUTION_UNCONFIRMED", place.format(name)) for name in sources]


def test_what_a_contribution_has_from_elsewhere_is_not_its_own(mailer: MadeWorkspace) -> None:
    job(mailer, "more", "more")
    mailer.write(
        "plugins/push_mail/jobs/mails.py",
        "from plugins.push_mail.jobs.more import send as other\n" + JOB.format(id="send-mail", name="send"),
    )

    assert worked_out(mailer).faults == ()


def test_two_plugins_of_one_name_are_told(mailer: MadeWorkspace) -> None:
    source = (mailer.root / "plugins/push_mail/plugin.py").read_text()
    mailer.write("plugins/twin/plugin.py", source)
    mailer.lists("./plugins/push_mail/plugin.py", "./plugins/twin/plugin.py")

    assert faults(mailer) == [("PLG_DUP_PLUGIN", "push-mail (./plugins/twin/plugin.py)")]


def test_a_file_that_is_being_written_is_never_half_there(
    mailer: MadeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(mailer)
    before = files(mailer.root)
    job(mailer, "more", "more")
    changes = worked_out(mailer).changes

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WorkspaceError, match="No space"):
        make(mailer.root, changes)

    (mailer.root / "plugins/push_mail/jobs/more.py").unlink()
    assert files(mailer.root) == before


def test_where_the_last_file_cannot_take_its_place_all_are_as_they_were(
    mailer: MadeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(mailer)
    mailer.write(".netscript/generated/plugin_gone/jobs_registry.py", HEADER)
    mailer.write("plugins/push_mail/sagas/__init__.py", "")
    job(mailer, "more", "more")
    mailer.add(define_plugin("push-mail", "0.2.0").with_kind("worker"))
    changes = worked_out(mailer).changes
    assert {each.kind for each in changes} == {"new", "changed", "obsolete"}
    (mailer.root / changes[-1].path).touch()
    before, replace = files(mailer.root), Path.replace

    def fails_at_last(self: Path, target: Path) -> Path:
        if target == mailer.root / changes[-1].path and self.read_bytes() == changes[-1].content:
            raise PermissionError(13, "Permission denied")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fails_at_last)
    with pytest.raises(WorkspaceError, match="Permission denied"):
        make(mailer.root, changes)

    assert files(mailer.root) == before


def test_a_file_in_place_of_a_folder_is_named_and_nothing_is_written(
    mailer: MadeWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    mailer.add(define_plugin("a", "0.1.0"), define_plugin("push-mail", "0.1.0"))
    mailer.write("plugins/a/jobs/one.py", JOB.format(id="one", name="one"))
    mailer.write(".netscript/generated/plugin_push_mail", "")
    before = files(mailer.root)

    document = told(mailer, capsys)

    assert [each["place"] for each in document["faults"]] == [".netscript/generated/plugin_push_mail"]
    assert (document["written"], files(mailer.root)) == (False, before)


def test_a_file_that_comes_in_the_way_of_a_folder_meanwhile_is_to_be_moved(mailer: MadeWorkspace) -> None:
    changes = worked_out(mailer).changes
    mailer.write(".netscript/generated", "")
    before = files(mailer.root)

    with pytest.raises(WorkspaceError, match=r"Fix: move \.netscript/generated elsewhere"):
        make(mailer.root, changes)

    assert files(mailer.root) == before


def test_a_folder_in_place_of_a_file_is_told(
    mailer: MadeWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    (mailer.root / DESCRIPTOR).mkdir()

    code = run(mailer)

    assert code == 2
    errors = capsys.readouterr().err
    assert f"{DESCRIPTOR} cannot be read or written: Is a directory" in errors
    assert f"Fix: move {DESCRIPTOR} elsewhere" in errors


def test_what_is_written_is_readable_as_other_new_files_are(mailer: MadeWorkspace) -> None:
    run(mailer)

    usual = (mailer.root / "plugins/push_mail/plugin.py").stat().st_mode
    assert (mailer.root / REGISTRY).stat().st_mode == usual


def test_without_a_workspace_it_says_how_to_make_one(
    made: MadeWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(made)

    assert code == 2
    assert "netscript init" in capsys.readouterr().err


@pytest.mark.parametrize("linked", [DESCRIPTOR, REGISTRY, ".netscript"])
def test_nothing_outside_of_the_workspace_is_written_or_removed_through_a_link(
    mailer: MadeWorkspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], linked: str
) -> None:
    outside = MadeWorkspace(tmp_path / "outside")
    outside.write("generated/plugin_old/jobs_registry.py", HEADER)
    outside.write("precious.json", HEADER)
    target = "precious.json" if linked != ".netscript" else "."
    (mailer.root / linked).parent.mkdir(parents=True, exist_ok=True)
    (mailer.root / linked).symlink_to(outside.root / target)
    before = files(outside.root)

    code = run(mailer)

    assert code == 2
    assert f"  {linked}" in (told := capsys.readouterr().err)
    assert "leads out of the workspace by a link [WSP_PATH_ESCAPES]" in told
    assert files(outside.root) == before


def test_an_abandoned_registry_behind_a_link_to_outside_is_not_removed(
    mailer: MadeWorkspace, tmp_path: Path
) -> None:
    outside = MadeWorkspace(tmp_path / "outside")
    outside.write("jobs_registry.py", HEADER)
    run(mailer)
    (mailer.root / ".netscript/generated/plugin_old").symlink_to(outside.root)

    code = run(mailer)

    assert code == 2
    assert files(outside.root) == {"jobs_registry.py": HEADER.encode()}


def test_a_link_that_came_after_the_look_is_not_followed_when_files_are_made(
    mailer: MadeWorkspace, tmp_path: Path
) -> None:
    generation = worked_out(mailer)
    precious = MadeWorkspace(tmp_path).write("precious.json", "mine")
    (mailer.root / DESCRIPTOR).symlink_to(precious)

    with pytest.raises(WorkspaceError, match="WSP_PATH_ESCAPES"):
        make(mailer.root, generation.changes)

    assert precious.read_text() == "mine"
    assert not (mailer.root / ".netscript").exists()


@pytest.mark.parametrize("path", [DESCRIPTOR, REGISTRY])
def test_a_pipe_in_the_place_of_what_is_generated_is_told_and_holds_nobody_up(
    mailer: MadeWorkspace, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    (mailer.root / path).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(mailer.root / path)

    code = run(mailer)

    assert code != 0
    assert path in capsys.readouterr().err
