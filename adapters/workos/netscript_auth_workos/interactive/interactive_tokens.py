"""Our own session token: 256 random bits, of which the store knows a digest alone."""

import re
from typing import Final

from netscript_auth_core.ports import Anonymous, AuthRequest
from netscript_auth_core.reasons import AnonymousReason
from netscript_kernel.ids import digest_after

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")  # the last character has four bits only
_digest = digest_after("workos-session")


def handle_of(token: str) -> str:
    """Return the handle of the session with this token."""
    return _digest(token)


def is_token(text: str) -> bool:
    """Whether this can be a token: 32 bytes of base64url, in their one spelling."""
    return _TOKEN.fullmatch(text) is not None


def is_handle(text: str) -> bool:
    """Whether this can be a handle: a digest has the form of a token."""
    return is_token(text)


class InteractiveTokens:
    """The tokens part of the port."""

    def recognise(self, request: AuthRequest) -> str | Anonymous:
        """Return the handle; see :meth:`TokensPort.recognise`."""
        tokens = request.session_tokens
        if len(tokens) != 1:
            return Anonymous(AnonymousReason.COOKIE_AMBIGUOUS if tokens else AnonymousReason.NO_SESSION)
        token = tokens[0]
        return handle_of(token) if is_token(token) else Anonymous(AnonymousReason.COOKIE_MALFORMED)
