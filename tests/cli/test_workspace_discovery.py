"""What a workspace lists is found without running it; what is broken says why, and breaks nothing else."""

import json
import shutil
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from netscript_cli.workspace.discovery import find_plugins
from netscript_cli.workspace.found import FoundPlugin, Origin
from netscript_cli.workspace.manifests import load_manifests
from netscript_cli.workspace.static_descriptor import DESCRIPTOR, DescriptorUnreadableError, read_static
from netscript_kernel.plugins import define_plugin
from netscript_kernel.plugins.descriptor import FILE_NAME, describe_plugin, encode_descriptor
from tests.support.workspaces import MadeWorkspace, Site, listed_as

NOTIFIER = (
    define_plugin("notifier", "0.3.0")
    .with_kind("worker")
    .with_description("Delivers notifications.")
    .with_dependencies({"streams": ">=0.1", "auth": True})
    .with_service("notifier-api", "plugins.notifier.service:main", port=8095)
    .with_background_processor("notifier-jobs", "plugins.notifier.jobs:main")
    .with_e2e([{"name": "a", "command": "true"}, {"name": "b", "command": "true"}])
    .with_doctor("plugins.notifier.checks:look")
)


def only_plugin(made: MadeWorkspace) -> FoundPlugin:
    (found,) = find_plugins(made.read())
    return found


def broken(made: MadeWorkspace, *listed: str) -> list[tuple[str, str, str]]:
    made.lists(*listed)
    faults = [found.broken for found in find_plugins(made.read())]
    return [(fault.code, fault.place, fault.problem) for fault in faults if fault]


def test_the_name_of_the_file_is_the_kernels() -> None:
    assert DESCRIPTOR == FILE_NAME


def test_an_own_plugin_is_imported_by_its_path_and_known_by_its_descriptor(made: MadeWorkspace) -> None:
    made.add(NOTIFIER)

    found = only_plugin(made)

    assert (found.listed, found.origin) == ("./plugins/notifier/plugin.py", Origin.WORKSPACE)
    assert (found.module, found.file) == ("plugins.notifier.plugin", made.root / "plugins/notifier/plugin.py")
    assert found.broken is None
    known = found.descriptor
    assert known is not None
    assert (known.name, known.version, known.kind) == ("notifier", "0.3.0", "worker")
    assert known.summary == "Delivers notifications."
    assert [(each.name, each.port) for each in known.services] == [("notifier-api", 8095)]
    assert [each.name for each in known.processors] == ["notifier-jobs"]
    assert known.contributions == {"services": 1, "backgroundProcessors": 1, "e2e": 2, "doctor": 1}
    assert known.dependencies == {"auth": "", "streams": ">=0.1"}


def test_nothing_of_a_plugin_is_run(made: MadeWorkspace) -> None:
    made.breaks("bomb", "raise SystemExit('boom')")
    made.lists(listed_as("bomb"))

    found = only_plugin(made)

    assert (found.name, found.broken) == ("bomb", None)
    assert "plugins.bomb.plugin" not in sys.modules


def test_hyphens_of_a_name_are_underscores_in_its_folder(made: MadeWorkspace) -> None:
    made.add(define_plugin("push-mail", "0.1.0"))

    found = only_plugin(made)

    assert (found.module, found.name) == ("plugins.push_mail.plugin", "push-mail")


def test_a_descriptor_that_was_written_by_hand_tells_a_port(made: MadeWorkspace) -> None:
    document = json.loads(encode_descriptor(describe_plugin(NOTIFIER.build())))
    del document["manifest"]

    known = read_static(json.dumps(document).encode())

    assert (known.name, known.version, known.kind) == ("notifier", "", "worker")
    assert [(each.name, each.port) for each in (*known.services, *known.processors)] == [
        ("", 8095),
        ("", None),
    ]
    assert known.dependencies == {"auth": "", "streams": ""}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"provider": {}}',
        b'{"provider": [], "officialSource": {"canonicalName": "a"}}',
        b'{"provider": {}, "officialSource": {"canonicalName": ""}}',
        b'{"provider": {}, "officialSource": {"canonicalName": "a\\u001b[2J"}}',
        b'{"provider": {}, "officialSource": {"canonicalName": "a", "servicePort": "x"}}',
        b'{"provider": {}, "officialSource": {"canonicalName": "a", "servicePort": -1%b}}' % (b"0" * 300),
        b'{"provider": {}, "officialSource": {"canonicalName": "a", "servicePort": 0}}',
        b'{"provider": {}, "officialSource": {"canonicalName": "%b"}}' % (b"a" * 129),
        b'{"provider": {}, "officialSource": {"canonicalName": "a"}, "manifest": {"contributions": 1}}',
        b'{"provider": {}, "officialSource": {"canonicalName": "a"}, "manifest": {"dependencies": {"b": 1}}}',
        b'{"provider": {}, "officialSource": {"canonicalName": "a"},'
        b' "manifest": {"contributions": {"services": [{"name": "s", "port": true}]}}}',
        b'{"provider": {}, "officialSource": {"canonicalName": "a"},'
        b' "manifest": {"contributions": {"services": [{"name": "s", "port": 65536}]}}}',
    ],
)
def test_what_is_no_descriptor_is_told_and_never_half_read(text: bytes) -> None:
    with pytest.raises(DescriptorUnreadableError, match="is no "):
        read_static(text)


