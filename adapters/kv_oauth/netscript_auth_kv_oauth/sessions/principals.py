"""Principals from sessions."""

from netscript_auth_core.domain import AuthSession, Principal


class Principals:
    """The port's view: a session without its bookkeeping. Roles are not a provider's to give."""

    def principal(self, session: AuthSession) -> Principal:
        """Return who acts in an active session."""
        return Principal.without_roles(session)
