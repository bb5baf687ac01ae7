"""Buckets: what a client may take, what a flood of others changes about that, and how much is kept."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_kernel.clock import SettableClock
from netscript_plugin_auth.limits.buckets import Buckets
from netscript_plugin_auth.limits.rate import Rate, read_rate

MINUTE = timedelta(minutes=1)
FEW = 50


def _taken(buckets: Buckets, client: str, tries: int) -> int:
    """Try so often, and return how often it was allowed."""
    taken = 0
    for _ in range(tries):
        if not buckets.wait(client):
            buckets.take(client)
            taken += 1
    return taken


@given(
    requests=st.integers(10, 400),
    period=st.sampled_from([timedelta(seconds=1), MINUTE, timedelta(hours=1)]),
    steps=st.lists(st.tuples(st.floats(0, 90), st.integers(1, 60)), max_size=20),
)
def test_nobody_ever_takes_more_than_the_burst_and_the_rate_of_the_time_that_passed(
    requests: int, period: timedelta, steps: list[tuple[float, int]]
) -> None:
    clock = SettableClock()
    buckets = Buckets(Rate(requests, period), clock, FEW)
    begun, taken = clock.now(), 0

    for seconds, tries in steps:
        clock.advance(timedelta(seconds=seconds))
        taken += _taken(buckets, "one", tries)

        passed = clock.now() - begun
        assert taken <= requests + requests * (passed / period) + 1e-6


@given(requests=st.integers(10, 400))
def test_the_whole_burst_can_be_had_at_once_and_again_after_a_period(requests: int) -> None:
    clock = SettableClock()
    buckets = Buckets(Rate(requests, MINUTE), clock, FEW)

    assert _taken(buckets, "one", requests + 5) == requests
    clock.advance(MINUTE + timedelta(milliseconds=1))
    assert _taken(buckets, "one", requests + 5) == requests


def test_who_waits_as_long_as_was_said_may_take_one() -> None:
    clock = SettableClock()
    buckets = Buckets(Rate(60, MINUTE), clock, FEW)
    _taken(buckets, "one", 60)

    wait = buckets.wait("one")

    assert wait == 1
    clock.advance(timedelta(seconds=wait))
    assert _taken(buckets, "one", 5) == 1


@given(clients=st.lists(st.integers(0, 400), max_size=600), seconds=st.floats(0, 2))
def test_what_is_kept_stays_within_its_bounds_whoever_asks(clients: list[int], seconds: float) -> None:
    clock = SettableClock()
    buckets = Buckets(Rate(10, MINUTE), clock, FEW)

    for client in clients:
        clock.advance(timedelta(seconds=seconds))
        _taken(buckets, str(client), 1)

        assert len(buckets) <= FEW


def test_what_is_given_back_can_be_taken_again_and_nothing_beyond_it() -> None:
    buckets = Buckets(Rate(10, MINUTE), SettableClock(), FEW)
    assert _taken(buckets, "one", 20) == 10

    buckets.give_back("one")
    buckets.give_back("nobody")

    assert _taken(buckets, "one", 20) == 1
    assert _taken(buckets, "nobody", 20) == 10


def test_a_flood_of_addresses_does_not_free_whoever_asks_all_the_time() -> None:
    clock = SettableClock()
    buckets = Buckets(Rate(10, MINUTE), clock, FEW)
    _taken(buckets, "heavy", 10)

    for number in range(20 * FEW):
        assert _taken(buckets, f"flood {number}", 1) == 1, "nobody is refused for what others did"

    assert _taken(buckets, "heavy", 5) == 0


def test_a_flood_that_is_over_is_forgotten_by_and_by() -> None:
    clock = SettableClock()
    buckets = Buckets(Rate(10, MINUTE), clock, FEW)
    for number in range(FEW):
        _taken(buckets, f"flood {number}", 1)
    clock.advance(2 * MINUTE)

    for number in range(FEW):
        _taken(buckets, f"later {number}", 1)
        clock.advance(2 * MINUTE)

    assert len(buckets) <= 2


def test_a_clock_that_is_set_back_by_a_day_refuses_nobody_for_longer_than_a_period() -> None:
    clock = SettableClock()
    buckets = Buckets(Rate(10, MINUTE), clock, FEW)
    _taken(buckets, "one", 10)

    clock.advance(timedelta(days=-1))

    assert 0 < buckets.wait("one") <= 6
    clock.advance(MINUTE)
    assert _taken(buckets, "one", 20) == 10


def test_that_somebody_waits_is_news_once_in_a_period() -> None:
    clock = SettableClock()
    buckets = Buckets(Rate(10, MINUTE), clock, FEW)
    _taken(buckets, "one", 10)

    told = [buckets.is_news("one") for _ in range(3)]
    clock.advance(MINUTE)

    assert told == [True, False, False]
    assert buckets.is_news("one")


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("300/m", Rate(300, MINUTE)),
        (" 10 / s ", Rate(10, timedelta(seconds=1))),
        ("5000/h", Rate(5000, timedelta(hours=1))),
        ("off", None),
    ],
)
def test_a_rate_is_read_as_operators_write_it(text: str, rate: Rate | None) -> None:
    assert read_rate(text) == rate


@pytest.mark.parametrize("text", ["", "300", "m/300", "300/d", "-5/m", "3.5/s", "Off ", "9/m", "99999999/m"])
def test_what_is_no_rate_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"^is (not a rate|under 10)"):
        read_rate(text)
