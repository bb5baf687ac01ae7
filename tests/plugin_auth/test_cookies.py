"""Writing cookies: one policy for all, flow cookies bounded, a flash bound to its sign-in."""

import re
from datetime import timedelta

import pytest

from netscript_auth_core.ports import FlowCookie
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing
from netscript_plugin_auth.cookies import CookiePolicy
from netscript_plugin_auth.flash import Flash
from netscript_plugin_auth.flow_cookies import FlowCookies

KEY, OTHER_KEY = bytes(range(32)), bytes(range(32, 64))
SECURE, PLAIN = CookiePolicy(is_secure=True), CookiePolicy(is_secure=False)
MINUTES_10 = timedelta(minutes=10)


class Jar:
    """Keeps cookies as a browser does, without their attributes."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def take(self, lines: list[str]) -> None:
        for line in lines:
            name, _, value = line.partition(";")[0].partition("=")
            self.kept.pop(name, None)
            if "Max-Age=0;" not in line:
                self.kept[name] = value

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        return [(b"cookie", "; ".join(f"{name}={value}" for name, value in self.kept.items()).encode())]


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def flows(clock: SettableClock) -> FlowCookies:
    return FlowCookies(SECURE, KeyRing([KEY]), clock)


def flow(flow_id: str) -> FlowCookie:
    return FlowCookie(flow_id=flow_id, value=f"value.of.{flow_id}", lifetime=MINUTES_10)


def test_a_cookie_over_https_has_the_whole_policy() -> None:
    line = SECURE.write(SECURE.session_name, "token", timedelta(days=7))

    assert line == ("__Host-netscript-session=token; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax; Secure")


def test_a_cookie_over_plain_http_has_neither_prefix_nor_secure() -> None:
    line = PLAIN.write(PLAIN.session_name, "token", timedelta(seconds=1.9))

    assert line == "netscript-session=token; Max-Age=1; Path=/; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize("policy", [SECURE, PLAIN])
def test_a_deletion_has_the_same_attributes(policy: CookiePolicy) -> None:
    written, cleared = policy.write("n", "v", MINUTES_10), policy.clear("n")

    def attributes(line: str) -> set[str]:
        return {part for part in line.split("; ")[1:] if not re.match("Max-Age|Expires", part)}

    assert attributes(written) == attributes(cleared)
    assert "Max-Age=0" in cleared


@pytest.mark.parametrize("value", ["", "a b", "a;b", "a,b", 'a"b', "a\\b", "a\r\nb", "é", "\x00"])
def test_a_value_that_would_need_quoting_is_never_written(value: str) -> None:
    with pytest.raises(ValueError, match="cannot carry"):
        SECURE.write("n", value, MINUTES_10)


def test_a_cookie_that_browsers_drop_is_never_written() -> None:
    with pytest.raises(ValueError, match="4096"):
        SECURE.write("name", "v" * 4093, MINUTES_10)


def test_what_a_flow_left_is_read_back(flows: FlowCookies) -> None:
    jar = Jar()

    jar.take(flows.begin(flow("a"), jar.headers))

    assert list(jar.kept) == ["__Host-netscript-flow-a"]
    assert flows.read(jar.headers) == {"a": "value.of.a"}


def test_a_sixth_flow_drops_the_oldest_by_our_clock(flows: FlowCookies, clock: SettableClock) -> None:
    jar = Jar()
    for flow_id in "cadbe":
        jar.take(flows.begin(flow(flow_id), jar.headers))
        clock.advance(timedelta(seconds=1))
    shuffled = Jar()
    shuffled.kept = dict(sorted(jar.kept.items()))

    shuffled.take(flows.begin(flow("f"), shuffled.headers))

    assert sorted(flows.read(shuffled.headers)) == ["a", "b", "d", "e", "f"]


@pytest.mark.parametrize(
    "forged",
    ["value.of.a", "value.of.a.AAAAAA.BBBBBB", "", "....", "\xff", "value.of.a.AAAAAA." + "x" * 3000],
)
def test_a_flow_cookie_that_is_not_ours_counts_for_nothing_and_is_cleared(
    flows: FlowCookies, forged: str
) -> None:
    headers = [(b"cookie", f"__Host-netscript-flow-a={forged}".encode())]

    read, lines = flows.read(headers), flows.begin(flow("b"), headers)

    assert read == {}
    assert [line.partition(";")[0] for line in lines[1:]] == ["__Host-netscript-flow-a="]


def test_a_flow_cookie_with_any_one_bit_changed_counts_for_nothing(flows: FlowCookies) -> None:
    for number in range(8):  # signatures end in different characters
        line = flows.begin(flow(f"a{number}"), [])[0]
        name, _, value = line.partition(";")[0].partition("=")
        for at in range(len(value)):
            for bit in range(7):
                changed = value[:at] + chr(ord(value[at]) ^ 1 << bit) + value[at + 1 :]

                read = flows.read([(b"cookie", f"{name}={changed}".encode("latin-1"))])

                assert read == {}, (value, at, bit)


def test_a_flow_cookie_under_another_flows_name_counts_for_nothing(flows: FlowCookies) -> None:
    jar = Jar()
    jar.take(flows.begin(flow("a"), jar.headers))
    jar.kept = {"__Host-netscript-flow-b": jar.kept["__Host-netscript-flow-a"]}

    assert flows.read(jar.headers) == {}


def test_an_old_flow_cookie_still_reaches_the_backend_which_judges_its_age(
    flows: FlowCookies, clock: SettableClock
) -> None:
    jar = Jar()
    jar.take(flows.begin(flow("a"), jar.headers))
    clock.advance(timedelta(minutes=11))

    assert flows.read(jar.headers) == {"a": "value.of.a"}


def test_flows_survive_a_change_of_keys(flows: FlowCookies, clock: SettableClock) -> None:
    jar = Jar()
    jar.take(flows.begin(flow("a"), jar.headers))

    rotated = FlowCookies(SECURE, KeyRing([OTHER_KEY, KEY]), clock).read(jar.headers)
    replaced = FlowCookies(SECURE, KeyRing([OTHER_KEY]), clock).read(jar.headers)

    assert (rotated, replaced) == ({"a": "value.of.a"}, {})


@pytest.fixture
def flash(clock: SettableClock) -> Flash:
    return Flash(SECURE, KeyRing([KEY]), clock)


def left(flash: Flash, *, state: str) -> list[tuple[bytes, bytes]]:
    line = flash.leave([("code", "c"), ("user", '{"name": "Zoë; \\u0022"}')], state)
    assert line is not None
    assert "code" not in line
    jar = Jar()
    jar.take([line])
    return jar.headers


def test_what_only_the_post_carried_is_there_after_the_redirect(flash: Flash) -> None:
    headers = left(flash, state="s1")

    assert flash.take(headers, "s1") == [("user", '{"name": "Zoë; \\u0022"}')]


@pytest.mark.parametrize("state", ["s2", "", None])
def test_it_is_of_no_use_with_another_sign_in(flash: Flash, state: str | None) -> None:
    headers = left(flash, state="s1")

    assert flash.take(headers, state) == ()


def test_it_is_gone_after_a_minute(flash: Flash, clock: SettableClock) -> None:
    headers = left(flash, state="s1")

    clock.advance(timedelta(seconds=61))

    assert flash.take(headers, "s1") == ()


def test_two_of_them_are_none(flash: Flash) -> None:
    headers = left(flash, state="s1")

    assert flash.take([*headers, *headers], "s1") == ()


@pytest.mark.parametrize("parameters", [[], [("code", "c")], [("user", "x" * 4000)], [("admin", "true")]])
def test_nothing_is_left_where_there_is_nothing_to_carry_or_too_much(
    flash: Flash, parameters: list[tuple[str, str]]
) -> None:
    assert flash.leave(parameters, "s1") is None
