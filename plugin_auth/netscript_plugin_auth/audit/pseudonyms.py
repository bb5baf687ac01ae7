"""Names for people, sessions and networks that lead back to nobody without the salt.

The same one has the same name in every event, on every machine that has the salt. When the salt is changed,
everybody has another name from then on.
"""

import re
from hashlib import sha256
from hmac import digest
from typing import Final

from netscript_kernel.ids import encode_base64url

SUBJECT, SESSION, CLIENT = "sub", "ses", "cli"
_PURPOSE: Final = "netscript-audit-v1"
_BYTES: Final = 12  # of 32: among a million people two share a name with a chance of one in 10**17
_SYNTAX: Final = re.compile(r"(sub|ses|cli)_[A-Za-z0-9_-]{16}")


class Pseudonyms:
    """Makes them: the first of 96 bits of HMAC-SHA256 (RFC 2104), which begin with the kind.

    Args:
        salt: Secret, at least 32 random bytes. Whoever knows it can try every address there is.
    """

    def __init__(self, salt: bytes) -> None:
        self._salt = salt

    def subject(self, user_id: str) -> str:
        """Return the name of a person, such as ``sub_5Fq...``."""
        return self._of(SUBJECT, user_id)

    def session(self, handle: str) -> str:
        """Return the name of a session, such as ``ses_0aX...``."""
        return self._of(SESSION, handle)

    def client(self, network: str) -> str:
        """Return the name of a network, such as ``cli_Zk1...``."""
        return self._of(CLIENT, network)

    def _of(self, kind: str, value: str) -> str:
        # The kind is a part of what is hashed: what is alike in two kinds has nothing in common.
        text = f"{_PURPOSE}/{kind}/{value}".encode("utf-8", "surrogatepass")
        return f"{kind}_{encode_base64url(digest(self._salt, text, sha256)[:_BYTES])}"


def is_pseudonym(text: str, kind: str) -> bool:
    """Whether a text looks like a name of this kind."""
    match = _SYNTAX.fullmatch(text)
    return match is not None and match[1] == kind
