"""From the credential that a browser carries to the handle under which its session is kept."""

import re

from netscript_auth_core.ports import Anonymous, AuthRequest
from netscript_auth_core.reasons import AnonymousReason
from netscript_kernel.ids import digest

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class MemoryTokens:
    """Tokens are 256 random bits. The handle is a digest of one: it leads to the session, not back."""

    def recognise(self, request: AuthRequest) -> str | Anonymous:
        """Return the handle that belongs to the request's token, or why there is none."""
        match request.session_tokens:
            case ():
                return Anonymous(AnonymousReason.NO_SESSION)
            case (token,) if _TOKEN.fullmatch(token):
                return handle_of(token)
            case (_,):
                return Anonymous(AnonymousReason.COOKIE_MALFORMED)
            case _:
                return Anonymous(AnonymousReason.COOKIE_AMBIGUOUS)


def handle_of(token: str) -> str:
    """Return the handle of the session that a token opens."""
    return digest("session", token)
