"""Record 0008 says what came of old words; whoever tries one gets what it says."""

import re
from typing import Any, cast

import pytest

from netscript_cli.own_commands import OWN_COMMANDS
from netscript_cli.workspace.faults import WorkspaceFaultCode
from netscript_kernel.plugins import FaultCode, PluginInvalidError, define_plugin, read_manifest
from netscript_kernel.plugins.descriptor_reading import read_descriptor
from tests.support.commands import run
from workspace import ROOT

CODE = re.compile(r"`([^`]+)`")
RECORD = (ROOT / "docs/decisions/0008-renamed-or-left-out.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in RECORD.splitlines()
    if line.startswith("| ") and not line.startswith("| there |")
]


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:40] for row in ROWS])
def test_a_row_says_what_became_of_it_and_why(row: list[str]) -> None:
    there, _, what, why, gets = row

    assert there
    assert re.match(r"renamed|later|left out", what)
    assert why
    assert gets


def test_every_code_that_it_names_is_one() -> None:
    named = set(re.findall(r"\b(?:PLG|WSP)_[A-Z_]+", RECORD))

    assert named
    assert named <= {code.value for code in (*FaultCode, *WorkspaceFaultCode)}


def commands_of(gets: str) -> list[str]:
    """Return what rows name for the command line, of those that promise this answer."""
    told = [row[0] for row in ROWS if row[-1] == gets]
    typed = [
        words.removeprefix("netscript ").removesuffix(" ...") for cell in told for words in CODE.findall(cell)
    ]
    return sorted(typed)


@pytest.mark.parametrize("words", commands_of("no such command"))
def test_a_command_that_is_not_here_is_no_command(words: str) -> None:
    group, *rest = words.split()

    told = run(group, *rest)

    assert (told.code, told.output) == (2, "")
    unknown = f"No such command '{rest[0]}'" if group in OWN_COMMANDS else f"no command named '{group}'"
    assert unknown in told.errors


@pytest.mark.parametrize("words", commands_of("no such option"))
def test_an_option_that_is_not_here_is_no_option(words: str) -> None:
    *_, option = words.split()

    told = run(*words.split())

    assert (told.code, told.output) == (2, "")
    assert f"No such option: {option}" in told.errors


def test_the_record_names_what_the_design_has_and_the_command_has_not() -> None:
    typed = {*commands_of("no such command"), *commands_of("no such option")}

    assert {"start", "plugin check", "service add", "config override", "dashboard", "db"} < typed
    assert "plugin doctor --fix" in typed


@pytest.mark.parametrize("field", ["permissions", "hooks", "type", "modelType", "createModel"])
def test_a_field_that_is_not_here_is_refused(field: str) -> None:
    draft: dict[str, Any] = {"name": "notifier", "version": "0.1.0", field: {}}

    with pytest.raises(PluginInvalidError) as raised:
        read_manifest(draft)

    assert [fault.code for fault in raised.value.faults] == [FaultCode.UNKNOWN_FIELD]


@pytest.mark.parametrize("field", ["defaultPermissions", "portRangeKey"])
def test_a_field_of_the_descriptor_that_is_not_here_is_refused_with_the_reason(field: str) -> None:
    text = f'{{"provider": {{"{field}": []}}, "officialSource": {{"canonicalName": "notifier"}}}}'

    with pytest.raises(PluginInvalidError) as raised:
        read_descriptor(text.encode(), "scaffold.plugin.json")

    assert "is left out here: " in str(raised.value)


def test_a_contribution_that_is_a_function_of_others_is_no_contribution() -> None:
    def gates(_: object) -> list[dict[str, str]]:
        return [{"name": "notifier.smoke", "command": "true"}]

    with pytest.raises(TypeError):
        define_plugin("notifier", "0.1.0").with_e2e(cast("Any", gates))
