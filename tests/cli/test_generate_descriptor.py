"""``netscript generate descriptor``: what a distribution ships beside its manifest, without a workspace."""

import json
from pathlib import Path

import pytest

from netscript_cli.main import main
from netscript_cli.workspace.discovery import find_plugin
from netscript_kernel.plugins import define_plugin
from netscript_kernel.plugins.descriptor_reading import drift_of, read_descriptor
from tests.support.workspaces import BUILD, MadeWorkspace, Site

MANIFEST = define_plugin("audit", "1.2.0").with_description("Writes down.").build()
DESCRIPTOR = "acme_audit/scaffold.plugin.json"


@pytest.fixture
def source(made: MadeWorkspace, monkeypatch: pytest.MonkeyPatch) -> MadeWorkspace:
    """The folder of a distribution, which is the current one."""
    made.write("acme_audit/__init__.py", "")
    made.write("acme_audit/plugin.py", BUILD.format(text=MANIFEST.to_json()))
    monkeypatch.chdir(made.root)
    return made


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["generate", "descriptor", *words])
    return int(ended.value.code or 0)


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_descriptor_is_written_beside_the_module_and_nothing_else_is(
    source: MadeWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(source.root)

    code = run("acme_audit.plugin")

    assert (code, capsys.readouterr().out) == (0, f"{DESCRIPTOR} written\n")
    after = files(source.root)
    text = after.pop(DESCRIPTOR)
    assert after == before
    assert list(drift_of(read_descriptor(text, "audit"), MANIFEST, "audit")) == []


def test_a_second_run_changes_nothing(source: MadeWorkspace, capsys: pytest.CaptureFixture[str]) -> None:
    run("acme_audit.plugin")
    before = files(source.root)
    capsys.readouterr()

    code = run("acme_audit.plugin:manifest")

    assert (code, files(source.root)) == (0, before)
    assert capsys.readouterr().out == "Everything generated is up to date (1 file).\n"


def test_a_module_is_found_in_src(source: MadeWorkspace) -> None:
    (source.root / "src").mkdir()
    (source.root / "acme_audit").rename(source.root / "src/acme_audit")

    assert run("acme_audit.plugin") == 0

    assert (source.root / "src" / DESCRIPTOR).is_file()


def test_an_installed_module_is_described_where_it_is(
    made: MadeWorkspace, installed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed.install_plugin("acme-audit", define_plugin("audit", "1.2.0"))
    (installed.folder / DESCRIPTOR).unlink()
    monkeypatch.chdir(made.root)

    assert run("acme_audit.plugin") == 0

    assert (installed.folder / DESCRIPTOR).is_file()


def test_a_check_fails_where_it_would_be_written_and_names_the_command(
    source: MadeWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run("acme_audit.plugin", "--check")

    assert code == 1
    assert not (source.root / DESCRIPTOR).exists()
    told = capsys.readouterr().out
    assert told == f"{DESCRIPTOR} is missing\nFix: netscript generate descriptor acme_audit.plugin\n"


def test_a_rehearsal_writes_nothing_and_programs_are_told(
    source: MadeWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run("acme_audit.plugin", "--dry-run", "--json")

    assert code == 0
    assert not (source.root / DESCRIPTOR).exists()
    told = json.loads(capsys.readouterr().out)
    assert (told["written"], told["changes"]) == (False, [{"path": DESCRIPTOR, "kind": "new"}])


def test_a_module_that_raises_is_told_and_nothing_is_written(
    source: MadeWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    source.write("acme_audit/plugin.py", "raise RuntimeError('no')\n")

    code = run("acme_audit.plugin")

    assert code == 1
    told = capsys.readouterr().err
    assert "raises RuntimeError: no" in told
    assert "Fix: correct acme_audit.plugin\n" in told
    assert not (source.root / DESCRIPTOR).exists()


def test_a_module_that_lacks_another_is_told_with_what_to_install(
    source: MadeWorkspace, capsys: pytest.CaptureFixture[str]
) -> None:
    source.write("acme_audit/plugin.py", "import acme_nothing\n")

    code = run("acme_audit.plugin")

    assert code == 1
    assert "Fix: install what brings acme_nothing, or mend the import\n" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["acme_audit.gone", "acme_audit/plugin.py", "acme_audit.plugin:", ""])
def test_what_is_no_module_is_refused(
    source: MadeWorkspace, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(value)

    assert code == 2
    assert "Fix: " in capsys.readouterr().err


def test_the_fault_of_an_installed_plugin_without_one_names_the_command(
    made: MadeWorkspace, installed: Site
) -> None:
    installed.install_plugin("acme-audit", define_plugin("audit", "1.2.0"))
    (installed.folder / DESCRIPTOR).unlink()
    made.lists()

    found = find_plugin(made.read(), "acme-audit")

    assert found.broken is not None
    assert "netscript generate descriptor acme_audit.plugin:manifest" in found.broken.fix
