"""The secrets that a request carries: found by the usual places, and replaced where they stand."""

import re
from collections.abc import Collection
from typing import Final

from netscript_auth_core.ports import AuthRequest
from netscript_auth_core.request_cookies import cookie_family

SHORTEST_SECRET: Final = 8
"""What is shorter can be guessed, so it is no secret, and would be found in any text."""

_BEARER: Final = re.compile(r"bearer +(\S+)", re.IGNORECASE)  # RFC 6750 section 2.1


def usual_credentials(request: AuthRequest) -> Collection[str]:
    """Return the session tokens, the value of every cookie, and the token of ``Authorization: Bearer``."""
    cookies = [value for values in cookie_family(request.headers, "").values() for value in values]
    bearer = _BEARER.fullmatch(request.headers.get("authorization", ""))
    found = (*request.session_tokens, *cookies, *([bearer[1]] if bearer else ()))
    return {each for each in found if len(each) >= SHORTEST_SECRET}


def with_text_replaced(request: AuthRequest, text: str, replacement: str) -> AuthRequest:
    """Return the same request with another text wherever this one stands; everything else stays in place."""
    tokens = tuple(token.replace(text, replacement) for token in request.session_tokens)
    headers = {name: value.replace(text, replacement) for name, value in request.headers.items()}
    return request._replace(session_tokens=tokens, headers=headers)
