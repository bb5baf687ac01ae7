"""Our own sessions: begun by a sign-in at AuthKit, renewed there when they are due, ended there and here."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.domain import AuthSession, AuthUser, Device, ExternalIdentity, SessionState
from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_core.ports import Identity, IssuedSession
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_workos.api.calls import WorkOSCalls
from netscript_auth_workos.api.issued_tokens import IssuedTokens
from netscript_auth_workos.interactive.interactive_records import (
    InteractiveRecord,
    InteractiveRecords,
    InteractiveStored,
)
from netscript_auth_workos.interactive.interactive_tokens import handle_of
from netscript_auth_workos.interactive.people import People
from netscript_auth_workos.naming import BACKEND, PROVIDER
from netscript_auth_workos.outages import store_outages, workos_away
from netscript_auth_workos.renewal.renewals import Renewals
from netscript_auth_workos.sessions.endings import WHY_OVER
from netscript_auth_workos.sessions.grants import scopes_of
from netscript_auth_workos.sessions.signout import Ended
from netscript_auth_workos.tokens.access_token import AccessToken, TokenInvalidError
from netscript_auth_workos.tokens.access_tokens import AccessTokens
from netscript_kernel.clock import Clock
from netscript_kernel.ids import new_token

_log = logging.getLogger("netscript.auth.workos")

_ATTEMPTS: Final = 8


class InteractiveSessions:
    """The sessions part of the port, and what a sign-in and a read need of it."""

    def __init__(
        self,
        capabilities: Capabilities,
        records: InteractiveRecords,
        people: People,
        calls: WorkOSCalls,
        tokens: AccessTokens,
        renewals: Renewals,
        clock: Clock,
    ) -> None:
        self._life = capabilities.revocation_lag
        self._capabilities = capabilities
        self._records = records
        self._people = people
        self._calls = calls
        self._tokens = tokens
        self._renewals = renewals
        self._clock = clock

    async def begin(
        self, user: AuthUser, token: AccessToken, refresh_token: str, ends_at: datetime, device: Device
    ) -> IssuedSession:
        """Start a session for somebody who has just signed in."""
        now, secret = self._clock.now(), new_token()
        session = AuthSession(
            handle=handle_of(secret),
            user_id=user.id,
            backend=BACKEND,
            provider_id=PROVIDER,
            state=SessionState.ACTIVE,
            created_at=now,
            last_seen_at=now,
            idle_expires_at=ends_at,
            expires_at=ends_at,
            scopes=scopes_of(token),
            device=device,
        )
        record = InteractiveRecord(
            session=session,
            user=user,
            workos_id=token.session_id,
            subject=token.subject,
            due=token.expires_at,
            sealed=self._records.seal(session.handle, refresh_token),
        )
        with store_outages():
            if not await self._records.write(record, None):
                raise BackendUnavailableError(BACKEND, "there is something in the place of a new session")
        return IssuedSession(secret, session, user)

    async def identity(self, handle: str) -> Identity:
        """Return a session with its person: as it is kept, or renewed where it is due.

        Raises:
            SessionEndedError: it is unknown, or over.
            BackendUnavailableError: could not find out.
        """
        stored = await self._active(handle)
        record = stored.record
        if self._clock.now() >= record.due:
            record = await self._renewed(stored)
        return Identity(record.session, record.user)

    async def get(self, handle: str) -> AuthSession | None:
        """Return a session; see :meth:`SessionsPort.get`."""
        with store_outages():
            stored = await self._records.read(handle)
        return self._records.at_present(stored.record.session) if stored is not None else None

    async def create(
        self, identity: ExternalIdentity, device: Device, *, authenticated_at: datetime | None = None
    ) -> IssuedSession:
        """Refuse: AuthKit alone says who somebody is."""
        del identity, device, authenticated_at
        raise self._capabilities.refusal(BACKEND, Capability.CREATE_SESSIONS)

    async def refresh(self, handle: str) -> AuthSession:
        """Renew a session now; see :meth:`SessionsPort.refresh`."""
        return (await self._renewed(await self._active(handle))).session

    async def end(self, handle: str) -> Ended | None:
        """End a session at WorkOS, then here, and return it; ``None`` where it was not active."""
        with store_outages():
            stored = await self._records.read(handle)
        if stored is None or not self._records.is_active(stored.record):
            return None
        ended = Ended(stored.record.session.user_id, stored.record.workos_id)
        await self._calls.revoke(ended.workos_id)
        return ended if await self._end(handle) else None

    async def revoke(self, handle: str) -> bool:
        """End a session; see :meth:`SessionsPort.revoke`."""
        return await self.end(handle) is not None

    async def give_up(self, handle: str) -> None:
        """End a session that nobody is going to use, here first; WorkOS is told if it answers."""
        try:
            with store_outages():
                stored = await self._records.read(handle)
            if stored is not None and await self._end(handle):
                await self._calls.revoke(stored.record.workos_id)
        except BackendUnavailableError as error:
            _log.warning("a session that nobody is going to use goes on for a while: %s", error.problem)

    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        """Return a person's active sessions; see :meth:`SessionsPort.list_for_user`."""
        with store_outages():
            found = [each.record async for each in self._records.of_user(user_id)]
        return [each.session for each in reversed(found) if self._records.is_active(each)]

    async def revoke_all_for_user(self, user_id: str, *, keep: str | None = None) -> int:
        """End all of a person's sessions but one; see :meth:`SessionsPort.revoke_all_for_user`."""
        others = [each for each in await self.list_for_user(user_id) if each.handle != keep]
        return sum([await self.revoke(each.handle) for each in others])

    async def _active(self, handle: str) -> InteractiveStored:
        with store_outages():
            stored = await self._records.read(handle)
        if stored is None:
            raise SessionEndedError(AnonymousReason.SESSION_UNKNOWN)
        state = self._records.at_present(stored.record.session).state
        if state is not SessionState.ACTIVE:
            raise SessionEndedError(WHY_OVER[state])
        return stored

    async def _renewed(self, stored: InteractiveStored) -> InteractiveRecord:
        """Return the record after a renewal, ours or another's that came first."""
        refresh_token = self._records.open(stored.record)
        new = await self._renewals.renew(refresh_token) if refresh_token is not None else None
        if new is None:
            return await self._vouched_for(stored)
        token = await self._verified(stored.record, new)
        user = await self._people.renewed(token.subject, new.user)
        for _ in range(_ATTEMPTS):
            fresh = self._fresh(stored.record, new, token, user)
            with store_outages():
                if await self._records.write(fresh, stored):
                    return fresh
            # It was ended meanwhile, or renewed; or the spent token was sealed anew, and must not stay.
            stored = await self._active(fresh.session.handle)
            if self._records.open(stored.record) != refresh_token:
                return stored.record
        raise BackendUnavailableError(BACKEND, "a session changed under every attempt to renew it")

    def _fresh(
        self, record: InteractiveRecord, new: IssuedTokens, token: AccessToken, user: AuthUser
    ) -> InteractiveRecord:
        changes = {"user_id": user.id, "scopes": scopes_of(token), "last_seen_at": self._clock.now()}
        session = record.session.model_copy(update=changes)
        sealed = self._records.seal(session.handle, new.refresh_token)
        return record.model_copy(
            update={"due": token.expires_at, "sealed": sealed, "session": session, "user": user}
        )

    async def _verified(self, record: InteractiveRecord, new: IssuedTokens) -> AccessToken:
        try:
            token = await self._tokens.verify(new.access_token)
        except TokenInvalidError as error:
            _log.error("WorkOS renewed a session by a token that is not ours: %s", error)
            raise workos_away("a renewal that cannot be used") from None
        told, known = (token.session_id, token.subject), (record.workos_id, record.subject)
        if told != known or new.user.get("id") != record.subject or token.is_impersonated:
            _log.error("WorkOS renewed a session by the token of another")
            raise workos_away("a renewal that is of another session")
        return token

    async def _vouched_for(self, stored: InteractiveStored) -> InteractiveRecord:
        """Go on with a session that cannot be renewed for as long as WorkOS lists it.

        A refusal alone proves nothing: an answer may have got lost with the process that asked, or the key
        that sealed the token is gone. What it says of roles stays as it was.
        """
        handle = stored.record.session.handle
        now = await self._active(handle)
        if now.entry.version != stored.entry.version:
            return now.record
        if await self._calls.session(stored.record.subject, stored.record.workos_id) is None:
            await self._end(handle)
            raise SessionEndedError(AnonymousReason.SESSION_REVOKED)
        _log.warning("a session goes on without being renewed, for as long as WorkOS lists it")
        later = stored.record.model_copy(update={"due": self._clock.now() + self._life})
        with store_outages():
            is_written = await self._records.write(later, stored)
        return later if is_written else (await self._active(handle)).record

    async def _end(self, handle: str) -> bool:
        with store_outages():
            for _ in range(_ATTEMPTS):
                stored = await self._records.read(handle)
                if stored is None or not self._records.is_active(stored.record):
                    return False
                session = stored.record.session.model_copy(update={"state": SessionState.REVOKED})
                ended = stored.record.model_copy(update={"session": session, "sealed": None})
                if await self._records.write(ended, stored):
                    return True
        raise BackendUnavailableError(BACKEND, "a session changed under every attempt to end it")
