"""A person's sessions that the better-auth server says are active, found with few questions."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from netscript_auth_better_auth.remote.credentials import Credential, Credentials, handle_of
from netscript_auth_better_auth.remote.reads import RemoteReads
from netscript_auth_better_auth.server.answers import ServerSession, ServerUser
from netscript_auth_better_auth.server.server_client import NotFreshError, ServerClient
from netscript_auth_core.domain import AuthSession
from netscript_auth_core.upstream_sessions import UpstreamSessions
from netscript_kernel.clock import Clock

_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Active:
    """A session that has not ended.

    Attributes:
        there: The id of its user at the server; ``None`` where the server was not asked.
    """

    session: AuthSession
    there: str | None


class ActiveSessions:
    """Finds them: by the list of each user that a person is at the server, else one by one.

    Args:
        client: Asks the server.
        reads: Understands its answers.
        credentials: Act for sessions there.
        met: What is kept here of them.
        clock: Judges every time that the server names.
    """

    def __init__(
        self,
        client: ServerClient,
        reads: RemoteReads,
        credentials: Credentials,
        met: UpstreamSessions,
        clock: Clock,
    ) -> None:
        self._client = client
        self._reads = reads
        self._credentials = credentials
        self._met = met
        self._clock = clock

    async def of_user(self, user_id: str, *, most: int | None = None) -> Sequence[Active]:
        """Return a person's sessions; those that never came by here too, where we can sign for them.

        Args:
            user_id: Our id of the person.
            most: So many are looked at one by one; those beyond are returned as they were last met.

        Raises:
            BackendUnavailableError: the server or the store did not say.
        """
        to_find = {each.handle: each for each in await self._met.of_user(user_id)}
        found: dict[str, Active] = {}
        listed: set[str] = set()
        looked_at, at_once = 0, 1  # the list of the first one's user is likely to have all
        while to_find and (most is None or looked_at < most):
            batch = [to_find.pop(handle) for handle in list(to_find)[:at_once]]
            for session, user in await self._look_at(batch):
                found[session.handle] = Active(session, user.id if user else None)
                if user is not None and user.id not in listed:
                    listed.add(user.id)
                    found |= await self._list(session, user, to_find)
            for handle in found:
                to_find.pop(handle, None)
            looked_at, at_once = looked_at + len(batch), _AT_ONCE
        return [*found.values(), *(Active(each, None) for each in to_find.values())]

    async def credential(self, handle: str) -> Credential | None:
        """Return what acts for a session at the server, where that is kept."""
        kept = await self._met.credential(handle)
        return None if kept is None else self._credentials.kept(kept)

    async def _look_at(self, batch: Sequence[AuthSession]) -> list[tuple[AuthSession, ServerUser | None]]:
        """Ask about some at the same time; return those that have not ended, with their users there."""
        looks = await asyncio.gather(*(self._look(each) for each in batch), return_exceptions=True)
        active: list[tuple[AuthSession, ServerUser | None]] = []
        for session, look in zip(batch, looks, strict=True):
            if isinstance(look, BaseException):
                raise look
            has_ended, user = look
            if not has_ended:
                active.append((session, user))
        return active

    async def _look(self, session: AuthSession) -> tuple[bool, ServerUser | None]:
        """Return whether it has ended, and whose it is; without a credential neither can be known."""
        credential = await self.credential(session.handle)
        if credential is None:
            return False, None
        found = await self._reads.look(credential)
        return found is None, found.user if found else None

    async def _list(
        self, session: AuthSession, user: ServerUser, met: Mapping[str, AuthSession]
    ) -> dict[str, Active]:
        """Return what the server lists beside a session."""
        credential = await self.credential(session.handle)
        if credential is None:
            return {}
        try:
            listed = await self._client.list_sessions(credential.headers)
        except NotFreshError:
            return {}
        now = self._clock.now()
        theirs = [each for each in listed if each.user_id == user.id and now < each.expires_at]
        sessions = [await self._session(each, user, met) for each in theirs]
        return {each.handle: Active(each, user.id) for each in sessions if each is not None}

    async def _session(
        self, listed: ServerSession, user: ServerUser, met: Mapping[str, AuthSession]
    ) -> AuthSession | None:
        """Return a listed session; ``None`` where it was ended here, or never was and cannot be acted for."""
        own = self._credentials.made_for(listed.token)
        if own is None:
            return met.get(handle_of(listed.token))
        identity = await self._met.meet(self._reads.upstream_session(listed, user, own))
        return identity.session if identity else None
