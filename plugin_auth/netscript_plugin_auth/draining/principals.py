"""Who acts, said by the backend that keeps the session."""

from collections.abc import Sequence

from netscript_auth_core.domain import AuthSession, Principal
from netscript_auth_core.ports import AuthBackendPort


class DrainingPrincipals:
    """The principals part of the port."""

    def __init__(self, active: AuthBackendPort, earlier: Sequence[AuthBackendPort]) -> None:
        self._by_name = {backend.name: backend.principals for backend in (*earlier, active)}

    def principal(self, session: AuthSession) -> Principal:
        """Return the principal of an active session."""
        return self._by_name[session.backend].principal(session)
