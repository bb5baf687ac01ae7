"""Credentials of the active backend and of earlier ones, as they arrive with a request."""

from collections.abc import Sequence

from netscript_auth_core.ports import Anonymous, AuthBackendPort, AuthRequest
from netscript_auth_core.reasons import AnonymousReason

_AUTHORIZATION = "authorization"


class DrainingTokens:
    """The tokens part of the port."""

    def __init__(self, active: AuthBackendPort, earlier: Sequence[AuthBackendPort]) -> None:
        self._active = active
        self._earlier = earlier

    def recognise(self, request: AuthRequest) -> str | Anonymous:
        """Return the handle by the first backend that recognises one."""
        found = self._active.tokens.recognise(request)
        if not isinstance(found, Anonymous) or found.reason is AnonymousReason.COOKIE_AMBIGUOUS:
            return found
        others = (backend.tokens.recognise(request) for backend in self._earlier)
        return next((each for each in others if isinstance(each, str)), found)


def handle_in_a_cookie(backend: AuthBackendPort, request: AuthRequest) -> str | None:
    """Return the handle of the session that a browser has of a backend, ``None`` where it has none.

    What stands in ``Authorization`` is a program's, which keeps no cookie, and may bring another token each
    time: to give a session for each of them would end the person's others one by one.

    Raises:
        BackendUnavailableError: what is at hand cannot tell yet.
    """
    if _AUTHORIZATION in request.headers:
        headers = {name: value for name, value in request.headers.items() if name != _AUTHORIZATION}
        request = request._replace(headers=headers)
    handle = backend.tokens.recognise(request)
    return handle if isinstance(handle, str) else None
