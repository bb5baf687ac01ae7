"""Destinations: what is ours or named by the operator is taken unchanged, everything else is refused."""

import json
import string
import subprocess
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.reasons import FlowReason
from netscript_plugin_auth.return_to import ReturnToPolicy
from tests.support.node import NODE

PUBLIC = "https://auth.acme.example"
ALLOWED_ORIGINS = {PUBLIC, "https://app.acme.example", "http://[::1]:3000"}
POLICY = ReturnToPolicy(PUBLIC, ["https://app.acme.example/area", "http://[::1]:3000"], "/account")

GOOD = [
    "/",
    "/account",
    "/a?b=c#d",
    "/a?",
    "/a#",
    "/a?next=https://elsewhere.example/x",
    "/a;b=1/c,d",
    "/a:b@c",
    "/caf%C3%A9",
    "/a%20b",
    "/?q=%0d%0a",
    "/a?filter[name]=x",
    "/api/v1/users",
    "/api/v1/authors",
    "https://auth.acme.example",
    "https://auth.acme.example/",
    "https://auth.acme.example/account?x=1",
    "https://AUTH.acme.example:443/x",
    "https://app.acme.example/area",
    "https://app.acme.example/area/",
    "https://app.acme.example/area/deep/er?x=y#z",
    "https://app.acme.example/area?x=//evil.example",
    "http://[::1]:3000/anything",
]

BAD = [
    # another host, by every way of writing one
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https:\\\\evil.example",
    "http://evil.example",
    "https://evil.example/area",
    "https://evil.example/https://app.acme.example/area",
    "https://evil.example?https://app.acme.example/area",
    "https://evil.example#https://app.acme.example/area",
    "https://evil.example\\.app.acme.example/area",
    # a host that looks like an allowed one
    "https://app.acme.example.evil.example/area",
    "https://app.acme.exampleevil.example/area",
    "https://evil.app.acme.example/area",
    "https://app.acme.example@evil.example/area",
    "https://app.acme.example:443@evil.example/area",
    "https://app.acme.example%40evil.example/area",
    "https://app.acme.example%2f@evil.example/area",
    "https://app.acme.example%2e/area",
    "https://app.acme.example./area",
    "https://user:pass@app.acme.example/area",
    "https://@app.acme.example/area",
    "https://app.acme.example:/area",
    "https://app.acme.example:8443/area",
    "https://app.acme.example:443x/area",
    "https://app.acme.example:99999/area",
    "http://app.acme.example/area",
    "https://\u0430pp.acme.example/area",
    "https://app.acme\u3002example/area",
    "https://ⓐpp.acme.example/area",
    "https://xn--pp-7kc.acme.example/area",
    "https://app%2eacme.example/area",
    "https://[::ffff:127.0.0.1]/",
    "https://0x7f.1/",
    "https://2130706433/",
    # another scheme
    "javascript:alert(1)",
    "JaVaScRiPt://app.acme.example/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://app.acme.example/area",
    "blob:https://app.acme.example/area",
    "about:blank",
    # characters that one parser drops and another keeps
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "ht\ttps://evil.example",
    "https://app.acme.example\r\n/area",
    "/a\r\nSet-Cookie: x=y",
    "/a\x00",
    " /account",
    "/account ",
    "\u3000/account",
    "\ufeff/account",
    "/a\u2028b",
    "/a\u017f",
    "http\u017f://app.acme.example/area",
    "/a|b",
    '/a"b',
    "/a<b>",
    "/a`b",
    "/a^b",
    "/a{b}",
    "/a[b]",
    "/[::1]",
    "https://app.acme.example/area/[x",
    # a path that means another one once it is decoded or resolved
    "/%09/evil.example",
    "/%0d%0aSet-Cookie:x",
    "/%2f/evil.example",
    "/%2fevil.example",
    "/%5cevil.example",
    "/%252fevil.example",
    "/%c0%afevil.example",
    "/%ef%bc%8fevil.example",
    "/%e2%80%a8",
    "/%00",
    "/%zz",
    "/%",
    "/a//evil.example",
    "/./x",
    "/../x",
    "/a/..//evil.example",
    "/%2e%2e/x",
    "/.%2e/x",
    "https://app.acme.example/area/../admin",
    "https://app.acme.example/area/%2e%2e/admin",
    "https://app.acme.example/area/..;/admin",
    "https://app.acme.example//area",
    # outside the allowed path
    "https://app.acme.example",
    "https://app.acme.example/",
    "https://app.acme.example/area51",
    "https://app.acme.example/are",
    "https://app.acme.example/Area",
    # not a destination
    "account",
    "?next=/x",
    "#top",
    ".",
    "auth.acme.example/x",
    "/" + "a" * 2048,
    "https://app.acme.example/area/" + "a" * 70_000,
    # our own endpoints: a sign-in that returns to a sign-in never ends
    "/api/v1/auth",
    "/api/v1/auth/signin",
    "/api/v1/auth/signin?redirectTo=/x",
    "https://auth.acme.example/api/v1/auth/signout",
    "/%61pi/v1/auth/signin",
    "/api/v1/%61uth",
    "/api/v1/auth%2Fsignin",
    "/api%2fv1/auth/signin",
    "/%2561pi/v1/auth/signin",
    "https://auth.acme.example/api/v1/au%74h/signin",
]