def test_a_plugin_that_is_not_there_is_broken_and_the_others_are_not(made: MadeWorkspace) -> None:
    made.add_unlisted(NOTIFIER)

    found = broken(made, "./plugins/gone/plugin.py", listed_as("notifier"), "./plugins/notifier", "acme-gone")

    assert found == [
        ("WSP_PLUGIN_NOT_FOUND", "./plugins/gone/plugin.py", "is not there"),
        ("WSP_PLUGIN_NOT_FOUND", "./plugins/notifier", "is a folder"),
        ("WSP_PLUGIN_NOT_FOUND", "acme-gone", "is not installed"),
    ]


@pytest.mark.parametrize(
    "path", ["./plugins/push-mail/plugin.py", "./plugins/class/plugin.py", "./plugins/a/p.txt"]
)
def test_a_path_that_python_cannot_import_is_broken(made: MadeWorkspace, path: str) -> None:
    made.write(path, "")

    assert broken(made, path) == [("WSP_PLUGIN_NOT_IMPORTABLE", path, "cannot be imported by its path")]


def test_a_plugin_without_a_descriptor_is_broken_and_still_has_a_module(made: MadeWorkspace) -> None:
    made.write("plugins/a/plugin.py", "")

    told = broken(made, "./plugins/a/plugin.py")

    place = "./plugins/a/plugin.py: scaffold.plugin.json"
    assert told == [("WSP_DESCRIPTOR_MISSING", place, "is not there")]
    assert (only_plugin(made).module, only_plugin(made).fault) == ("plugins.a.plugin", None)


def test_a_descriptor_that_cannot_be_read_is_told(made: MadeWorkspace) -> None:
    made.add_unlisted(NOTIFIER)
    made.write("plugins/notifier/scaffold.plugin.json", b" " * (1024 * 1024 + 1))

    (told,) = broken(made, listed_as("notifier"))

    assert told[0] == "WSP_DESCRIPTOR_UNREADABLE"
    assert "is larger than" in told[2]


def test_two_plugins_with_one_name_are_told_with_both_owners(made: MadeWorkspace, installed: Site) -> None:
    made.add_unlisted(NOTIFIER)
    installed.install_plugin("acme-notifier", NOTIFIER)

    told = broken(made, "acme-notifier", listed_as("notifier"))

    assert told == [
        (
            "WSP_PLUGIN_NAME_TAKEN",
            "notifier (./plugins/notifier/plugin.py)",
            "has the name of notifier (acme-notifier)",
        )
    ]


def test_a_distribution_is_found_by_its_name_however_it_is_written(
    made: MadeWorkspace, installed: Site
) -> None:
    installed.install_plugin("acme-notifier", NOTIFIER)
    made.lists("Acme.Notifier")

    found = only_plugin(made)

    assert (found.origin, found.distribution) == (Origin.DISTRIBUTION, "acme-notifier 1.0")
    assert (found.module, found.attribute) == ("acme_notifier.plugin", "manifest")
    assert (found.folder, found.broken) == (installed.folder / "acme_notifier", None)
    assert found.name == "notifier"
    assert "acme_notifier" not in sys.modules


def test_what_is_installed_and_not_listed_is_not_there(made: MadeWorkspace, installed: Site) -> None:
    installed.install_plugin("acme-notifier", NOTIFIER)
    made.lists()

    assert find_plugins(made.read()) == ()


def test_the_descriptor_of_a_distribution_lies_in_the_package_that_it_names(
    made: MadeWorkspace, installed: Site
) -> None:
    text = encode_descriptor(describe_plugin(NOTIFIER.build()))
    files: dict[str, str | bytes] = {
        "acme_deep/__init__.py": "raise SystemExit",
        "acme_deep/inner/__init__.py": "",
        f"acme_deep/inner/{FILE_NAME}": text,
    }
    installed.install("acme-deep", files, ["notifier = acme_deep.inner"])
    made.lists("acme-deep")

    found = only_plugin(made)

    assert (found.name, found.module, found.attribute) == ("notifier", "acme_deep.inner", None)
    assert found.broken is None


