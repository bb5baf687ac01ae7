"""What is sealed opens with the same key, purpose and record, and in no other way."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from netscript_kernel.errors import SealError
from netscript_kernel.keyring import KEY_BYTES, KeyRing, generate_key, parse_keys
from netscript_kernel.keys import SealingKeys

keys = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
names = st.text(max_size=20)
A, B, C = (bytes([number]) * KEY_BYTES for number in (1, 2, 3))


@given(key=keys, text=st.binary(max_size=200), purpose=names, record=names)
def test_what_is_sealed_opens_again(key: bytes, text: bytes, purpose: str, record: str) -> None:
    ring: SealingKeys = KeyRing([key])

    sealed = ring.seal(text, purpose=purpose, record_id=record)

    assert ring.open(sealed, purpose=purpose, record_id=record) == text


@given(text=st.binary(max_size=50), place=st.integers(min_value=0), bit=st.integers(min_value=0, max_value=7))
def test_a_single_flipped_bit_does_not_open(text: bytes, place: int, bit: int) -> None:
    ring = KeyRing([A, B])
    sealed = bytearray(ring.seal(text, purpose="p", record_id="r"))
    sealed[place % len(sealed)] ^= 1 << bit

    with pytest.raises(SealError):
        ring.open(bytes(sealed), purpose="p", record_id="r")


@given(length=st.integers(min_value=0, max_value=60))
def test_what_is_cut_short_does_not_open(length: int) -> None:
    ring = KeyRing([A])
    sealed = ring.seal(b"x" * 24, purpose="p", record_id="r")
    assume(length < len(sealed))

    with pytest.raises(SealError):
        ring.open(sealed[:length], purpose="p", record_id="r")


@given(sealed=st.binary(max_size=100))
def test_bytes_of_any_kind_do_not_open(sealed: bytes) -> None:
    with pytest.raises(SealError):
        KeyRing([A]).open(sealed, purpose="p", record_id="r")


@given(place=st.integers(min_value=0), more=st.binary(min_size=1, max_size=4), instead=st.booleans())
def test_with_anything_more_or_else_in_it_it_does_not_open(place: int, more: bytes, instead: bool) -> None:
    ring = KeyRing([A, B])
    sealed = ring.seal(b"x" * 24, purpose="p", record_id="r")
    at = place % (len(sealed) + 1)
    changed = sealed[:at] + more + sealed[at + len(more) * instead :]
    assume(changed != sealed)

    ring.is_current(changed)
    with pytest.raises(SealError):
        ring.open(changed, purpose="p", record_id="r")


@given(purposes=st.tuples(names, names), records=st.tuples(names, names))
def test_it_opens_for_no_other_purpose_or_record(purposes: tuple[str, str], records: tuple[str, str]) -> None:
    assume((purposes[0], records[0]) != (purposes[1], records[1]))
    ring = KeyRing([A])
    sealed = ring.seal(b"x", purpose=purposes[0], record_id=records[0])

    with pytest.raises(SealError):
        ring.open(sealed, purpose=purposes[1], record_id=records[1])


def test_purpose_and_record_do_not_run_into_each_other() -> None:
    ring = KeyRing([A])
    sealed = ring.seal(b"x", purpose="ab", record_id="c")

    with pytest.raises(SealError):
        ring.open(sealed, purpose="a", record_id="bc")


def test_another_key_does_not_open_and_the_error_does_not_say_why() -> None:
    sealed = KeyRing([A]).seal(b"x", purpose="p", record_id="r")
    tampered = sealed[:-1] + bytes([sealed[-1] ^ 1])

    with pytest.raises(SealError) as other_key:
        KeyRing([B]).open(sealed, purpose="p", record_id="r")
    with pytest.raises(SealError) as broken:
        KeyRing([A]).open(tampered, purpose="p", record_id="r")

    assert str(other_key.value) == str(broken.value)


def test_rotation_signs_nobody_out() -> None:
    before, appended, moved, after = KeyRing([A]), KeyRing([A, B]), KeyRing([B, A]), KeyRing([B])
    old = before.seal(b"old", purpose="p", record_id="r")
    new = moved.seal(b"new", purpose="p", record_id="r")

    assert [ring.open(old, purpose="p", record_id="r") for ring in (before, appended, moved)] == [b"old"] * 3
    assert [ring.open(new, purpose="p", record_id="r") for ring in (appended, moved, after)] == [b"new"] * 3
    with pytest.raises(SealError):
        after.open(old, purpose="p", record_id="r")


def test_what_the_current_key_sealed_need_not_be_sealed_anew() -> None:
    old, new = KeyRing([A]), KeyRing([B, A])

    assert new.is_current(new.seal(b"x", purpose="p", record_id="r"))
    assert not new.is_current(old.seal(b"x", purpose="p", record_id="r"))
    assert not new.is_current(b"")


def test_the_same_text_is_sealed_differently_each_time() -> None:
    ring = KeyRing([A])

    sealed = {ring.seal(b"x", purpose="p", record_id="r") for _ in range(100)}

    assert len(sealed) == 100


def test_what_is_sealed_shows_neither_text_nor_key() -> None:
    sealed = KeyRing([A]).seal(b"plaintext", purpose="purpose", record_id="record")

    assert b"plaintext" not in sealed
    assert A[:8] not in sealed


def test_key_ids_tell_current_first_and_differ_between_keys() -> None:
    ring = KeyRing([B, A, C])

    assert ring.key_ids[0] == KeyRing([B]).key_ids[0]
    assert len(set(ring.key_ids)) == 3


def test_signing_keys_are_oldest_first_and_belong_to_one_purpose() -> None:
    ring = KeyRing([B, A])

    assert ring.signing_keys("flow") == [
        *KeyRing([A]).signing_keys("flow"),
        *KeyRing([B]).signing_keys("flow"),
    ]
    assert ring.signing_keys("flow") != ring.signing_keys("flash")
    assert not set(ring.signing_keys("flow")) & {A, B}


@pytest.mark.parametrize("wrong", [[], [b""], [b"x" * 31], [b"x" * 33], [A, b"x"]])
def test_a_ring_of_something_else_than_keys_is_refused(wrong: list[bytes]) -> None:
    with pytest.raises(ValueError, match="key"):
        KeyRing(wrong)


@pytest.mark.parametrize("between", [",", " , ", "\n", ",\n", "\r\n"])
def test_generated_keys_are_keys_and_differ(between: str) -> None:
    generated = [generate_key() for _ in range(20)]

    parsed = parse_keys(between.join(generated) + "\n")

    assert len(set(parsed)) == 20
    assert {len(key) for key in parsed} == {KEY_BYTES}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is 0 bytes long"),
        ("c2hvcnQ", "is 5 bytes long"),
        ("ab" * 32, "is 48 bytes long"),
        ("!" * 43, "is not base64url"),
        ("ä" * 43, "is not base64url"),
        ("A" * 43, "is not random"),
        ("+" * 43, "is not base64url"),
    ],
)
def test_a_key_that_is_none_is_named_by_position_never_by_value(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=f"key 2 {problem}") as refused:
        parse_keys(f"{generate_key()},{text}")

    assert not text or text not in str(refused.value)


def test_what_was_sealed_names_its_key_whether_that_is_configured_or_not() -> None:
    sealed = KeyRing([A]).seal(b"x", purpose="p", record_id="r")

    named = [ring.key_id(sealed) for ring in (KeyRing([A]), KeyRing([B]), KeyRing([B, A]))]

    assert named == [KeyRing([A]).key_ids[0]] * 3


@given(text=st.binary(max_size=40))
def test_what_was_not_sealed_names_no_key(text: bytes) -> None:
    assume(text[:1] != b"\x01" or len(text) < 9)

    assert KeyRing([A]).key_id(text) is None
