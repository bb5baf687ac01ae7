"""Groups of commands: found without importing, loaded alone, broken ones told apart."""

import sys
from collections.abc import Mapping
from importlib.metadata import EntryPoint, distributions
from pathlib import Path

import pytest

from netscript_cli.groups import CommandGroup, GroupBrokenError, installed_groups


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path that distributions are installed into."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


def install(site: Path, package: str, source: str, *, group: str, value: str) -> None:
    """Install a distribution with one module and one group of commands."""
    (site / f"{package}.py").write_text(source)
    info = site / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\nSummary: All of it.\n"
    )
    (info / "entry_points.txt").write_text(f"[netscript.commands]\n{group} = {value}\n")


def groups_in(site: Path) -> Mapping[str, CommandGroup]:
    points: list[EntryPoint] = []
    for distribution in distributions(path=[str(site)]):
        points.extend(distribution.entry_points)
    return installed_groups(points)


def test_a_group_is_listed_with_the_summary_of_its_distribution_and_not_imported(site: Path) -> None:
    install(site, "acme_listed", "raise SystemExit", group="acme", value="acme_listed:app")

    group = groups_in(site)["acme"]

    assert (group.summary, group.distribution, group.fault) == ("All of it.", "acme_listed", None)
    assert "acme_listed" not in sys.modules


def test_a_group_is_imported_when_it_is_loaded(site: Path) -> None:
    install(site, "acme_loaded", "def app(**given): return given", group="acme", value="acme_loaded:app")

    command = groups_in(site)["acme"].load()

    assert command(args=["a"]) == {"args": ["a"]}


def test_a_group_whose_package_is_gone_is_broken_before_it_is_asked_for(site: Path) -> None:
    install(site, "acme_gone", "", group="acme", value="acme_vanished.commands:app")

    group = groups_in(site)["acme"]

    assert group.fault == "its package acme_vanished is not installed"
    with pytest.raises(GroupBrokenError, match="acme_vanished is not installed"):
        group.load()


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("import acme_no_such_thing", "ModuleNotFoundError"),
        ("raise RuntimeError('too old')", "RuntimeError: too old"),
        ("def ap(): ...", "AttributeError"),
        ("app = 1", "is no command"),
    ],
)
def test_a_group_that_does_not_import_says_why_and_whose_it_is(site: Path, source: str, fault: str) -> None:
    package = f"acme_broken_{abs(hash(source))}"
    install(site, package, source, group="acme", value=f"{package}:app")

    with pytest.raises(GroupBrokenError) as caught:
        groups_in(site)["acme"].load()

    assert fault in str(caught.value)
    assert package in str(caught.value)


def test_two_distributions_with_one_name_are_both_named(site: Path) -> None:
    install(site, "acme_one", "app = print", group="acme", value="acme_one:app")
    install(site, "acme_two", "app = print", group="acme", value="acme_two:app")

    group = groups_in(site)["acme"]

    assert group.fault == "both offer commands of this name"
    assert "acme_one" in group.distribution
    assert "acme_two" in group.distribution


def test_the_installed_auth_group_is_found() -> None:
    group = installed_groups()["auth"]

    assert group.distribution == "netscript-plugin-auth"
    assert group.fault is None


def test_words_of_a_distribution_move_nothing_on_a_terminal(site: Path) -> None:
    install(site, "acme_evil", "", group="\x1b[2Jboom", value="acme_evil:app")
    metadata = site / "acme_evil-1.0.dist-info/METADATA"
    metadata.write_text("Metadata-Version: 2.1\nName: acme\x1b[1m\nSummary: \x1b[31mred\x07\n")

    group = groups_in(site)["[2Jboom"]

    assert (group.name, group.distribution, group.summary) == ("[2Jboom", "acme [1m", "[31mred")


@pytest.mark.parametrize("line", [b"\xff = x:y", b"no equals sign"])
def test_a_distribution_with_unreadable_entry_points_is_broken_and_breaks_no_other(
    site: Path, line: bytes
) -> None:
    install(site, "acme_bad", "", group="bad", value="acme_bad:app")
    (site / "acme_bad-1.0.dist-info/entry_points.txt").write_bytes(b"[netscript.commands]\n" + line)

    groups = installed_groups()

    assert groups["acme_bad"].fault == "its entry points cannot be read"
    assert groups["auth"].fault is None
    with pytest.raises(GroupBrokenError, match="reinstall acme_bad, or uninstall it"):
        groups["acme_bad"].load()


def test_unreadable_metadata_leaves_a_group_without_words(site: Path) -> None:
    install(site, "acme_mute", "app = print", group="mute", value="acme_mute:app")
    (site / "acme_mute-1.0.dist-info/METADATA").write_bytes(b"Name: \xff")

    group = installed_groups()["mute"]

    assert (group.distribution, group.summary, group.fault) == ("a distribution without a name", "", None)


def test_of_two_versions_of_a_distribution_the_one_that_is_imported_counts(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(site, "acme_twice", "", group="twice", value="acme_twice:app")
    older = tmp_path / "older"
    older.mkdir()
    install(older, "acme_twice", "", group="twice", value="acme_twice.older:app")
    monkeypatch.setattr(sys, "path", [*sys.path, str(older)])

    group = installed_groups()["twice"]

    assert (group.point.value, group.fault) == ("acme_twice:app", None)
