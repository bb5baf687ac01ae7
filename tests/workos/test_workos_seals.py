"""Session cookies of every SDK: opened as they were sealed, and in no other form."""

import base64
import json
import secrets
from urllib.parse import quote

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from workos.session import seal_session_from_auth_response, unseal_data

from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_workos.seals.cookie_seals import CookieSeals, opened_by
from netscript_auth_workos.seals.session_data import SealKind, SealRefusedError, SessionData
from netscript_kernel.clock import SettableClock

KEY = Fernet.generate_key().decode()
USER = {"id": "user_1", "first_name": "Alice", "email_verified": True}
NODE_MEMBERS = {"accessToken": "a.b.c", "refreshToken": "r", "user": {"id": "user_1", "firstName": "Alice"}}


def _seals(password: str = KEY) -> CookieSeals:
    return CookieSeals(password, frozenset(SealKind), SettableClock())


def _python_cookie(password: str = KEY) -> str:
    return seal_session_from_auth_response(
        access_token="a.b.c", refresh_token="r", user=USER, cookie_password=password
    )


def _cookie(kind: SealKind) -> str:
    if kind is SealKind.PYTHON:
        return _python_cookie()
    return _seals().seal(SessionData(kind, NODE_MEMBERS))


def _refusal(seals: CookieSeals, value: str) -> AnonymousReason:
    with pytest.raises(SealRefusedError) as caught:
        seals.open(value)
    return caught.value.reason


def test_a_cookie_of_the_python_sdk_is_opened() -> None:
    data = _seals().open(_python_cookie())

    assert (data.kind, data.access_token, data.refresh_token) == (SealKind.PYTHON, "a.b.c", "r")
    assert data.user == USER


def test_the_python_sdk_opens_what_we_seal_anew() -> None:
    seals = _seals()
    renewed = seals.open(_python_cookie()).renewed("d.e.f", "s", {**USER, "first_name": "Alicia"})

    value = seals.seal(renewed)

    assert unseal_data(value, KEY) == {
        "access_token": "d.e.f",
        "refresh_token": "s",
        "user": {**USER, "first_name": "Alicia"},
    }


@pytest.mark.parametrize("kind", SealKind)
def test_what_we_seal_we_open(kind: SealKind) -> None:
    opened = _seals().open(_cookie(kind))

    assert (opened.kind, opened.access_token, opened.refresh_token) == (kind, "a.b.c", "r")


def test_what_else_is_in_a_cookie_stays_there() -> None:
    data = SessionData(SealKind.NODE, {**NODE_MEMBERS, "organizationId": "org_1"})

    renewed = data.renewed("d.e.f", "s", {"id": "user_1", "first_name": "Alicia", "email_verified": True})

    assert renewed.members == {
        "accessToken": "d.e.f",
        "refreshToken": "s",
        "user": {"id": "user_1", "firstName": "Alicia", "emailVerified": True},
        "organizationId": "org_1",
    }


@pytest.mark.parametrize("kind", [SealKind.PYTHON, SealKind.NODE])
def test_a_sealed_cookie_may_be_quoted_or_percent_encoded(kind: SealKind) -> None:
    value = _cookie(kind)

    for spelt in (f'"{value}"', quote(value, safe="")):
        assert _seals().open(spelt).access_token == "a.b.c"


def test_nobody_vouches_for_the_person_of_a_plain_cookie() -> None:
    data = _seals().open(quote(json.dumps(NODE_MEMBERS)))

    assert data.kind is SealKind.PLAIN
    assert data.access_token == "a.b.c"
    assert data.user is None


def test_the_wrong_password_is_told_from_a_broken_cookie() -> None:
    other = _seals(Fernet.generate_key().decode())

    for kind in (SealKind.PYTHON, SealKind.NODE):
        assert _refusal(other, _cookie(kind)) is AnonymousReason.SEAL_UNOPENED


def test_a_password_that_is_no_fernet_key_opens_no_cookie_of_the_python_sdk() -> None:
    seals = _seals("a text of more than thirty-two characters")

    assert _refusal(seals, _python_cookie()) is AnonymousReason.SEAL_UNOPENED


@pytest.mark.parametrize("kind", [SealKind.PYTHON, SealKind.NODE])
@pytest.mark.parametrize(
    "trailing", ["x", "=", "==", "AAAA", "~", "~2", "~2~2", "*", "; a=b", "\n", " ", "\0"]
)
def test_trailing_data_is_refused(kind: SealKind, trailing: str) -> None:
    value = _cookie(kind).rstrip("=") if trailing.startswith("=") else _cookie(kind)

    refused = _refusal(_seals(), value + "===" + trailing if trailing.startswith("=") else value + trailing)

    assert refused in {AnonymousReason.COOKIE_MALFORMED, AnonymousReason.SEAL_UNOPENED}


def test_a_second_seal_behind_the_first_is_refused() -> None:
    assert _refusal(_seals(), _python_cookie() * 2) is AnonymousReason.COOKIE_MALFORMED


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "null",
        "{",
        "{}",
        "[]",
        "%",
        "%ZZ",
        "%7B%7D",
        '"',
        '""',
        '{"accessToken":""}',
        "é",
        "gAAAA",
        "Fe26.2*",
        "x" * 20_000,
    ],
)
def test_what_is_no_session_cookie_is_refused(value: str) -> None:
    assert _refusal(_seals(), value) is AnonymousReason.COOKIE_MALFORMED


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_is_accepted_that_nobody_sealed(text: str) -> None:
    for value in (text, f"gAAAA{text}", f"Fe26.2*1*{text}"):
        assert isinstance(_refusal(_seals(), value), AnonymousReason)


@given(data=st.data(), kind=st.sampled_from([SealKind.PYTHON, SealKind.NODE]))
def test_no_changed_character_is_accepted(data: st.DataObject, kind: SealKind) -> None:
    value = _cookie(kind)
    at = data.draw(st.integers(0, len(value) - 1))
    other = data.draw(st.characters(codec="latin-1").filter(lambda each: each != value[at]))
    changed = value[:at] + other + value[at + 1 :]

    assert isinstance(_refusal(_seals(), changed), AnonymousReason)


@given(st.binary())
def test_no_bytes_of_whoever_has_the_password_raise_anything_else(plain: bytes) -> None:
    value = Fernet(KEY).encrypt(plain).decode()

    assert _refusal(_seals(), value) is AnonymousReason.COOKIE_MALFORMED


@pytest.mark.parametrize(
    ("password", "kinds"),
    [
        (KEY, {SealKind.PYTHON, SealKind.NODE}),
        ("x" * 32, {SealKind.NODE}),
        ("x" * 31, set[SealKind]()),
        (base64.urlsafe_b64encode(secrets.token_bytes(31)).decode(), {SealKind.NODE}),
    ],
    ids=["a Fernet key", "32 characters", "31 characters", "31 bytes in base64"],
)
def test_which_cookies_a_password_opens_follows_from_its_form(password: str, kinds: set[SealKind]) -> None:
    assert opened_by(password) == kinds
