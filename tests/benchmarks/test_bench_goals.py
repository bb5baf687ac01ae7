"""Every benchmark is run by ``all``, and a goal is judged by the number that it is about."""

import pytest

from benchmarks.all import QUICK, SHORT
from benchmarks.serving.goals import GOALS, Goal, judged
from workspace import ROOT

LEAST = Goal("session_check", ("redis", "ratio"), "of raw ASGI", 0.6)
MOST = Goal("cold_start", ("memory",), "of FastAPI", 1.3, is_least=False)


def test_all_runs_every_benchmark() -> None:
    assert QUICK.keys() == SHORT.keys()
    assert {*QUICK, "all"} == {path.stem for path in (ROOT / "benchmarks").glob("*.py")}


def test_every_goal_is_of_a_benchmark_that_runs() -> None:
    assert {goal.benchmark for goal in GOALS} <= set(QUICK)


@pytest.mark.parametrize(
    ("goal", "number", "is_reached"),
    [(LEAST, 0.6, True), (LEAST, 0.599, False), (MOST, 1.3, True), (MOST, 1.301, False)],
)
def test_a_goal_is_reached_at_its_bound(goal: Goal, number: float, is_reached: bool) -> None:
    assert goal.is_reached(number) == is_reached


@pytest.mark.parametrize("numbers", [{}, {"redis": 3}, {"redis": {"p99": 1}}, {"sqlite": {"ratio": 1}}])
def test_what_was_not_measured_is_none(numbers: dict[str, object]) -> None:
    assert LEAST.measured(numbers) is None


def test_each_goal_has_a_row_with_its_verdict() -> None:
    rows = judged({"session_check": {"redis": {"ratio": 0.7}, "sqlite": {"ratio": 0.2}}})

    assert len(rows) == len(GOALS) + 1
    assert sum(row.endswith("  reached") for row in rows) == 1
    assert sum(row.endswith("NOT reached") for row in rows) == 1
    assert sum(row.endswith("not measured") for row in rows) == len(GOALS) - 2
