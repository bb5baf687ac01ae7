"""Time that is moved, and identifiers that are random, canonical and apart from each other."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from netscript_kernel.clock import Clock, SettableClock, SystemClock
from netscript_kernel.ids import (
    decode_base64url,
    digest,
    digest_after,
    encode_base64url,
    new_id,
    new_token,
)


def test_the_machine_s_clock_tells_utc_both_ways() -> None:
    clock: Clock = SystemClock()

    before, now, after = clock.unix(), clock.now(), clock.unix()

    assert now.tzinfo is UTC
    assert before - 1 <= now.timestamp() <= after + 1


def test_a_settable_clock_stands_still_until_it_is_moved() -> None:
    clock = SettableClock(datetime(2026, 1, 1, tzinfo=UTC))

    first, second = clock.now(), clock.now()
    clock.advance(timedelta(minutes=11))

    assert first == second == datetime(2026, 1, 1, tzinfo=UTC)
    assert clock.now() == datetime(2026, 1, 1, 0, 11, tzinfo=UTC)
    assert clock.unix() == clock.now().timestamp()


def test_a_settable_clock_goes_back_and_jumps() -> None:
    clock = SettableClock()
    clock.advance(timedelta(days=-1))
    back = clock.now()

    clock.set(datetime(2030, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))))

    assert back == datetime(2025, 12, 31, tzinfo=UTC)
    assert clock.now() == datetime(2030, 1, 1, tzinfo=UTC)
    assert clock.now().tzinfo is UTC


def test_a_clock_does_not_start_at_a_time_without_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        SettableClock(datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


def test_tokens_hold_256_bits_and_ids_128_behind_their_prefix() -> None:
    tokens = {new_token() for _ in range(1000)}
    ids = {new_id("usr") for _ in range(1000)}

    assert len(tokens) == len(ids) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)
    assert all(re.fullmatch(r"usr_[A-Za-z0-9_-]{22}", each) for each in ids)


@given(st.binary(max_size=100))
def test_base64url_goes_there_and_back(data: bytes) -> None:
    text = encode_base64url(data)

    assert re.fullmatch(r"[A-Za-z0-9_-]*", text)
    assert decode_base64url(text) == data
    assert decode_base64url(text + "=" * (-len(text) % 4)) == data


@given(st.text(max_size=60))
def test_text_decodes_only_if_it_encodes_back_to_itself(text: str) -> None:
    try:
        data = decode_base64url(text)
    except ValueError:
        return
    assert encode_base64url(data) == text.rstrip("=")


@pytest.mark.parametrize("text", ["A", "AAAAA", "AB", "A+/A", "AA==A", "A A=", "AA\n", "ÄÄÄÄ", "A.AA"])
def test_what_is_no_canonical_base64url_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of them it is depends on the fault
        decode_base64url(text)


def test_a_digest_is_stable() -> None:
    assert digest("a") == digest("a")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", digest("a", "b"))
    assert digest() != digest("")


def test_what_is_kept_under_a_digest_is_found_by_every_version() -> None:
    assert digest("session-handle", "a" * 43) == "EsPqwAzGJjCTCY3PO2_3wKBoTDHyv6RfXURklx4vNE8"


@given(st.text(), st.text())
def test_a_digest_begun_beforehand_is_the_same_digest(first: str, second: str) -> None:
    finish = digest_after(first)

    assert [finish(second), finish(second)] == [digest(first, second)] * 2


@given(first=st.lists(st.text(max_size=8), max_size=4), second=st.lists(st.text(max_size=8), max_size=4))
def test_parts_of_a_digest_do_not_run_into_each_other(first: list[str], second: list[str]) -> None:
    assume(first != second)

    assert digest(*first) != digest(*second)


def test_a_digest_of_odd_text_is_no_error() -> None:
    assert digest("\ud800") != digest("\udfff")
