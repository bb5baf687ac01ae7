"""The sessions part of the port: WorkOS keeps them, and is asked through its API."""

from collections.abc import Sequence

from netscript_auth_core.capabilities import Capabilities
from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import Account, AuthSession, ExternalIdentity, SessionState
from netscript_auth_core.hosted import HostedSessions
from netscript_auth_core.upstream_sessions import UpstreamSessions
from netscript_auth_workos.api.calls import WorkOSCalls
from netscript_auth_workos.naming import BACKEND
from netscript_auth_workos.outages import store_outages
from netscript_auth_workos.sessions.met_sessions import MetSessions
from netscript_auth_workos.sessions.signout import Ended


class Sessions(HostedSessions):
    """Sessions by WorkOS's own ids.

    Args:
        capabilities: Say why something is refused.
        meeting: Meets those that WorkOS lists.
        met: What is kept here of them.
        calls: Asks WorkOS.
        users: Tell a person's accounts.
        issuer: Names the environment in them.
    """

    def __init__(
        self,
        capabilities: Capabilities,
        meeting: MetSessions,
        met: UpstreamSessions,
        calls: WorkOSCalls,
        users: UserDirectory,
        issuer: str,
    ) -> None:
        super().__init__(BACKEND, capabilities, met)
        self._meeting = meeting
        self._calls = calls
        self._users = users
        self._issuer = issuer

    async def end(self, handle: str) -> Ended | None:
        """End a session at WorkOS, then here, and return it; ``None`` where it was not active."""
        session = await self._met.get(handle)
        if session is None or session.state is not SessionState.ACTIVE:
            return None
        await self._calls.revoke(handle)
        return Ended(session.user_id, handle) if await self._met.end(handle) else None

    async def revoke(self, handle: str) -> bool:
        """End a session; see :meth:`SessionsPort.revoke`."""
        return await self.end(handle) is not None

    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        """Return the sessions that WorkOS has of a person; see :meth:`SessionsPort.list_for_user`."""
        found = [session for account in await self._accounts(user_id) for session in await self._of(account)]
        # A session may have been met before its account led to this person.
        own = [each.model_copy(update={"user_id": user_id}) for each in found]
        active = [each for each in own if each.state is SessionState.ACTIVE]
        return sorted(active, key=lambda each: (each.created_at, each.handle), reverse=True)

    async def revoke_all_for_user(self, user_id: str, *, keep: str | None = None) -> int:
        """End all of a person's sessions but one; see :meth:`SessionsPort.revoke_all_for_user`."""
        others = [each for each in await self.list_for_user(user_id) if each.handle != keep]
        return sum([await self.revoke(each.handle) for each in others])

    async def _accounts(self, user_id: str) -> Sequence[Account]:
        with store_outages():
            user = await self._users.get(user_id)
        return [each for each in user.accounts if each.issuer == self._issuer] if user is not None else []

    async def _of(self, account: Account) -> Sequence[AuthSession]:
        person = ExternalIdentity.model_validate(account.model_dump())
        listed = await self._calls.sessions(account.subject)
        sessions = [await self._meeting.listed(person, item) for item in listed]
        return [session for session in sessions if session is not None]
