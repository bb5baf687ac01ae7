"""Credentials are found to the letter, or the request is nobody's; nothing else is looked at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_auth_client.caller import Nobody
from netscript_auth_client.credentials import CredentialReader, Credentials

NAME = "__Host-netscript-session"
READER = CredentialReader([NAME, "netscript-session"])


def cookie(text: str) -> tuple[bytes, bytes]:
    return b"cookie", text.encode("latin-1")


def authorization(text: str) -> tuple[bytes, bytes]:
    return b"authorization", text.encode("latin-1")


def test_only_our_cookies_are_found_among_broken_ones() -> None:
    found = READER.read([cookie(f'a="x; {NAME}=one; ;=;=x; b; __host-netscript-session=no; x{NAME}=no')])

    assert found == Credentials(None, ((NAME, "one"),))


def test_cookies_in_several_headers_are_one() -> None:
    assert READER.read([cookie("a=b"), cookie(f"{NAME}=one")]) == Credentials(None, ((NAME, "one"),))


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER  "])
def test_a_bearer_token_is_found(scheme: str) -> None:
    assert READER.read([authorization(f"{scheme}abc.def-_~+/==")]) == Credentials("abc.def-_~+/==", ())


@pytest.mark.parametrize("text", ["Basic dXNlcjpwdw==", "", "Digest username=x", "abc"])
def test_another_scheme_is_no_credential_of_ours(text: str) -> None:
    assert READER.read([authorization(text)]) == Credentials()


@pytest.mark.parametrize(
    "text",
    [
        "Bearer",
        "Bearer ",
        "bearer\tabc",
        "Bearer a b",
        "Bearer a, Bearer b",
        "Bearer a,b",
        "Bearer a\r\nx-evil: 1",
        "Bearer ä",
        "Bearerabc",
        "Bearer =",
        f"Bearer {'a' * 20_000}",
    ],
)
def test_a_malformed_bearer_token_is_nobodys_whatever_else_is_there(text: str) -> None:
    assert READER.read([authorization(text), cookie(f"{NAME}=one")]) == Nobody("token_invalid")


def test_two_authorization_headers_are_nobodys() -> None:
    twice = [authorization("Bearer a"), authorization("Bearer a")]

    assert READER.read(twice) == Nobody("credential_ambiguous")
    assert READER.read([authorization("Basic x"), authorization("Bearer a")]) == Nobody(
        "credential_ambiguous"
    )


@pytest.mark.parametrize("second", ["one", "two"])
def test_two_cookies_of_one_name_are_nobodys(second: str) -> None:
    together = [cookie(f"{NAME}=one; {NAME}={second}")]
    apart = [cookie(f"{NAME}=one"), cookie(f"{NAME}={second}")]

    assert READER.read(together) == READER.read(apart) == Nobody("cookie_ambiguous")


@pytest.mark.parametrize("value", ["", "a b", 'a"b', "a,b", "ä", "a\r\nx: y", "a\0", "a" * 5000])
def test_a_cookie_that_nobody_writes_is_nobodys(value: str) -> None:
    assert READER.read([cookie(f"{NAME}={value}")]) == Nobody("cookie_malformed")


@pytest.mark.parametrize("tossed", ["netscript-session=a; netscript-session=b", 'netscript-session="'])
def test_what_a_sibling_host_can_set_signs_nobody_out_who_has_the_cookie_that_it_cannot(tossed: str) -> None:
    assert READER.read([cookie(f"{tossed}; {NAME}=one")]) == Credentials(None, ((NAME, "one"),))


@given(st.lists(st.tuples(st.sampled_from([b"cookie", b"authorization", b"x"]), st.binary(max_size=60))))
def test_nothing_that_anybody_sends_breaks_it_or_shows(headers: list[tuple[bytes, bytes]]) -> None:
    found = READER.read(headers)

    assert isinstance(found, Nobody) or repr(found) == "Credentials()"
