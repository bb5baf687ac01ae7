"""The adapter's README says of the settings what the settings say."""

import re
from pathlib import Path

from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_workos import WorkOSSettings

README = (Path(__file__).parents[2] / "adapters" / "workos" / "README.md").read_text("utf-8")


def test_the_table_names_every_variable_and_no_other() -> None:
    rows = [line for line in README.splitlines() if re.match(r"\| `[A-Z_]*WORKOS_", line)]

    named = {name for row in rows for name in re.findall(r"`([A-Z_]*WORKOS_[A-Z_]+)`", row.split("|")[1])}

    assert named == {WorkOSSettings.variable(field) for field in WorkOSSettings.model_fields}


def test_every_reason_that_is_named_is_one() -> None:
    rows = README.partition("| nobody, because |")[2].partition("\n\n")[0]

    named = set(re.findall(r"\| `([a-z_]+)`", rows))

    assert named
    assert named <= {each.value for each in AnonymousReason}
