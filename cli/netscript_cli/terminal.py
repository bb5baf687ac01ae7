"""Words that go to a terminal, and may be a stranger's."""

import re
from typing import Final

_COLOUR: Final = r"\x1b\[[0-9;:]*m"
_UNTOLD: Final = "[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\udc80-\udc9f]"
"""What moves something, or turns the order of letters around; the last are bytes that are no text."""

_SPECIAL: Final = re.compile(f"{_COLOUR}|{_UNTOLD}")
_BYTE: Final = 0xFF
_NO_BYTES: Final = range(0xDC80, 0xDD00)
_NO_COLOUR: Final = "\x1b[0m"


def in_one_line(words: str) -> str:
    """Return words in one line that moves nothing on a terminal."""
    return " ".join("".join(each if each.isprintable() else " " for each in words).split())


def as_written(line: str, *, has_colours: bool) -> str:
    """Return a line of a program's output with its spaces and tabs, and as text what else would do something.

    Args:
        line: Without its end; bytes that are no text are surrogates.
        has_colours: Whether colours are passed on. They are left out otherwise, and end with the line.
    """
    is_coloured = False

    def told(found: re.Match[str]) -> str:
        nonlocal is_coloured
        special = found[0]
        if len(special) == 1:
            return _in_letters(ord(special))
        is_coloured = has_colours
        return special if has_colours else ""

    text = _SPECIAL.sub(told, line)
    return f"{text}{_NO_COLOUR}" if is_coloured else text


def _in_letters(code: int) -> str:
    code = code & _BYTE if code in _NO_BYTES else code
    return f"\\x{code:02x}" if code <= _BYTE else f"\\u{code:04x}"
