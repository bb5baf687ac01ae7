"""The soak tells memory that grows from memory that does not."""

import os

import pytest

from benchmarks.serving.processes import children_of, resident_mib
from benchmarks.soaking.memory import growth_of

MINUTES_10 = range(0, 600, 2)


def test_memory_that_grows_by_ten_mib_in_ten_minutes_is_not_flat() -> None:
    growth = growth_of([(second, 80 + 15 * second / 600) for second in MINUTES_10])

    assert growth.is_flat is False
    assert growth.mib_per_hour == pytest.approx(90)


def test_caches_that_fill_at_first_are_no_growth() -> None:
    growth = growth_of([(second, 60 + min(second, 150) / 5) for second in MINUTES_10])

    assert growth.is_flat is True
    assert (growth.first_mib, growth.last_mib) == (60, 90)


def test_memory_that_goes_up_and_down_is_flat() -> None:
    growth = growth_of([(second, 80 + second % 8) for second in MINUTES_10])

    assert growth.is_flat is True


def test_a_run_of_seconds_is_not_judged() -> None:
    assert growth_of([(0, 60), (1, 90), (2, 120)]).is_flat is None


def test_one_look_is_no_growth() -> None:
    assert growth_of([(0, 60)]).mib_per_hour == 0


def test_the_memory_of_this_process_is_seen() -> None:
    assert 10 < resident_mib(os.getpid()) < 10_000


def test_a_process_that_is_gone_is_told() -> None:
    with pytest.raises(ProcessLookupError):
        resident_mib(2**22 + 1)


def test_a_process_is_among_the_children_of_its_parent() -> None:
    assert os.getpid() in children_of(os.getppid())
