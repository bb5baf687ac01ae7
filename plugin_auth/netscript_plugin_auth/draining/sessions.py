"""Sessions of the active backend and of earlier ones, each reached through whichever keeps it."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.domain import AuthSession, Device, ExternalIdentity, SessionState
from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_core.ports import AuthBackendPort, IssuedSession, ended_reason
from netscript_plugin_auth.draining.marks import Marks


class Kept(NamedTuple):
    """A session with the backend that keeps it.

    Attributes:
        session: As it is now.
    """

    backend: AuthBackendPort
    session: AuthSession


class DrainingSessions:
    """The sessions part of the port."""

    def __init__(self, active: AuthBackendPort, earlier: Sequence[AuthBackendPort], marks: Marks) -> None:
        self._active = active
        self._earlier = earlier
        self._marks = marks

    async def find(self, handle: str) -> Kept | None:
        """Return where a session is kept; one that was exchanged is the one that took its place."""
        session = await self._active.sessions.get(handle)
        if session is not None:
            return Kept(self._active, session)
        for backend in self._earlier:
            found = await self._find_earlier(backend, handle)
            if found is not None:
                return found
        return None

    async def get(self, handle: str) -> AuthSession | None:
        """Return the session in its present state, whoever keeps it."""
        kept = await self.find(handle)
        return kept.session if kept else None

    async def create(
        self, identity: ExternalIdentity, device: Device, *, authenticated_at: datetime | None = None
    ) -> IssuedSession:
        """Start a session of the active backend."""
        return await self._active.sessions.create(identity, device, authenticated_at=authenticated_at)

    async def refresh(self, handle: str) -> AuthSession:
        """Refresh by whoever keeps it; one that cannot be refreshed there stays as it is."""
        kept = await self.find(handle)
        if kept is None or kept.backend is self._active:
            return await self._active.sessions.refresh(kept.session.handle if kept else handle)
        if kept.session.state is not SessionState.ACTIVE:
            raise SessionEndedError(ended_reason(kept.session.state))
        if Capability.REFRESH not in kept.backend.capabilities:
            return kept.session
        return await kept.backend.sessions.refresh(kept.session.handle)

    async def revoke(self, handle: str) -> bool:
        """End it by whoever keeps it; where that one cannot, it counts for nothing here from now on."""
        kept = await self.find(handle)
        if kept is None or kept.backend is self._active:
            return await self.end_active(kept.session.handle if kept else handle)
        if Capability.REVOKE in kept.backend.capabilities:
            return await kept.backend.sessions.revoke(kept.session.handle)
        await self._marks.supersede(kept.backend.name, kept.session.handle)
        return kept.session.state is SessionState.ACTIVE

    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        """Return the active sessions of all backends that list them, newest first."""
        found = list(await self._active.sessions.list_for_user(user_id))
        for backend in self._earlier:
            if Capability.LIST_SESSIONS in backend.capabilities:
                found += [
                    session
                    for session in await backend.sessions.list_for_user(user_id)
                    if await self._marks.read(backend.name, session.handle) is None
                ]
        return sorted(found, key=lambda session: session.created_at, reverse=True)

    async def revoke_all_for_user(self, user_id: str, *, keep: str | None = None) -> int:
        """End them in all backends that can."""
        ended = await self._active.sessions.revoke_all_for_user(user_id, keep=keep)
        return ended + await self.revoke_earlier(user_id, keep=keep)

    async def end_active(self, handle: str) -> bool:
        """End a session of the active backend, and the upstream's for which it was given, if any."""
        was_active = await self._active.sessions.revoke(handle)
        await self.end_origin(handle)
        return was_active

    async def end_origin(self, handle: str) -> None:
        """End the upstream's session for which one of the active backend was given, so that none is left.

        Should the upstream be away, the mark lets it count for nothing here.
        """
        origin = await self._marks.origin(handle)
        if origin is None:
            return
        name, earlier = origin
        for backend in self._earlier:
            is_its = backend.name == name and not is_kept_here(backend)
            if is_its and Capability.REVOKE in backend.capabilities:
                with suppress(BackendUnavailableError):
                    await backend.sessions.revoke(earlier)

    async def revoke_earlier(
        self, user_id: str, *, keep: str | None = None, but: AuthBackendPort | None = None
    ) -> int:
        """End a person's sessions of earlier backends but one."""
        others = [each for each in self._earlier if each is not but]
        able = [each for each in others if Capability.REVOKE_ALL in each.capabilities]
        return sum([await each.sessions.revoke_all_for_user(user_id, keep=keep) for each in able])

    def require_revoke_all(self) -> None:
        """Return if all of a person's sessions can be ended.

        Raises:
            OperationUnsupportedError: the active backend does not offer it.
        """
        if Capability.REVOKE_ALL not in self._active.capabilities:
            raise self._active.capabilities.refusal(self._active.name, Capability.REVOKE_ALL)

    async def revoke_active(self, user_id: str) -> int:
        """End a person's sessions of the active backend."""
        return await self._active.sessions.revoke_all_for_user(user_id)

    def is_active(self, backend: AuthBackendPort) -> bool:
        """Whether it is the active one."""
        return backend is self._active

    async def _find_earlier(self, backend: AuthBackendPort, handle: str) -> Kept | None:
        mark = await self._marks.read(backend.name, handle)
        if mark is not None:
            # What took its place stands for it; what just gave way is over.
            session = await self._active.sessions.get(mark.handle) if mark.handle is not None else None
            return Kept(self._active, session) if session else None
        session = await backend.sessions.get(handle)
        return Kept(backend, session) if session else None


def is_kept_here(backend: AuthBackendPort) -> bool:
    """Whether a backend's sessions are ours to end: it begins them itself."""
    begins = {Capability.CREATE_SESSIONS, Capability.CALLBACK} & backend.capabilities.offered
    return bool(begins) and Capability.REVOKE in backend.capabilities
