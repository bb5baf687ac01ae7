"""docs/comparison.md repeats the measured numbers, and no others."""

import re

from workspace import ROOT

PAGE = (ROOT / "docs" / "comparison.md").read_text()
RESULTS = (ROOT / "benchmarks" / "RESULTS.md").read_text()
_ROW = re.compile(r"^\| (auth-api, \w+|better-auth|fastapi-users) \| ([\d.]+) \| ([\d. x]*)\|", re.MULTILINE)


def test_the_ratios_are_those_of_the_last_run() -> None:
    told = _ROW.findall(PAGE.partition("## Speed")[2])

    measured = _ROW.findall(RESULTS.partition("session_check")[2].partition("## ")[0])

    assert len(told) == 4
    assert told == measured
