"""Who calls? For services beside auth-api.

::

    app = AuthMiddleware(app, create_authority())  # NETSCRIPT_CALLERS_*
    ...
    principal = principal_of(scope)

For FastAPI see ``netscript_auth_client.fastapi``.
"""

from netscript_auth_client.asking.ask_authority import AskAuthority
from netscript_auth_client.authority import Authority
from netscript_auth_client.caller import Caller, Denied, Nobody, Outcome
from netscript_auth_client.composition import create_authority
from netscript_auth_client.local.local_authority import LocalAuthority
from netscript_auth_client.middleware import AuthMiddleware
from netscript_auth_client.reasons import DeniedReason, NobodyReason
from netscript_auth_client.refusals import RefusedError
from netscript_auth_client.requirements import need_recent, need_roles, need_scopes
from netscript_auth_client.visit import caller_of, find_caller, principal_of
from netscript_auth_core.domain import Principal

__all__ = [
    "AskAuthority",
    "AuthMiddleware",
    "Authority",
    "Caller",
    "Denied",
    "DeniedReason",
    "LocalAuthority",
    "Nobody",
    "NobodyReason",
    "Outcome",
    "Principal",
    "RefusedError",
    "caller_of",
    "create_authority",
    "find_caller",
    "need_recent",
    "need_roles",
    "need_scopes",
    "principal_of",
]
