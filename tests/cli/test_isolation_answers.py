"""What comes back from the process that runs plugins is believed only where it has the form that is due."""

import pytest
from pydantic import TypeAdapter

from netscript_cli.isolation.answers import STRANGE, outcome_of
from netscript_cli.isolation.tasks import Outcome
from netscript_cli.workspace.discovery import find_plugins
from netscript_cli.workspace.manifest_probe import ManifestAnswer
from netscript_cli.workspace.manifests import load_manifests
from tests.support.workspaces import MadeWorkspace, listed_as

FORM: TypeAdapter[ManifestAnswer] = TypeAdapter(ManifestAnswer)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ('m {"answer": {"none": "it"}}', Outcome({"none": "it"})),
        ('m {"broken": "raises", "missing": null}', Outcome(broken="raises")),
        ('m {"broken": "raises", "missing": "acme"}', Outcome(broken="raises", missing="acme")),
    ],
)
def test_a_line_with_the_mark_of_the_task_and_an_answer_in_its_form_counts(
    line: str, outcome: Outcome
) -> None:
    assert outcome_of(line.encode(), "m", FORM) == outcome


@pytest.mark.parametrize(
    "line",
    [
        "",
        "m",
        "m 5",
        "m null",
        "m {}",
        'm {"answer": null}',
        'm {"answer": 5}',
        'm {"answer": {}}',
        'm {"answer": {"manifest": 5}}',
        'm {"answer": {"several": [1]}}',
        'm {"answer": {"faults": [{}]}}',
        'm {"answer": {"faults": [{"code": "no", "place": "", "problem": "", "fix": ""}]}}',
        'm {"broken": 5}',
        'm {"broken": "raises", "missing": 5}',
        'm {"broken": "raises", "hung": "no"}',
        "m " + "[" * 100_000,
        'm {"answer": {"none": "\\ud800"}}',
        'n {"answer": {"none": "it"}}',
        '{"answer": {"none": "it"}}',
    ],
)
def test_any_other_line_was_not_written_by_us(line: str) -> None:
    assert outcome_of(line.encode(), "m", FORM) is STRANGE


def test_a_plugin_that_has_our_answers_changed_is_told_and_breaks_no_command(made: MadeWorkspace) -> None:
    made.breaks("odd", "import json\njson.dumps = lambda *_, **__: '{\"answer\": {}}'")
    made.breaks("words", r"import os; __file__ = os.fsdecode(b'/\xff')")
    made.lists(listed_as("odd"), listed_as("words"))

    loaded = load_manifests(made.root, find_plugins(made.read()))

    problems = [fault.problem for each in loaded for fault in each.faults]
    assert problems[0] == "writes into what does not belong to it"
    assert problems[1].startswith("is not what Python imports as plugins.words.plugin")
