"""Tokens as sessions: each lives to its end, and nothing here or there ends it before."""

from collections.abc import Sequence
from typing import NoReturn

from netscript_auth_better_auth.naming import BACKEND
from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.domain import AuthSession, Device, ExternalIdentity
from netscript_auth_core.ports import IssuedSession
from netscript_auth_core.upstream_sessions import UpstreamSessions


class TokenSessions:
    """The sessions part of the port.

    Args:
        capabilities: Say why something is refused.
        known: What is kept here of tokens that were used.
    """

    def __init__(self, capabilities: Capabilities, known: UpstreamSessions) -> None:
        self._capabilities = capabilities
        self._known = known

    async def get(self, handle: str) -> AuthSession | None:
        """Return what is known of a token that was used here."""
        return await self._known.get(handle)

    async def create(self, identity: ExternalIdentity, device: Device) -> IssuedSession:
        """Refuse: only the server begins sessions."""
        del identity, device
        self._refuse(Capability.CREATE_SESSIONS)

    async def refresh(self, handle: str) -> AuthSession:
        """Refuse: whoever holds a session there gets a new token for it."""
        del handle
        self._refuse(Capability.REFRESH)

    async def revoke(self, handle: str) -> bool:
        """Refuse: a token names no session."""
        del handle
        self._refuse(Capability.REVOKE)

    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        """Refuse: tokens are no sessions that a person would know again."""
        del user_id
        self._refuse(Capability.LIST_SESSIONS)

    async def revoke_all_for_user(self, user_id: str, *, keep: str | None = None) -> int:
        """Refuse: a token names no session."""
        del user_id, keep
        self._refuse(Capability.REVOKE_ALL)

    def _refuse(self, capability: Capability) -> NoReturn:
        raise self._capabilities.refusal(BACKEND, capability)
