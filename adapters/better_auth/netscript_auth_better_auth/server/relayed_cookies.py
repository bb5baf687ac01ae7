"""Which cookies of the better-auth server go on to the browser that asked us."""

import re
from collections.abc import Iterable
from typing import Final

from netscript_auth_better_auth.configuration.server_config import CookieNames

MOST_COOKIES: Final = 8
# A whole Set-Cookie value: printable ASCII, and not more than browsers take.
_LINE: Final = re.compile(r"[\x20-\x7e]{1,4096}")
_DELETES: Final = re.compile(r";\s*max-age=0\s*(?:;|$)", re.IGNORECASE)


def relayed_cookies(set_cookies: Iterable[str], names: CookieNames) -> tuple[str, ...]:
    """Return the cookies to pass on: the session's, renewed or deleted, and what goes with it.

    The server's cache of the session is passed on only where it is deleted: we do not send it there, so
    the server does not know how many pieces of an old one the browser has.
    """
    relayed = (line for line in set_cookies if _LINE.fullmatch(line) and _is_passed_on(line, names))
    return tuple(relayed)[:MOST_COOKIES]


def _is_passed_on(line: str, names: CookieNames) -> bool:
    name = line.partition("=")[0]
    return name in {names.session, names.forget} or (name == names.cache and bool(_DELETES.search(line)))