@pytest.mark.parametrize(
    ("points", "code", "problem"),
    [
        ([], "WSP_PLUGIN_NOT_OFFERED", "is installed, and offers no plugin"),
        (["a = acme_odd:a", "b = acme_odd:b"], "WSP_PLUGIN_NOT_OFFERED", "offers several plugins (a, b)"),
        (["a = acme odd"], "WSP_PLUGIN_NOT_IMPORTABLE", "offers 'acme odd', which is no import path"),
        (["a = acme_odd.gone:a"], "WSP_PLUGIN_NOT_IMPORTABLE", "offers acme_odd.gone, which is not there"),
        (["a = __main__:a"], "WSP_PLUGIN_NOT_IMPORTABLE", "offers __main__, which is not there"),
        (["a = acme_lost:a"], "WSP_PLUGIN_NOT_IMPORTABLE", "offers acme_lost, which is not there"),
    ],
)
def test_a_distribution_without_one_plugin_says_so(
    made: MadeWorkspace, installed: Site, points: list[str], code: str, problem: str
) -> None:
    installed.install("acme-odd", {"acme_odd/__init__.py": ""}, points)

    assert broken(made, "acme-odd") == [(code, "acme-odd", problem)]


@pytest.mark.parametrize("name", ["a b", "$", "-", "a" * 5000, "é"])
def test_a_name_that_no_distribution_has_is_not_installed(made: MadeWorkspace, name: str) -> None:
    assert broken(made, name) == [("WSP_PLUGIN_NOT_FOUND", name, "is not installed")]


def test_a_module_that_was_compiled_is_found(made: MadeWorkspace, installed: Site) -> None:
    suffix = EXTENSION_SUFFIXES[0]
    files = {"acme_c/__init__.py": "", f"acme_c/plugin{suffix}": ""}
    installed.install("acme-c", files, ["c = acme_c.plugin:manifest"])
    made.lists("acme-c")

    assert only_plugin(made).file == installed.folder / f"acme_c/plugin{suffix}"


def test_a_distribution_in_a_zip_is_told_to_be_in_one(
    made: MadeWorkspace, installed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed.install_plugin("acme-plugin", define_plugin("acme", "1.0"))
    archive = shutil.make_archive(str(installed.folder.with_name("zipped")), "zip", installed.folder)
    monkeypatch.setattr(sys, "path", [archive, *(each for each in sys.path if each != str(installed.folder))])
    made.lists("acme-plugin", listed_as("gone"))

    zipped, _ = find_plugins(made.read())

    assert zipped.fault is not None
    assert (zipped.fault.code, zipped.folder) == ("WSP_PLUGIN_NOT_IMPORTABLE", None)
    assert zipped.fault.problem == "offers acme_plugin.plugin in a zip, where no command finds its files"


# As setuptools writes it for an editable install: the package stands where its source is, found by a hook.
FINDER = """
import sys
from importlib.util import spec_from_file_location
class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return spec_from_file_location(name, {init!r}) if name == "acme_plugin" else None
sys.meta_path.append(Finder)
"""


def test_a_plugin_that_is_installed_editable_is_read_and_run_where_its_source_is(
    made: MadeWorkspace, installed: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    installed.install_plugin("acme-plugin", define_plugin("acme", "1.0"))
    source = (installed.folder / "acme_plugin").rename(tmp_path.resolve() / "acme_plugin")
    finder = FINDER.format(init=str(source / "__init__.py"))
    exec(finder, {})  # noqa: S102 - in this process, and by the name that Python looks for in each that it starts
    (installed.folder / "sitecustomize.py").write_text(finder)
    made.lists("acme-plugin")

    (plugin,) = find_plugins(made.read())
    (loaded,) = load_manifests(made.root, [plugin])

    assert (plugin.fault, plugin.descriptor_fault, plugin.folder) == (None, None, source)
    assert (loaded.faults, loaded.name) == ((), "acme")


def test_a_module_beside_no_package_is_found_and_has_no_descriptor_of_its_own(
    made: MadeWorkspace, installed: Site
) -> None:
    installed.install("acme-flat", {"acme_flat.py": ""}, ["flat = acme_flat:manifest"])
    made.lists("acme-flat")

    found = only_plugin(made)

    assert found.file == Path(installed.folder, "acme_flat.py")
    assert found.broken is not None
    assert found.broken.code == "WSP_DESCRIPTOR_MISSING"
