"""A soak of seconds, with everything real: workers, store, provider, and one power failure of the store."""

from pathlib import Path

import pytest

from benchmarks.soaking.report import as_json, as_table
from benchmarks.soaking.run import Plan, soak

pytestmark = [pytest.mark.slow, pytest.mark.full]


async def test_a_store_that_is_killed_makes_no_answer_wrong(tmp_path: Path) -> None:
    soaked = await soak(tmp_path, Plan(6.0, saturation_seconds=1.0, restarts=1))

    assert soaked.faults == [], soaked.ledger.examples
    assert set(soaked.ledger.seconds) >= {"session", "me", "sign in", "sign out", "end"}
    assert sum(soaked.ledger.unavailable.values()) > 0
    assert len(soaked.away) == 1
    assert len(soaked.growth) == 2
    assert as_json(soaked)["faults"] == []
    assert as_table(soaked).endswith("no wrong answer")
