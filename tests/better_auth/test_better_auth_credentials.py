"""Which requests carry a better-auth session: found by exact name, held to its signature, or nobody's."""

import base64
import hmac
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_auth_better_auth import BetterAuthSettings
from netscript_auth_better_auth.remote.credentials import Credential, Credentials, handle_of
from netscript_auth_core.ports import Anonymous, AuthRequest
from netscript_auth_core.reasons import AnonymousReason

SECRET = "the secret of the server"
NAME = "__Secure-better-auth.session_token"
TOKENS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=1, max_size=64)
HEADERS = st.text(st.characters(max_codepoint=255), max_size=200)


def _credentials(*, secret: str | None = SECRET) -> Credentials:
    values = {"url": "https://acme.example", **({"secret": secret} if secret else {})}
    return Credentials(BetterAuthSettings.model_validate(values).server_config(is_production=True))


def _signed(token: str, secret: str = SECRET) -> str:
    made = base64.b64encode(hmac.new(secret.encode(), token.encode(), "sha256").digest()).decode()
    return quote(f"{token}.{made}", safe="")


def _cookie(value: str) -> AuthRequest:
    return AuthRequest(headers={"cookie": f"{NAME}={value}"})


@given(token=TOKENS)
def test_what_the_server_signed_is_its_session(token: str) -> None:
    assert _credentials().recognise(_cookie(_signed(token))) == handle_of(token)


@given(token=TOKENS, secret=st.text(min_size=1))
def test_what_somebody_else_signed_is_nobodys(token: str, secret: str) -> None:
    expected = handle_of(token) if secret == SECRET else Anonymous(AnonymousReason.COOKIE_MALFORMED)
    try:
        value = _signed(token, secret)
    except UnicodeEncodeError:
        return

    assert _credentials().recognise(_cookie(value)) == expected


@given(token=TOKENS, at=st.integers(0, 200), character=st.characters(min_codepoint=33, max_codepoint=126))
def test_a_character_that_was_changed_makes_it_nobodys(token: str, at: int, character: str) -> None:
    value = _signed(token)
    at %= len(value)
    changed = value[:at] + character + value[at + 1 :]
    is_same = unquote(changed) == unquote(value)  # an escape in small letters is the same escape

    found = _credentials().recognise(_cookie(changed))

    assert found == (handle_of(token) if is_same else Anonymous(AnonymousReason.COOKIE_MALFORMED)) or (
        character == ";" and isinstance(found, Anonymous)
    )


@given(cookie=HEADERS, authorization=HEADERS)
def test_any_headers_are_nobodys_and_no_error(cookie: str, authorization: str) -> None:
    for secret in (SECRET, None):
        request = AuthRequest(headers={"cookie": cookie, "authorization": authorization})
        assert isinstance(_credentials(secret=secret).find(request), (Anonymous, Credential))


@given(before=HEADERS, after=HEADERS, token=TOKENS)
def test_other_cookies_disturb_nothing(before: str, after: str, token: str) -> None:
    header = f"{before}; {NAME}={_signed(token)}; {after}"
    expected = handle_of(token)
    if NAME in before or NAME in after:
        return

    assert _credentials().recognise(AuthRequest(headers={"cookie": header})) == expected


@given(token=TOKENS)
def test_what_is_kept_of_a_credential_makes_the_same_one(token: str) -> None:
    credentials = _credentials()
    found = credentials.find(_cookie(_signed(token)))
    assert isinstance(found, Credential)

    assert credentials.kept(found.kept) == found
    assert credentials.made_for(token) == found


@pytest.mark.parametrize("kept", [b"", b"\xff", b"x", b"a b", b"token.sig"])
def test_what_was_not_kept_by_us_makes_none(kept: bytes) -> None:
    assert _credentials().kept(kept) is None


def test_a_flag_that_is_not_signed_like_one_does_not_go_to_the_server() -> None:
    forget = "__Secure-better-auth.dont_remember"
    for value, is_sent in ((_signed("true"), True), ("true", False), (_signed("false"), False), ("%", False)):
        request = AuthRequest(headers={"cookie": f"{NAME}={_signed('t')}; {forget}={value}"})
        found = _credentials().find(request)
        assert isinstance(found, Credential)
        assert (forget in found.headers["cookie"]) is is_sent


def test_a_credential_shows_nothing_of_itself() -> None:
    found = _credentials().find(_cookie(_signed("a-token-of-alice")))

    assert isinstance(found, Credential)
    assert "a-token-of-alice" not in f"{found!r} {found}"
