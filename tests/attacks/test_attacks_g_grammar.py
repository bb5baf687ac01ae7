"""Catalogue G1, by trying: addresses made of good and evil pieces. What is allowed, all parsers see alike."""

import string

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from netscript_plugin_auth.return_to import ReturnToPolicy
from tests.attacks.destinations import AREA, EVIL_ONES, HALF_CHARACTERS, OURS
from tests.attacks.landings import Landing, as_browsers_land, as_clients_land, as_python_lands
from tests.attacks.world import APP
from tests.support.auth_api import PREFIX, PUBLIC_URL

POLICY = ReturnToPolicy(PUBLIC_URL, [AREA], "/account")


def _mostly(good: list[str], evil: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(good) | st.sampled_from(good) | st.sampled_from(good + evil)


SCHEMES = _mostly(["https:"], ["http:", "HTTPS:", "javascript:", "data:", "", "https", "ht\ttps:", "https::"])
SLASHES = _mostly(["//"], ["", "/", "///", "\\\\", "/\\", "//\\", "/\t/", "%2f%2f", "\uff0f\uff0f"])
PEOPLE = _mostly([""], ["@", "u@", "u:p@", "app.acme.example@", "app.acme.example:443@", "%40", "evil%2f@"])
HOSTS = _mostly(
    ["app.acme.example", "auth.acme.example", "APP.acme.example"],
    [
        *("evil.example", "app.acme.example.evil.example", "evil-app.acme.example", "app.acme.example."),
        *("\u0430pp.acme.example", "app%2eacme.example", "app.acme\u3002example", "[::1]", "0x7f.1", ""),
        *("app.acme.example%00", "app.acme.example\\", "app.acme.example\t", "app.acme.example,evil.example"),
    ],
)
PORTS = _mostly(
    ["", ":443"], [":", ":80", ":8443", ":0443", ":443x", ":+443", ":443@evil.example", ":\uff14"]
)
SEGMENTS = _mostly(
    ["area", "account", "x", "a-b_c~d", "caf%C3%A9", "%20", "a;b=1", "a,b", "a:b@c", "!$&'()*+="],
    [
        *("", ".", "..", "%2e", "%2e%2e", "..;", ".;x", "%2f", "%5c", "\\", "%252f", "%00", "%0a", "%c0%af"),
        *("%ef%bc%8f", "%", "%zz", "\t", "\n", " ", "\u2028", "\uff0f", "caf\u00e9", "area51", "api", "v1"),
        *("auth", "signin", "evil.example", "\x00", "|", "^", "{x}", "<x>", "`", '"', "#", "?"),
    ],
)
PATHS = st.lists(SEGMENTS, max_size=4).map(lambda segments: "".join(f"/{each}" for each in segments))
BELOW = PATHS.map(lambda path: f"/area{path}")
TAILS = _mostly(
    ["", "?a=b", "?next=//evil.example/%2f", "#top", "?a=b#c", "?", "#", "?a=/../x", "#//evil.example"],
    ["?a\tb", "?\\", "#\n", "?caf\u00e9", "?#?", "#\u2028", "?{}", "? ", "?%", "#%zz", "##"],
)
ABSOLUTE = st.tuples(SCHEMES, SLASHES, PEOPLE, HOSTS, PORTS, BELOW | PATHS, TAILS).map("".join)
RELATIVE = st.tuples(PATHS, TAILS).map("".join)
INSERTED = st.sampled_from(
    [
        *("/", "//", "\\", "@", ":", "?", "#", "%", ";", ".", "..", "\t", "\n", "\r", "\x00", " ", "\ufeff"),
        *("%2f", "%5c", "%09", "%0d%0a", "%00", "[", "]", "&", "\u202e", "\uff0e", "\uff20", "evil.example"),
    ]
)


@st.composite
def _spoilt(draw: st.DrawFn) -> str:
    """A good address with one evil piece in it."""
    text = draw(ABSOLUTE | RELATIVE)
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(INSERTED) + text[at:]


@st.composite
def _escaped(draw: st.DrawFn) -> str:
    """A good address with one character escaped, once or twice."""
    text = draw(ABSOLUTE | RELATIVE)
    if not text.isascii() or not text:
        return text
    at = draw(st.integers(0, len(text) - 1))
    sign = draw(st.sampled_from(["%", "%25"]))
    return f"{text[:at]}{sign}{ord(text[at]):02x}{text[at + 1 :]}"


ADDRESSES = (
    ABSOLUTE
    | RELATIVE
    | _spoilt()
    | _escaped()
    | st.sampled_from(EVIL_ONES + HALF_CHARACTERS)
    | st.text(string.printable, max_size=40)
)


def test_g1_what_is_allowed_leads_to_the_same_allowed_place_for_every_parser() -> None:
    allowed: dict[str, Landing] = {}

    @given(ADDRESSES)
    def try_one(address: str) -> None:
        event("allowed" if POLICY.allows(address) else "refused")
        if not POLICY.allows(address):
            return
        landing = as_python_lands(address)
        assert landing == as_clients_land(address)
        _expect_ours(landing)
        allowed[address] = landing

    try_one()

    assert allowed
    seen = as_browsers_land(list(allowed))
    for (address, landing), by_browser in zip(allowed.items(), seen, strict=True):
        assert by_browser == landing, address


@given(ADDRESSES)
def test_g1_what_is_allowed_is_plain_and_allowed_again(address: str) -> None:
    if not POLICY.allows(address):
        return

    assert address.isascii()
    assert address.isprintable()
    assert not set(address) & set(' \\"<>^`{|}')
    assert POLICY.check(address) == address


@pytest.mark.parametrize("evil", HALF_CHARACTERS, ids=ascii)
def test_g1_half_a_character_is_no_part_of_an_address(evil: str) -> None:
    assert not POLICY.allows(evil)


def _expect_ours(landing: Landing) -> None:
    assert landing.origin in OURS
    parts = landing.path.split("/")
    assert not {".", ".."} & {part.partition(";")[0] for part in parts}
    assert "//" not in landing.path
    if landing.origin == APP:
        assert parts[1] == "area"
    else:
        assert not f"{landing.path}/".startswith(f"{PREFIX}/")
