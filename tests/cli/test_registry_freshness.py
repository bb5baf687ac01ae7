"""Whether registries are fresh is found out without running or changing anything."""

import pytest

from netscript_cli.doctor.examination import examine
from netscript_cli.generation.changes import changes_to
from netscript_cli.generation.freshness import registry_faults
from netscript_cli.generation.generation import registries_of, scans_of
from netscript_cli.generation.making import make
from netscript_cli.generation.registry_text import HEADER
from netscript_cli.workspace.discovery import find_plugins
from netscript_cli.workspace.manifests import LoadedPlugin
from netscript_kernel.plugins import define_plugin
from tests.support.workspaces import MadeWorkspace, listed_as

PLUGIN = define_plugin("push-mail", "0.1.0")
LISTED = listed_as("push-mail")
MAKE = "from types import SimpleNamespace as make\n"
REGISTRY = ".netscript/generated/plugin_push_mail/jobs_registry.py"


def loaded(made: MadeWorkspace) -> list[LoadedPlugin]:
    return [LoadedPlugin(found, PLUGIN.build()) for found in find_plugins(made.read())]


def told(made: MadeWorkspace) -> dict[str | None, list[tuple[str, str]]]:
    faults = registry_faults(made.read(), loaded(made))
    return {owner: [(fault.code.value, fault.place) for fault in each] for owner, each in faults.items()}


@pytest.fixture
def mailer(made: MadeWorkspace) -> MadeWorkspace:
    """A workspace with one plugin, one job and a fresh registry."""
    made.add(PLUGIN)
    made.write("plugins/push_mail/jobs/mails.py", f"{MAKE}mails = make(id='send-mail')")
    workspace = made.read()
    (plugin,) = loaded(made)
    wanted = registries_of("push-mail", scans_of(workspace, plugin.found))
    make(workspace.root, changes_to(workspace.root, wanted))
    return made


def test_nothing_is_told_of_one_that_is_fresh(mailer: MadeWorkspace) -> None:
    assert told(mailer) == {LISTED: []}


def test_one_that_is_missing_is_told(mailer: MadeWorkspace) -> None:
    (mailer.root / REGISTRY).unlink()

    assert told(mailer) == {LISTED: [("PLG_REGISTRY_MISSING", REGISTRY)]}


def test_one_that_its_sources_have_left_behind_is_told(mailer: MadeWorkspace) -> None:
    mailer.write("plugins/push_mail/jobs/more.py", "more = make(id='more')")

    assert told(mailer) == {LISTED: [("PLG_REGISTRY_STALE", REGISTRY)]}


def test_the_doctor_tells_it(mailer: MadeWorkspace) -> None:
    mailer.write("plugins/push_mail/jobs/more.py", f"{MAKE}more = make(id='more')")

    found = [each for each in examine(mailer.root, variables={}) if each.findings]

    assert [(each.check, each.plugin) for each in found] == [("registries", "push-mail")]
    assert found[0].findings[0].fix == "run netscript generate plugins"


def test_the_doctor_tells_what_cannot_be_imported_as_generation_does(mailer: MadeWorkspace) -> None:
    mailer.write("plugins/push_mail/jobs/mails.py", f"import nothere\n{MAKE}mails = make(id='send-mail')")

    found = [each for each in examine(mailer.root, variables={}) if each.findings]

    assert [(each.check, each.plugin) for each in found] == [("contributions", "push-mail")]
    assert found[0].findings[0].code == "PLG_CONTRIBUTION_UNCONFIRMED"
    assert found[0].findings[0].fix == "install what brings nothere, or mend the import"


def test_one_of_an_axis_that_is_gone_is_told(mailer: MadeWorkspace) -> None:
    old = REGISTRY.replace("jobs", "sagas")
    mailer.write(old, HEADER)

    assert told(mailer) == {LISTED: [("PLG_REGISTRY_STALE", old)]}


def test_one_of_a_plugin_that_is_gone_is_the_workspaces(mailer: MadeWorkspace) -> None:
    old = ".netscript/generated/plugin_gone/jobs_registry.py"
    mailer.write(old, HEADER)

    assert told(mailer) == {LISTED: [], None: [("PLG_REGISTRY_STALE", old)]}


def test_of_a_source_with_a_fault_only_that_is_told(mailer: MadeWorkspace) -> None:
    mailer.write("plugins/push_mail/jobs/more.py", "")

    assert told(mailer) == {LISTED: [("PLG_CONTRIBUTION_MISSING", "plugins/push_mail/jobs/more.py")]}


def test_a_plugin_without_a_manifest_is_left_out(mailer: MadeWorkspace) -> None:
    (found,) = find_plugins(mailer.read())

    faults = registry_faults(mailer.read(), [LoadedPlugin(found, None)])

    assert faults == {}
