"""How services, processes and contributions may be called: what can stand in an address and in a variable."""

import re
from typing import Final

_LETTER_FIRST: Final = re.compile(r"[a-z][a-z0-9.-]{0,127}")
_BETWEEN_PARTS: Final = re.compile(r"[.-]")


def is_plain_name(text: str) -> bool:
    """Whether a name is lower-case letters and digits, a letter first, in parts by dots and hyphens."""
    return _LETTER_FIRST.fullmatch(text) is not None and all(_BETWEEN_PARTS.split(text))
