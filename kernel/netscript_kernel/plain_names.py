"""How services, processes, contributions and versions of contracts may be called.

All of it can stand in an address and in a variable.
"""

import re
from typing import Final

_LETTER_FIRST: Final = re.compile(r"[a-z][a-z0-9.-]{0,127}")
_CONTRACT_VERSION: Final = re.compile(r"v[1-9][0-9]{0,3}")
_BETWEEN_PARTS: Final = re.compile(r"[.-]")


def is_plain_name(text: str) -> bool:
    """Whether a name is lower-case letters and digits, a letter first, in parts by dots and hyphens."""
    return _LETTER_FIRST.fullmatch(text) is not None and all(_BETWEEN_PARTS.split(text))


def is_contract_version(text: str) -> bool:
    """Whether a version of a contract is ``v1``, ``v2`` and so on."""
    return _CONTRACT_VERSION.fullmatch(text) is not None
