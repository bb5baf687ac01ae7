"""Parts of a backend whose upstream hosts sign-in: what is the same for every one of them.

A backend takes them as they are, and derives from :class:`HostedSessions` where its upstream can do more.
"""

# ruff: noqa: ARG002  # a refusal looks at no argument

from collections.abc import Sequence
from datetime import datetime

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.domain import AuthSession, Device, ExternalIdentity, Principal, ProviderDescriptor
from netscript_auth_core.ports import IssuedSession
from netscript_auth_core.upstream_sessions import UpstreamSessions


class NoProviders:
    """The upstream shows the choice."""

    def list(self) -> Sequence[ProviderDescriptor]:
        """Return none."""
        return ()

    def get(self, provider_id: str) -> ProviderDescriptor | None:
        """Return none."""
        del provider_id
        return None


class WithoutRoles:
    """From a session to who acts: nobody is given a role."""

    def principal(self, session: AuthSession) -> Principal:
        """Return who acts in an active session."""
        return Principal.without_roles(session)


class HostedSessions:
    """Sessions that can be looked at as they were last met, and everything else is refused.

    Args:
        backend: The backend's name.
        capabilities: Say why what is refused is.
        met: The sessions that were met.
    """

    def __init__(self, backend: str, capabilities: Capabilities, met: UpstreamSessions) -> None:
        self._backend = backend
        self._capabilities = capabilities
        self._met = met

    async def get(self, handle: str) -> AuthSession | None:
        """Return a session as it was last met, in its present state."""
        return await self._met.get(handle)

    async def create(
        self, identity: ExternalIdentity, device: Device, *, authenticated_at: datetime | None = None
    ) -> IssuedSession:
        """Refuse."""
        raise self._capabilities.refusal(self._backend, Capability.CREATE_SESSIONS)

    async def refresh(self, handle: str) -> AuthSession:
        """Refuse."""
        raise self._capabilities.refusal(self._backend, Capability.REFRESH)

    async def revoke(self, handle: str) -> bool:
        """Refuse."""
        raise self._capabilities.refusal(self._backend, Capability.REVOKE)

    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        """Refuse."""
        raise self._capabilities.refusal(self._backend, Capability.LIST_SESSIONS)

    async def revoke_all_for_user(self, user_id: str, *, keep: str | None = None) -> int:
        """Refuse."""
        raise self._capabilities.refusal(self._backend, Capability.REVOKE_ALL)
