"""Providers say here that somebody signed out there (OpenID Connect Back-Channel Logout 1.0 section 2.5)."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.errors import LogoutRefusedError
from netscript_auth_core.ports import UpstreamLogoutPort
from netscript_auth_core.reasons import LogoutReason
from netscript_plugin_auth.forms import read_pairs
from netscript_plugin_auth.parts import Parts

_FIELD: Final = "logout_token"


class BackchannelLogout:
    """The handler. Anybody may ask: the token is the credential, and no cookie is looked at."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def told(self, request: Request) -> Response:
        """End the sessions that the token means.

        Raises:
            OperationUnsupportedError: nobody tells the active backend of sign-outs.
            LogoutRefusedError: the token is not to be believed; nothing ended.
            BackendUnavailableError: the provider has to send it again.
        """
        with self._parts.journal.logout():
            part = self._require_part()
            token = await _read_token(request)
            await part.end(str(request.path_params["providerId"]), token)
        # Section 2.8: the answer must not be kept.
        return Response(headers={"Cache-Control": "no-store"})

    def _require_part(self) -> UpstreamLogoutPort:
        backend = self._parts.backend
        if backend.upstream_logout is None:
            raise backend.capabilities.refusal(backend.name, Capability.UPSTREAM_LOGOUT)
        return backend.upstream_logout


async def _read_token(request: Request) -> str:
    tokens = [value for name, value in await read_pairs(request) if name == _FIELD]
    if len(tokens) > 1:
        raise LogoutRefusedError(LogoutReason.TOKEN_REPEATED, expected=f"one {_FIELD}", seen="several")
    if not tokens or not tokens[0]:
        raise LogoutRefusedError(LogoutReason.TOKEN_MISSING, expected=_FIELD, seen="none")
    return tokens[0]
