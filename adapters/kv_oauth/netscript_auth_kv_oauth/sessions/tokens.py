"""Session tokens: 256 random bits for the browser; we keep only a digest, which is the session's handle.

One SHA-256 is enough: nobody can guess a preimage of 256 random bits, so a handle may be shown and stored,
and looking a digest up tells nothing by its timing.
"""

import re
from typing import Final

from netscript_auth_core.ports import Anonymous, AuthRequest
from netscript_auth_core.reasons import AnonymousReason
from netscript_kernel.ids import digest_after

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_NONE: Final = Anonymous(AnonymousReason.NO_SESSION)
_AMBIGUOUS: Final = Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)
_MALFORMED: Final = Anonymous(AnonymousReason.COOKIE_MALFORMED)
_handle_digest: Final = digest_after("session-handle")


class SessionTokens:
    """Recognises our session tokens. Never raises, whatever a browser sends."""

    def recognise(self, request: AuthRequest) -> str | Anonymous:
        """Return the handle of the session whose token the request carries, or why there is none."""
        tokens = request.session_tokens
        if len(tokens) != 1:
            return _AMBIGUOUS if tokens else _NONE
        token = tokens[0]
        return handle_of(token) if is_token(token) else _MALFORMED


def is_token(text: str) -> bool:
    """Whether this could be a token of ours."""
    return _TOKEN.fullmatch(text) is not None


def is_handle(text: str) -> bool:
    """Whether this could be a handle of ours; it has the form of a token."""
    return _TOKEN.fullmatch(text) is not None


def handle_of(token: str) -> str:
    """Return the handle of the session that a token belongs to."""
    return _handle_digest(token)
