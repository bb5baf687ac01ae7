"""A service loads what its plugin contributes through the registry alone, and a stale one is noticed."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from netscript_kernel.plugins import PluginInvalidError
from netscript_kernel.plugins.registries import load_registry
from netscript_kernel.plugins.registries.axes import registry_path
from netscript_kernel.plugins.registries.scanning import scan_folder

JOB = """\
from netscript_kernel.plugins.registries import contribution


@contribution(id="{id}")
def send() -> str:
    return "{id}"
"""
REGISTRY = """\
from plugins.notifier.jobs.mails import send

FOLDER = "plugins/notifier/jobs"
REGISTRY = {{"send-mail": send}}
SOURCES = {{"send-mail": "plugins/notifier/jobs/mails.py"}}
CONTENT_HASH = "{content_hash}"
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace with one job and its registry, importable while the test runs."""
    jobs = tmp_path / "plugins/notifier/jobs"
    jobs.mkdir(parents=True)
    (tmp_path / "plugins/__init__.py").touch()
    (jobs / "mails.py").write_text(JOB.format(id="send-mail"))
    content_hash = scan_folder(tmp_path, PurePosixPath("plugins/notifier/jobs")).content_hash
    write_registry(tmp_path, REGISTRY.format(content_hash=content_hash))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "plugins"]:
        del sys.modules[name]


def write_registry(root: Path, text: str) -> None:
    file = root / registry_path("notifier", "jobs")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def refused(root: Path) -> tuple[str, str]:
    with pytest.raises(PluginInvalidError) as raised:
        load_registry(root, "notifier", "jobs", profile="development")
    (fault,) = raised.value.faults
    assert fault.place == "notifier: .netscript/generated/plugin_notifier/jobs_registry.py"
    return fault.code.value, fault.problem


def test_what_it_names_is_imported(root: Path) -> None:
    jobs = load_registry(root, "notifier", "jobs", profile="development")

    assert list(jobs) == ["send-mail"]
    assert jobs["send-mail"].id == "send-mail"


def test_nobody_can_change_it(root: Path) -> None:
    jobs = load_registry(root, "notifier", "jobs")

    with pytest.raises(TypeError):
        jobs["other"] = jobs["send-mail"]  # type: ignore[index]  # pyright: ignore[reportIndexIssue]


def test_it_leaves_nothing_beside_itself(root: Path) -> None:
    load_registry(root, "notifier", "jobs")

    assert [path.name for path in (root / registry_path("notifier", "jobs")).parent.iterdir()] == [
        "jobs_registry.py"
    ]


def test_one_that_is_not_there_says_how_to_get_it(root: Path) -> None:
    (root / registry_path("notifier", "jobs")).unlink()

    assert refused(root) == ("PLG_REGISTRY_MISSING", "is not there")


@pytest.mark.parametrize("change", ["new", "renamed", "broken"])
def test_a_stale_one_is_an_error_in_development(root: Path, change: str) -> None:
    jobs = root / "plugins/notifier/jobs"
    match change:
        case "new":
            (jobs / "more.py").write_text(JOB.format(id="send-more"))
        case "renamed":
            (jobs / "mails.py").write_text(JOB.format(id="send-post"))
        case _:
            (jobs / "more.py").write_text("def (:")

    assert refused(root)[0] == "PLG_REGISTRY_STALE"


def test_a_stale_one_is_a_warning_in_production(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    (root / "plugins/notifier/jobs/more.py").write_text(JOB.format(id="send-more"))

    with caplog.at_level(logging.WARNING):
        jobs = load_registry(root, "notifier", "jobs", profile="production")

    assert list(jobs) == ["send-mail"]
    assert [record.message for record in caplog.records] == ["a registry is stale"]
    assert "netscript generate plugins" in caplog.records[0].__dict__["fault"]


def test_a_change_of_what_a_job_does_makes_nothing_stale(root: Path) -> None:
    file = root / "plugins/notifier/jobs/mails.py"
    file.write_text(file.read_text().replace("return", "return 'now ' +"))

    jobs = load_registry(root, "notifier", "jobs", profile="development")

    assert list(jobs) == ["send-mail"]


def test_one_whose_contribution_cannot_be_imported_says_why(root: Path) -> None:
    (root / "plugins/notifier/jobs/mails.py").write_text("raise KeyError('API_KEY')")

    code, problem = refused(root)

    assert code == "PLG_REGISTRY_BROKEN"
    assert f"(KeyError: 'API_KEY' ({root}/plugins/notifier/jobs/mails.py:1))" in problem


def test_one_whose_contribution_lacks_a_module_says_what_to_install_and_where(root: Path) -> None:
    (root / "plugins/notifier/jobs/mails.py").write_text("\nimport acme_nothing\n")

    with pytest.raises(PluginInvalidError) as raised:
        load_registry(root, "notifier", "jobs")

    assert f"{root}/plugins/notifier/jobs/mails.py:2" in raised.value.faults[0].problem
    assert raised.value.faults[0].fix.startswith("install what brings acme_nothing, mend the import")


def test_one_that_was_changed_by_hand_is_not_half_read(root: Path) -> None:
    write_registry(root, "REGISTRY = {}\n")

    assert refused(root) == ("PLG_REGISTRY_BROKEN", "is not as it was generated")
