"""Cookies of an upstream: exactly those that are asked for, whatever stands around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_auth_core.request_cookies import cookie_family, cookie_values

NAME = "upstream.session"


@pytest.mark.parametrize(
    "line",
    [
        f"{NAME}=v",
        f"a=b; {NAME}=v; c=d",
        f"a=b;{NAME}=v",
        f"a=b;\t {NAME} = v \t",
        f"; ;;= ;=x;{NAME}=v;",
        f'broken=%; %zz=%ZZ; "quoted; {NAME}=v',
        f"flag; {NAME}=v",
    ],
)
def test_a_cookie_is_found_among_others(line: str) -> None:
    assert cookie_values({"cookie": line}, NAME) == ("v",)


@pytest.mark.parametrize("line", ["", NAME, f"x{NAME}=v", f"{NAME}x=v", f"{NAME.upper()}=v", f"a={NAME}=v"])
def test_what_is_not_exactly_it_is_none(line: str) -> None:
    assert cookie_values({"cookie": line}, NAME) == ()
    assert cookie_values({}, NAME) == ()


def test_a_value_is_given_as_it_was_sent() -> None:
    assert cookie_values({"cookie": f'{NAME}="a%3D=b"'}, NAME) == ('"a%3D=b"',)


def test_every_value_of_a_name_is_shown() -> None:
    headers = {"cookie": f"{NAME}=1; x=2; {NAME}=3"}

    assert cookie_values(headers, NAME) == ("1", "3")
    assert cookie_family(headers, NAME) == {NAME: ("1", "3")}


def test_a_family_shares_the_beginning_of_its_names() -> None:
    headers = {"cookie": f"{NAME}.0=a; {NAME}.1=b; other=c; {NAME}.1=d"}

    assert cookie_family(headers, f"{NAME}.") == {f"{NAME}.0": ("a",), f"{NAME}.1": ("b", "d")}


_OCTETS = st.text(st.sampled_from('ab=%." '), max_size=6)


@given(pairs=st.lists(st.tuples(_OCTETS, _OCTETS), max_size=6))
def test_what_is_found_was_sent(pairs: list[tuple[str, str]]) -> None:
    line = ";".join(f"{name}={value}" for name, value in pairs)

    found = cookie_family({"cookie": line}, "")

    assert sum(map(len, found.values())) == len(pairs)
    for name in found:
        assert cookie_values({"cookie": line}, name) == found[name]
