"""Reading our cookies: exactly ours, whatever stands around them, in linear time."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_plugin_auth.cookie_header import CookieFamilyReader, CookieReader

NAME = "__Host-netscript-session"
TOKEN = "Q7b-_x"
READER = CookieReader(NAME)
FLOWS = CookieFamilyReader("__Host-netscript-flow-", limit=20)


def sent(*lines: str | bytes) -> list[tuple[bytes, bytes]]:
    return [(b"cookie", line if isinstance(line, bytes) else line.encode()) for line in lines]


@pytest.mark.parametrize(
    "line",
    [
        f"{NAME}={TOKEN}",
        f"a=b; {NAME}={TOKEN}; c=d",
        f"a=b;{NAME}={TOKEN}",
        f"a=b;\t {NAME}={TOKEN} \t",
        f"; ;;= ;=x;{NAME}={TOKEN};",
        f'broken=%; %zz=%ZZ; "quoted; {NAME}={TOKEN}',
        f"x{NAME}=other; {NAME}x=other; {NAME}={TOKEN}",
        f"{NAME.lower()}=other; {NAME.upper()}=other; {NAME}={TOKEN}",
        f"={NAME}=other; {NAME}={TOKEN}",
        f"a={NAME}; {NAME}={TOKEN}",
        b"\xff\xfe=\x80; " + f"{NAME}={TOKEN}".encode(),
        b"\xc2\xa0" + f"{NAME}=other; {NAME}={TOKEN}".encode(),
    ],
)
def test_our_cookie_is_found_among_whatever_else_there_is(line: str | bytes) -> None:
    values = READER.values(sent(line))

    assert values == (TOKEN,)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "a=b",
        NAME,
        f"x{NAME}=y",
        f"{NAME}x=y",
        f"{NAME} =y",
        f"a=b,{NAME}=y",
        f"a='{NAME}=y",
        f"\u00a0{NAME}=y",
    ],
)
def test_a_name_that_is_not_ours_exactly_is_not_ours(line: str) -> None:
    assert READER.values(sent(line)) == ()


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (f"{NAME}=", ""),
        (f'{NAME}="{TOKEN}"', f'"{TOKEN}"'),
        (f"{NAME}=%51", "%51"),
        (f"{NAME}=a=b", "a=b"),
        (f"{NAME}=".encode() + b"\xff", "\xff"),
    ],
)
def test_a_value_is_taken_as_it_is_and_never_unescaped(line: str | bytes, value: str) -> None:
    assert READER.values(sent(line)) == (value,)


@pytest.mark.parametrize(
    "headers",
    [sent(f"{NAME}=a; {NAME}=b"), sent(f"{NAME}=a", f"{NAME}=b"), sent(f"{NAME}=a;{NAME}=a;{NAME}=a")],
)
def test_a_second_cookie_of_our_name_is_seen(headers: list[tuple[bytes, bytes]]) -> None:
    assert len(READER.values(headers)) == 2


def test_other_headers_are_no_cookies() -> None:
    headers = [(b"x-cookie", f"{NAME}=a".encode()), (b"set-cookie", f"{NAME}=b".encode())]

    assert READER.values(headers) == ()


@pytest.mark.parametrize(
    "filler", ["a=b; ", ";", f"{NAME}", f"{NAME}=", f"{NAME}=x;", "; ", " ", f";\t{NAME[:-1]}"]
)
def test_reading_time_grows_with_the_header_not_with_its_square(filler: str) -> None:
    lines = [filler * (size // len(filler)) for size in (25_000, 16 * 25_000)]

    small, large = (min(_seconds(sent(line)) for _ in range(5)) for line in lines)

    assert large < 64 * small  # 16 times as long takes 16 times as much; of a square, 256 times


def _seconds(headers: list[tuple[bytes, bytes]]) -> float:
    begun = time.thread_time()  # other work of the machine does not count
    READER.values(headers)
    FLOWS.by_id(headers)
    return time.thread_time() - begun


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_no_bytes_around_it_hide_our_cookie_or_break_its_reading(before: bytes, after: bytes) -> None:
    ours = f"{NAME}={TOKEN}".encode()

    values = READER.values(sent(before + b";" + ours + b";" + after))

    assert TOKEN in values


@given(
    st.lists(
        st.sampled_from([NAME, "=", ";", " ", TOKEN, '"', "%", "a", "\t", "é", "long" * 80]), max_size=12
    )
)
def test_what_is_found_agrees_with_cutting_at_semicolons(pieces: list[str]) -> None:
    line = "".join(pieces)
    cut = [part.strip(" \t").partition("=") for part in line.split(";")]
    expected = [value.strip(" \t") for name, equals, value in cut if name == NAME and equals]

    values = READER.values(sent(line))

    assert values == tuple(value.encode().decode("latin-1") for value in expected[:2])


LINES = st.lists(
    st.lists(
        st.sampled_from(
            [
                *(
                    b"__Host-netscript-flow-",
                    b"a",
                    b"b1",
                    b"_-",
                    b"=",
                    b";",
                    b" ",
                    b"\t",
                    b'"',
                    b"%41",
                    b"\xff",
                    b",",
                )
            ]
        )
        | st.binary(max_size=3),
        max_size=12,
    ).map(b"".join),
    max_size=3,
)


@given(LINES)
def test_the_flow_cookies_that_are_found_agree_with_cutting_at_semicolons(lines: list[bytes]) -> None:
    pairs = [_cut(part) for line in lines for part in line.split(b";")]
    expected: dict[str, list[str]] = {}
    for name, value in pairs:
        member = re.fullmatch(rb"__Host-netscript-flow-([A-Za-z0-9_-]{1,32})", name)
        if member and value is not None:
            expected.setdefault(member[1].decode(), []).append(value.decode("latin-1"))

    found = FLOWS.by_id(sent(*lines))

    assert found == {member: values[0] for member, values in expected.items() if len(values) == 1}
    again = "; ".join(f"__Host-netscript-flow-{member}={value}" for member, value in found.items())
    assert FLOWS.by_id(sent(again.encode("latin-1"))) == found, "what was read is read alike again"


@given(LINES)
def test_however_many_lines_there_are_they_read_like_one(lines: list[bytes]) -> None:
    together = sent(b"; ".join(lines))

    assert FLOWS.by_id(sent(*lines)) == FLOWS.by_id(together)
    assert READER.values(sent(*lines)) == READER.values(together)


def _cut(part: bytes) -> tuple[bytes, bytes | None]:
    name, equals, value = part.partition(b"=")
    return name.lstrip(b" \t"), value.strip(b" \t") if equals else None


def test_flow_cookies_are_found_by_their_id() -> None:
    ours = "__Host-netscript-flow-a1=x; __Host-netscript-flow-c_-=z"
    others = "netscript-flow-b=y; __Host-netscript-flow-=q"

    assert FLOWS.by_id(sent(ours, others)) == {"a1": "x", "c_-": "z"}


def test_a_flow_cookie_sent_twice_is_nobodys() -> None:
    line = "__Host-netscript-flow-a=x; __Host-netscript-flow-b=y; __Host-netscript-flow-a=z"

    assert FLOWS.by_id(sent(line)) == {"b": "y"}


def test_only_so_many_flow_cookies_are_looked_at() -> None:
    line = "; ".join(f"__Host-netscript-flow-{number}=x" for number in range(500))

    assert len(FLOWS.by_id(sent(line))) == 20
