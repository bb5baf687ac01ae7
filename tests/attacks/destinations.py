"""Destinations that nobody may be sent to, and some that people may."""

import json
import re
from pathlib import Path

from tests.attacks.world import APP
from tests.support.auth_api import PUBLIC_URL

AREA = f"{APP}/area"
OURS = frozenset({PUBLIC_URL, APP})
_SURROGATE = re.compile("[\ud800-\udfff]")
_FILE = Path(__file__).with_suffix(".txt")
_HOSTS = (
    "evil.example",
    "auth.acme.example.evil.example",
    "evil.example:443",
    "[::ffff:6.6.6.6]",
    "0x7f000001",
)
_BEFORE_A_HOST = (
    "https://", "//", "///", "/\\", "\\\\", "/\t/", "/\n/", "https:", "https:/", "https:\\\\", "ht\ttps://",
    "https://auth.acme.example@", "https://auth.acme.example:x@", "https://auth.acme.example\\@",
    "/%09/", "/%2f/", "/%5c", "/..//", "/.//", " //",
    "javascript://", "data://", "http://", "HTTPS://", "https://auth.acme.example%2f@", "\u2028//",
    "\ufeff//",
)  # fmt: skip


def by_hand() -> list[str]:
    """Return those of ``destinations.txt``."""
    lines = _FILE.read_text("ascii").splitlines()
    return [json.loads(f'"{line}"') for line in lines if line and not line.startswith("#")]


_ALL = dict.fromkeys([*by_hand(), *(before + host for before in _BEFORE_A_HOST for host in _HOSTS)])
# No address can carry half a character, and neither can JSON.
HALF_CHARACTERS = [text for text in _ALL if _SURROGATE.search(text)]
EVIL_ONES = [text for text in _ALL if not _SURROGATE.search(text)]
TOO_LONG = ["/" + "a" * 2048, f"{AREA}/{'a' * 2048}"]
GOOD = [
    "/account",
    "/a?b=c#d",
    f"{PUBLIC_URL}/account",
    AREA,
    f"{AREA}/x?y=1#z",
    "/",
    "/?next=//evil.example",
]
