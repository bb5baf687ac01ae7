"""What scripts/check holds against the members and the lock, each fault named."""

import json
from pathlib import Path

import pytest

import advisories
import lock_fits
import members

VULNERABILITY = {"id": "PYSEC-1", "aliases": ["CVE-1", "GHSA-1"], "fix_versions": ["2.0"]}


def _member(folder: Path, dependencies: list[str], version: str = "1.0") -> None:
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        "[project]\n"
        f'name = "netscript-{folder.name}"\n'
        f'version = "{version}"\n'
        'requires-python = ">=3.11"\n'
        'license = "Apache-2.0"\nlicense-files = ["LICENSE"]\nclassifiers = ["Typing :: Typed"]\n'
        'readme = "README.md"\n'
        'authors = [{ name = "Us" }]\n'
        f"dependencies = {json.dumps(dependencies)}\n"
        '[build-system]\nrequires = ["builder>=1"]\n'
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace that waits for its second member, ``high``, and a lock that fits the first."""
    (tmp_path / "pyproject.toml").write_text(
        '[dependency-groups]\ndev = ["Tester>=2"]\n[tool.uv.workspace]\nmembers = ["low", "high"]\n'
    )
    _member(tmp_path / "low", ["thing[extra]>=1,<3; python_version >= '3'"])
    pins = ["builder==1.0 \\", "    --hash=sha256:00", "tester==2.1", "thing==2.0 ; sys_platform == 'linux'"]
    (tmp_path / "requirements.lock").write_text("\n".join(pins))
    return tmp_path


def test_members_that_are_alike_pass(root: Path) -> None:
    _member(root / "high", ["netscript-low[x]==1.0"])

    assert members.faults(root) == []
    assert lock_fits.faults(root) == []


def test_a_differing_field_is_named_with_every_value(root: Path) -> None:
    _member(root / "high", [], version="1.1")

    assert members.faults(root) == [
        "version must be the same in every member, and is low: '1.0'; high: '1.1'"
    ]


def test_a_loose_pin_on_another_member_is_named(root: Path) -> None:
    _member(root / "high", ["netscript-low>=1.0"])

    assert members.faults(root) == [
        "high requires netscript-low>=1.0: members are pinned to one another, ==1.0"
    ]


def test_what_the_lock_lacks_or_contradicts_is_named(root: Path) -> None:
    _member(root / "high", ["absent", "thing>=2.5"])

    assert lock_fits.faults(root) == [
        "absent is not pinned: run scripts/lock",
        "thing>=2.5 does not allow the pinned 2.0: run scripts/lock",
    ]


def test_a_service_that_knows_no_package_has_not_answered() -> None:
    report = json.dumps({"dependencies": [{"name": "thing", "skip_reason": "not found"}]})

    assert advisories.parse(report) is None
    assert advisories.parse("a traceback") is None


def test_an_advisory_is_named_unless_accepted_under_any_of_its_names() -> None:
    report = {"dependencies": [{"name": "thing", "version": "1.0", "vulns": [VULNERABILITY]}]}
    answer = advisories.parse(json.dumps(report))
    assert answer is not None

    assert advisories.judge(answer, []) == ["thing 1.0: PYSEC-1, mended by 2.0"]
    assert advisories.judge(answer, [{"id": "GHSA-1"}]) == []


def test_an_accepted_advisory_that_no_pin_has_any_more_is_named() -> None:
    answer = advisories.Answer({"thing 1.0": []}, [])

    found = advisories.judge(answer, [{"id": "GHSA-1"}])

    assert found == ["accepted_advisories.toml names GHSA-1, which no pin has any more: remove it"]


def test_no_answer_is_said_aloud_and_fails_only_where_an_audit_is_required(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_answer() -> None:
        return None

    monkeypatch.setattr(advisories, "ask", no_answer)

    here = advisories.main()
    monkeypatch.setenv("NETSCRIPT_REQUIRE_AUDIT", "1")
    required = advisories.main()

    assert (here, required) == (75, 1)
    assert capsys.readouterr().out.count("NOT CHECKED: no advisory service answered") == 2