@pytest.mark.parametrize("wanted", GOOD)
def test_an_allowed_destination_is_taken_unchanged(wanted: str) -> None:
    taken = POLICY.check(wanted)

    assert taken == wanted


@given(st.lists(st.sampled_from(["as it is", "%{:02x}", "%{:02X}"]), min_size=19, max_size=19))
def test_an_endpoint_of_ours_is_no_destination_however_it_is_escaped(ways: list[str]) -> None:
    endpoint = zip("/api/v1/auth/signin", ways, strict=True)
    wanted = "".join(
        sign if sign == "/" else way.replace("as it is", sign).format(ord(sign)) for sign, way in endpoint
    )

    assert not POLICY.allows(wanted)


@pytest.mark.parametrize("wanted", BAD)
def test_any_other_destination_is_refused(wanted: str) -> None:
    with pytest.raises(FlowRefusedError) as caught:
        POLICY.check(wanted)

    assert caught.value.code is FlowReason.REDIRECT_NOT_ALLOWED


@pytest.mark.parametrize("wanted", [None, ""])
def test_without_a_wish_the_default_is_the_destination(wanted: str | None) -> None:
    assert POLICY.check(wanted) == "/account"


def test_what_was_refused_is_told_to_the_operator_without_its_query() -> None:
    with pytest.raises(FlowRefusedError) as caught:
        POLICY.check("https://evil.example/x?token=s3cret")

    assert caught.value.seen == "https://evil.example/x"


def test_a_default_that_is_not_allowed_is_refused_at_once() -> None:
    with pytest.raises(FlowRefusedError):
        ReturnToPolicy(PUBLIC, [], "https://evil.example/")


def test_a_browsers_url_parser_sees_an_allowed_origin_in_everything_that_is_allowed() -> None:
    program = (
        "const [base, all] = JSON.parse(process.argv[1]);"
        "console.log(JSON.stringify(all.map(x => new URL(x, base).origin)))"
    )

    done = subprocess.run(
        [str(NODE), "-e", program, json.dumps([f"{PUBLIC}/api/v1/auth/callback", GOOD])],
        capture_output=True,
        text=True,
        check=True,
    )

    assert set(json.loads(done.stdout)) == ALLOWED_ORIGINS


PIECES = st.sampled_from(
    [
        *[
            "/",
            "//",
            "\\",
            ".",
            "..",
            ":",
            "@",
            "?",
            "#",
            "%",
            "%2f",
            "%5c",
            "%09",
            "%2e",
            "\t",
            "\n",
            " ",
            ";",
        ],
        *[
            "https:",
            "http:",
            "javascript:",
            "https://",
            "evil.example",
            "app.acme.example",
            "auth.acme.example",
        ],
        *["area", "[::1]", ":3000", ":443", "é", "\uff0f", "\u3002", "\x00", "a", "1", "api", "v1"],
    ]
)


@given(st.lists(PIECES, max_size=8).map("".join) | st.text(string.printable, max_size=40))
@example("https://app.acme.example\\@evil.example")
def test_no_parser_sees_a_foreign_origin_in_what_is_allowed(wanted: str) -> None:
    if not POLICY.allows(wanted):
        return

    landed = urlsplit(urljoin(f"{PUBLIC}/api/v1/auth/callback", wanted))

    assert f"{landed.scheme}://{landed.netloc.lower().removesuffix(':443')}" in ALLOWED_ORIGINS
