"""Signed cookies, found by trying: nothing opens that was not written here, for this, as it is."""

import string
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netscript_auth_core.ports import FlowCookie
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing
from netscript_plugin_auth.clock_signer import ClockSigner
from netscript_plugin_auth.cookies import CookiePolicy
from netscript_plugin_auth.flash import LIFETIME, LONGEST_VALUE, Flash
from netscript_plugin_auth.flow_cookies import FlowCookies

CLOCK, RING = SettableClock(), KeyRing([bytes(range(32))])
POLICY = CookiePolicy(is_secure=True)
SIGNER = ClockSigner(RING.signing_keys("test"), CLOCK)
FLASH, FLOWS = Flash(POLICY, RING, CLOCK), FlowCookies(POLICY, RING, CLOCK)
SIGNED = SIGNER.sign("text", context="c")
ANY_TEXT = st.text(st.characters(exclude_categories=()))
PLAIN = st.text(string.ascii_letters + string.digits + "-_.", min_size=1, max_size=40)
NEAR = st.text(string.ascii_letters + string.digits + "-_.=+/ %\n\x00\u00e9", min_size=1, max_size=4)


@given(PLAIN, PLAIN)
def test_what_was_signed_opens_again_for_the_same_context(text: str, context: str) -> None:
    opened = SIGNER.open(SIGNER.sign(text, context=context), context=context)

    assert opened == (text, CLOCK.now())


@given(ANY_TEXT)
def test_any_text_opens_for_nothing(text: str) -> None:
    assert SIGNER.open(text, context="c") is None


@given(PLAIN.filter(lambda context: context != "c"))
def test_a_signed_text_opens_for_no_other_context(context: str) -> None:
    assert SIGNER.open(SIGNED, context=context) is None


@given(st.integers(0), NEAR, st.booleans())
@example(len(SIGNED), "=", False)
@example(len(SIGNED), "==", False)
def test_a_signed_text_with_anything_more_or_else_does_not_open(at: int, more: str, instead: bool) -> None:
    place = at % (len(SIGNED) + 1)
    changed = SIGNED[:place] + more + SIGNED[place + len(more) * instead :]

    opened = SIGNER.open(changed, context="c")

    assert (opened is not None) == (changed == SIGNED)


@given(st.integers(0, len(SIGNED) - 1))
def test_a_signed_text_that_was_cut_does_not_open(length: int) -> None:
    assert SIGNER.open(SIGNED[:length], context="c") is None
    assert SIGNER.open(SIGNED[length + 1 :], context="c") is None


@given(st.binary(max_size=200))
def test_any_bytes_in_a_cookie_are_no_flow_and_no_flash(value: bytes) -> None:
    headers = [
        (b"cookie", POLICY.flow_name("a").encode() + b"=" + value),
        (b"cookie", POLICY.flash_name.encode() + b"=" + value),
    ]

    assert FLOWS.read(headers) == {}
    assert FLASH.take(headers, "state") == ()
    assert all(line.startswith("__Host-") for line in FLOWS.begin(_flow("b"), headers))


@given(st.lists(st.tuples(st.sampled_from(["user", "code", "admin"]), ANY_TEXT), max_size=4), ANY_TEXT)
def test_what_is_left_for_a_sign_in_comes_back_whole_once_known_by_its_state(
    parameters: list[tuple[str, str]], state: str
) -> None:
    line = FLASH.leave(parameters, state)

    if line is None:
        return
    value = line.partition(";")[0].partition("=")[2]
    headers = [(b"cookie", f"{POLICY.flash_name}={value}".encode())]
    assert FLASH.take(headers, state) == [pair for pair in parameters if pair[0] == "user"]
    assert FLASH.take(headers, f"{state}x") == ()
    assert len(value) < LONGEST_VALUE + 100


@pytest.mark.parametrize(
    ("passed", "is_there"), [(LIFETIME, True), (LIFETIME + timedelta(seconds=1), False)], ids=str
)
def test_what_is_left_is_there_for_a_minute_to_the_second(passed: timedelta, is_there: bool) -> None:
    clock = SettableClock()
    flash = Flash(POLICY, RING, clock)
    line = flash.leave([("user", "x")], "s") or ""
    headers = [(b"cookie", line.partition(";")[0].encode())]

    clock.advance(passed)

    assert bool(flash.take(headers, "s")) is is_there


@given(PLAIN.filter(lambda text: len(text) <= 30))
def test_a_cookie_of_one_kind_is_none_of_another(value: str) -> None:
    line = FLOWS.begin(_flow("a", value), [])[0]
    written = line.partition(";")[0].partition("=")[2]

    assert FLOWS.read([(b"cookie", f"{POLICY.flow_name('a')}={written}".encode())]) == {"a": value}
    assert FLASH.take([(b"cookie", f"{POLICY.flash_name}={written}".encode())], "a") == ()


def _flow(flow_id: str, value: str = "v") -> FlowCookie:
    return FlowCookie(flow_id=flow_id, value=value, lifetime=timedelta(minutes=10))
