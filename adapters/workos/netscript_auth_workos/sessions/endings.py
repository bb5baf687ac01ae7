"""Why a session that is over leads to nobody."""

from typing import Final

from netscript_auth_core.domain import SessionState
from netscript_auth_core.reasons import AnonymousReason

WHY_OVER: Final = {
    SessionState.EXPIRED: AnonymousReason.SESSION_EXPIRED,
    SessionState.REVOKED: AnonymousReason.SESSION_REVOKED,
}
