"""Sessions that the better-auth server keeps: found, listed and ended there, and remembered here as ended."""

import logging
from collections.abc import Awaitable, Callable, Sequence

from netscript_auth_better_auth.naming import BACKEND
from netscript_auth_better_auth.outages import server_away
from netscript_auth_better_auth.remote.credentials import Credential, Credentials
from netscript_auth_better_auth.remote.reads import RemoteReads
from netscript_auth_better_auth.server.answers import SessionWithUser
from netscript_auth_better_auth.server.server_client import NotFreshError, ServerClient
from netscript_auth_core.capabilities import Capabilities
from netscript_auth_core.domain import AuthSession, SessionState
from netscript_auth_core.hosted import HostedSessions
from netscript_auth_core.upstream_sessions import UpstreamSessions
from netscript_kernel.clock import Clock

_log = logging.getLogger("netscript.auth.better_auth")


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
        self._credentials = credentials
        self._clock = clock

    async def get(self, handle: str) -> AuthSession | None:
        """Return a session that was here before, in the state that the server says it is in."""
        session = await self._met.get(handle)
        if session is None or session.state is not SessionState.ACTIVE:
            return session
        credential = await self._credential(handle)
        if credential is None or await self._reads.look(credential) is not None:
            return session
        return session.model_copy(update={"state": SessionState.REVOKED})

    async def revoke(self, handle: str) -> bool:
        """End a session there, then here, and return whether it was active."""
        session = await self._met.get(handle)
        if session is None or session.state is not SessionState.ACTIVE:
            return False
        credential = await self._credential(handle)
        if credential is None:
            _log.warning("a session ends here only: nothing is kept that acts for it at the server")
            return await self._met.end(handle)
        was_there = await self._revoke(credential)
        if not was_there:
            await self._make_sure_that_it_ended(credential)
        return await self._met.end(handle) and was_there

    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        """Return the sessions that the server says are active, newest first.

        Those that never came by here are among them where we can sign for them.
        """
        active: dict[str, AuthSession] = {}
        for session in await self._met.of_user(user_id):
            if session.handle not in active:
                active |= await self._active_with(session)
        return sorted(active.values(), key=lambda each: each.created_at, reverse=True)

    async def revoke_all_for_user(self, user_id: str, *, keep: str | None = None) -> int:
        """End a person's sessions there, those that never came by here too; then here.

        A person may have more than one user there, so each of the sessions is asked to end them all.
        """
        active = await self.list_for_user(user_id)
        ending = [each.handle for each in active if each.handle != keep]
        end_it = self._revoke_all
        if keep is not None and len(ending) < len(active):
            end_it = self._revoke
            await self._tell(keep, self._revoke_others)
        for handle in ending:
            await self._tell(handle, end_it)
        return sum([await self._met.end(handle) for handle in ending])

    async def _revoke(self, credential: Credential) -> bool:
        return await self._client.revoke(credential.headers, credential.token)

    async def _revoke_all(self, credential: Credential) -> bool:
        return await self._client.revoke_all(credential.headers)

    async def _revoke_others(self, credential: Credential) -> bool:
        return await self._client.revoke_others(credential.headers)

    async def _tell(self, handle: str, act: Callable[[Credential], Awaitable[bool]]) -> None:
        """Have something done in the name of a session, if that still counts at the server."""
        credential = await self._credential(handle)
        if credential is not None and not await act(credential):
            await self._make_sure_that_it_ended(credential)

    async def _make_sure_that_it_ended(self, credential: Credential) -> None:
        """Ask once more after a 401, which the server also answers when its database is away."""
        if await self._reads.look(credential) is not None:
            raise server_away("it did not end a session, and says that it is active")

    async def _active_with(self, session: AuthSession) -> dict[str, AuthSession]:
        """Return a session, and those that the server lists beside it, by handle; none where it has ended."""
        credential = await self._credential(session.handle)
        if credential is None:
            return {session.handle: session}
        found = await self._reads.look(credential)
        if found is None:
            return {}
        return {session.handle: session, **await self._beside(found, credential)}

    async def _beside(self, found: SessionWithUser, credential: Credential) -> dict[str, AuthSession]:
        try:
            listed = await self._client.list_sessions(credential.headers)
        except NotFreshError:
            return {}
        beside: dict[str, AuthSession] = {}
        for each in listed:
            own = self._credentials.made_for(each.token)
            if own is None or each.user_id != found.user.id or self._clock.now() >= each.expires_at:
                continue
            identity = await self._met.meet(self._reads.upstream_session(each, found.user, own))
            if identity is not None:
                beside[identity.session.handle] = identity.session
        return beside

    async def _credential(self, handle: str) -> Credential | None:
        kept = await self._met.credential(handle)
        return None if kept is None else self._credentials.kept(kept)
