"""Sessions that the better-auth server keeps: found, listed and ended there, and remembered here as ended."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from netscript_auth_better_auth.naming import BACKEND
from netscript_auth_better_auth.outages import server_away
from netscript_auth_better_auth.remote.active_sessions import ActiveSessions
from netscript_auth_better_auth.remote.credentials import Credential, Credentials
from netscript_auth_better_auth.remote.reads import RemoteReads
from netscript_auth_better_auth.server.server_client import ServerClient
from netscript_auth_core.capabilities import Capabilities
from netscript_auth_core.domain import AuthSession, SessionState
from netscript_auth_core.hosted import HostedSessions
from netscript_auth_core.upstream_sessions import UpstreamSessions
from netscript_kernel.clock import Clock

_log = logging.getLogger("netscript.auth.better_auth")

# For one list. Many are looked at only where the server lists none: to no session that began a day ago.
MOST_LOOKED_AT: Final = 100
# better-auth finds so many of a user's other sessions, and ends those (its ``defaultFindManyLimit``).
_ENDED_AT_ONCE: Final = 99

Act: TypeAlias = Callable[[Credential], Awaitable[bool]]


class RemoteSessions(HostedSessions):
    """The sessions part of the port. The server is asked first; what it did not do is not done here either.

    Args:
        capabilities: Say why something is refused.
        client: Asks the server.
        reads: Understands its answers.
        credentials: Act for sessions there.
        known: What is kept here of them.
        clock: Judges every time that the server names.
    """

    def __init__(
        self,
        capabilities: Capabilities,
        client: ServerClient,
        reads: RemoteReads,
        credentials: Credentials,
        known: UpstreamSessions,
        clock: Clock,
    ) -> None:
        super().__init__(BACKEND, capabilities, known)
        self._client = client
        self._reads = reads
        self._active = ActiveSessions(client, reads, credentials, known, clock)

    async def get(self, handle: str) -> AuthSession | None:
        """Return a session that was here before, in the state that the server says it is in."""
        session = await self._met.get(handle)
        if session is None or session.state is not SessionState.ACTIVE:
            return session
        credential = await self._active.credential(handle)
        if credential is None or await self._reads.look(credential) is not None:
            return session
        return session.model_copy(update={"state": SessionState.REVOKED})

    async def revoke(self, handle: str) -> bool:
        """End a session there, then here, and return whether it was active."""
        session = await self._met.get(handle)
        if session is None or session.state is not SessionState.ACTIVE:
            return False
        credential = await self._active.credential(handle)
        if credential is None:
            _log.warning("a session ends here only: nothing is kept that acts for it at the server")
            return await self._met.end(handle)
        was_there = await self._revoke(credential)
        if not was_there:
            await self._make_sure_that_it_ended(credential)
        return await self._met.end(handle) and was_there

    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        """Return the sessions that the server says are active, newest first.

        Those that never came by here are among them where we can sign for them. Where the server has no list
        for us, it is asked about the newest hundred; older ones are as they were when they were last here.
        """
        active = await self._active.of_user(user_id, most=MOST_LOOKED_AT)
        return sorted((each.session for each in active), key=lambda each: each.created_at, reverse=True)

    async def revoke_all_for_user(self, user_id: str, *, keep: str | None = None) -> int:
        """End a person's sessions there, those that never came by here too; then here.

        A person may have more than one user there, so each of them ends theirs.
        """
        active = await self._active.of_user(user_id)
        kept = next((each for each in active if each.session.handle == keep), None)
        ending = [each for each in active if each is not kept]
        is_told = kept is not None and await self._tell(kept.session.handle, self._revoke_others)
        for there in {each.there for each in ending} - {None}:
            handles = [each.session.handle for each in ending if each.there == there]
            if kept is None or kept.there not in {None, there}:
                await self._tell_one_of(handles, self._revoke_all)
            elif not is_told or len(handles) >= _ENDED_AT_ONCE:
                for handle in handles:
                    await self._tell(handle, self._revoke)
        return sum([await self._met.end(each.session.handle) for each in ending])

    async def _revoke(self, credential: Credential) -> bool:
        return await self._client.revoke(credential.headers, credential.token)

    async def _revoke_all(self, credential: Credential) -> bool:
        return await self._client.revoke_all(credential.headers)

    async def _revoke_others(self, credential: Credential) -> bool:
        return await self._client.revoke_others(credential.headers)

    async def _tell_one_of(self, handles: Sequence[str], act: Act) -> None:
        """Have something done in the name of any of a user's sessions."""
        for handle in handles:
            if await self._tell(handle, act):
                return

    async def _tell(self, handle: str, act: Act) -> bool:
        """Have something done in the name of a session, and return whether it still counts at the server."""
        credential = await self._active.credential(handle)
        if credential is None:
            return False
        is_done = await act(credential)
        if not is_done:
            await self._make_sure_that_it_ended(credential)
        return is_done

    async def _make_sure_that_it_ended(self, credential: Credential) -> None:
        """Ask once more after a 401, which the server also answers when its database is away."""
        if await self._reads.look(credential) is not None:
            raise server_away("it did not end a session, and says that it is active")
