"""What is stored carries a version, comes back as it was, and tells nothing of itself in an error."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from netscript_auth_core.domain import Account, AuthUser
from netscript_auth_core.records import decode_record, encode_record
from netscript_kernel.errors import StoreCorruptError

TEXT = st.none() | st.text(max_size=30)
ACCOUNTS = st.builds(Account, issuer=st.text(), subject=st.text(), provider_id=st.text(), email=TEXT)
USERS = st.builds(
    AuthUser,
    id=st.text(),
    created_at=st.datetimes(timezones=st.just(UTC)),
    name=TEXT,
    email=TEXT,
    accounts=st.lists(ACCOUNTS, max_size=3).map(tuple),
)


@given(user=USERS)
def test_a_record_comes_back_as_it_was(user: AuthUser) -> None:
    assert decode_record(AuthUser, encode_record(user)) == user


def test_a_record_says_its_version_and_nothing_that_is_not_set() -> None:
    user = AuthUser(id="usr_1", created_at=datetime(2026, 1, 1, tzinfo=UTC))

    stored = encode_record(user)

    assert stored == (
        b'{"v":1,"r":{"id":"usr_1","created_at":"2026-01-01T00:00:00Z","email_verified":false,"accounts":[]}}'
    )


def test_what_a_later_release_adds_within_a_version_is_passed_over() -> None:
    stored = b'{"v":1,"r":{"id":"usr_1","created_at":"2026-01-01T00:00:00Z","shoe_size":42},"x":1}'

    assert decode_record(AuthUser, stored).id == "usr_1"


@pytest.mark.parametrize(
    ("stored", "problem"),
    [
        (b"", "is not a JSON object"),
        (b"usr_1", "is not a JSON object"),
        (b"[]", "is not a JSON object"),
        (b"\xff\xfe", "is not a JSON object"),
        (b'{"v":1,"r":{"id":"usr_1"', "is not a JSON object"),
        (b"{}", "has schema version None, not 1"),
        (b'{"v":0,"r":{}}', "has schema version 0, not 1"),
        (b'{"v":2,"r":{}}', "has schema version 2, not 1"),
        (b'{"v":"1","r":{}}', "has schema version '1', not 1"),
        (b'{"v":1}', "does not fit"),
        (b'{"v":1,"r":{"id":"usr_1"}}', "createdAt: missing"),
        (b'{"v":1,"r":{"id":7,"created_at":"2026-01-01T00:00:00Z"}}', "id: string_type"),
    ],
)
def test_what_is_no_record_of_this_version_is_named(stored: bytes, problem: str) -> None:
    with pytest.raises(StoreCorruptError, match="stored AuthUser record") as caught:
        decode_record(AuthUser, stored)

    assert problem in str(caught.value)


@given(stored=st.binary(max_size=60))
def test_any_bytes_are_a_record_or_an_error(stored: bytes) -> None:
    with pytest.raises(StoreCorruptError):
        decode_record(AuthUser, stored)


@pytest.mark.parametrize("stored", [b'{"v":1,"r":{"grant":"top-secret"}}', b'top-secret{"v":1}'])
def test_an_error_repeats_nothing_of_what_is_stored(stored: bytes) -> None:
    class Sealed(BaseModel):
        grant: int

    with pytest.raises(StoreCorruptError) as caught:
        decode_record(Sealed, stored)

    assert "top-secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
