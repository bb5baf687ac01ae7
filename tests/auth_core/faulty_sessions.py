"""Faults in sessions: how they are found, listed, limited, refreshed and ended."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from netscript_auth_core.domain import AuthSession, AuthUser, Device, ExternalIdentity, SessionState
from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_core.events import AuthEvent, EventName
from netscript_auth_core.memory.sessions import MemorySessions
from netscript_auth_core.memory.storage import StoredSession
from netscript_auth_core.memory.tokens import handle_of
from netscript_auth_core.ports import IssuedSession
from tests.auth_core.faults import Fault, with_sessions


class IgnoresExpiry(MemorySessions):
    def at_present(self, session: AuthSession) -> AuthSession:
        return session


class IgnoresTheIdleLimit(MemorySessions):
    def at_present(self, session: AuthSession) -> AuthSession:
        return super().at_present(session.model_copy(update={"idle_expires_at": session.expires_at}))


class EndsASecondLate(MemorySessions):
    def at_present(self, session: AuthSession) -> AuthSession:
        later = {
            "idle_expires_at": session.idle_expires_at + timedelta(seconds=1),
            "expires_at": session.expires_at + timedelta(seconds=1),
        }
        state = super().at_present(session.model_copy(update=later)).state
        return session.model_copy(update={"state": state})


class MovesTheAbsoluteLimit(MemorySessions):
    def touch(self, stored: StoredSession) -> None:
        super().touch(stored)
        later = stored.session.last_seen_at + self._settings.session_ttl
        stored.session = stored.session.model_copy(update={"expires_at": later})


class BeginsWithEachAnswer(MemorySessions):
    def touch(self, stored: StoredSession) -> None:
        super().touch(stored)
        now = stored.session.last_seen_at
        stored.session = stored.session.model_copy(update={"created_at": now})


class NeverMovesTheIdleLimit(MemorySessions):
    def touch(self, stored: StoredSession) -> None:
        pass


class RevivesTheExpired(MemorySessions):
    async def get(self, handle: str) -> AuthSession | None:
        stored = self._storage.sessions.get(handle)
        if stored is not None:
            self.touch(stored)
        return await super().get(handle)


class RevivesTheRevokedByRefreshing(MemorySessions):
    async def _refresh(self, handle: str) -> AuthSession:
        before = self._active(handle)
        successor = await self._provider.refresh(before.grant or "")
        stored = self._storage.sessions[handle]
        stored.session = stored.session.model_copy(update={"state": SessionState.ACTIVE})
        stored.grant = successor
        return stored.session


class ExtendsByRefreshing(MemorySessions):
    async def _refresh(self, handle: str) -> AuthSession:
        await super()._refresh(handle)
        stored = self._storage.sessions[handle]
        self.touch(stored)
        return stored.session


class EndsWhenTheProviderIsAway(MemorySessions):
    async def _refresh(self, handle: str) -> AuthSession:
        try:
            return await super()._refresh(handle)
        except BackendUnavailableError:
            await self.revoke(handle)
            raise


class OutlivesItsGrant(MemorySessions):
    async def _refresh(self, handle: str) -> AuthSession:
        try:
            return await super()._refresh(handle)
        except SessionEndedError:
            stored = self._storage.sessions[handle]
            stored.session = stored.session.model_copy(update={"state": SessionState.ACTIVE})
            raise


class SpendsTheGrantTwice(MemorySessions):
    async def refresh(self, handle: str) -> AuthSession:
        return await self._refresh(handle)


class ForgetsTheSuccessor(MemorySessions):
    async def _refresh(self, handle: str) -> AuthSession:
        grant = self._active(handle).grant
        session = await super()._refresh(handle)
        self._storage.sessions[handle].grant = grant
        return session


class WaitsForARefreshToRevoke(MemorySessions):
    async def revoke(self, handle: str) -> bool:
        stored = self._storage.sessions.get(handle)
        if stored is None:
            return False
        async with stored.refreshing:
            return await super().revoke(handle)


class TellsTheGrantInAnEvent(MemorySessions):
    async def _refresh(self, handle: str) -> AuthSession:
        seen = self._active(handle).grant
        event = AuthEvent(EventName.TOKEN_REFRESHED, self._clock.now(), "memory", seen=seen)
        self._events.emit(event)
        return await super()._refresh(handle)


class RefreshesTheUnknown(MemorySessions):
    async def refresh(self, handle: str) -> AuthSession:
        if handle not in self._storage.sessions:
            raise BackendUnavailableError("memory", "what session?")
        return await super().refresh(handle)


class RevokesForAMoment(MemorySessions):
    async def revoke(self, handle: str) -> bool:
        ended = await super().revoke(handle)
        stored = self._storage.sessions.get(handle)
        if stored is not None:
            limit = {"state": SessionState.ACTIVE, "idle_expires_at": self._clock.now()}
            stored.session = stored.session.model_copy(update=limit)
        return ended

    def at_present(self, session: AuthSession) -> AuthSession:
        # Comes back as soon as the clock has moved.
        is_back = session.idle_expires_at < self._clock.now() < session.expires_at
        return session if is_back else super().at_present(session)


class AlwaysSaysItRevoked(MemorySessions):
    async def revoke(self, handle: str) -> bool:
        await super().revoke(handle)
        return True


class RevokesByToken(MemorySessions):
    async def revoke(self, handle: str) -> bool:
        return await super().revoke(handle) or await super().revoke(handle_of(handle))


class RevokesAllOfEverybody(MemorySessions):
    async def revoke_all_for_user(self, user_id: str, *, keep: str | None = None) -> int:
        owners = {stored.session.user_id for stored in self._storage.sessions.values()}
        ended = [await super(RevokesAllOfEverybody, self).revoke_all_for_user(each) for each in owners]
        return sum(ended)


class KeepsNone(MemorySessions):
    async def revoke_all_for_user(self, user_id: str, *, keep: str | None = None) -> int:
        return await super().revoke_all_for_user(user_id)


class CountsExpiredOnes(MemorySessions):
    async def revoke_all_for_user(self, user_id: str, *, keep: str | None = None) -> int:
        await super().revoke_all_for_user(user_id, keep=keep)
        return sum(stored.session.user_id == user_id for stored in self._storage.sessions.values())


class ListsEndedOnes(MemorySessions):
    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        own = [each.session for each in self._storage.sessions.values() if each.session.user_id == user_id]
        return sorted(own, key=lambda session: session.created_at, reverse=True)


class ListsEverybodys(MemorySessions):
    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        return [stored.session for stored in reversed(self._storage.sessions.values())]


class ListsOldestFirst(MemorySessions):
    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        return list(reversed(await super().list_for_user(user_id)))


class ListsOnePage(MemorySessions):
    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        return list(islice(await super().list_for_user(user_id), 100))


class FindsNothingInAnOutage(MemorySessions):
    async def get(self, handle: str) -> AuthSession | None:
        try:
            return await super().get(handle)
        except BackendUnavailableError:
            return None


class RevokesNothingInAnOutage(MemorySessions):
    async def revoke(self, handle: str) -> bool:
        try:
            return await super().revoke(handle)
        except BackendUnavailableError:
            return False


class ListsNothingInAnOutage(MemorySessions):
    async def list_for_user(self, user_id: str) -> Sequence[AuthSession]:
        try:
            return await super().list_for_user(user_id)
        except BackendUnavailableError:
            return []


class UsesTheTokenAsHandle(MemorySessions):
    def issue(
        self,
        user: AuthUser,
        identity: ExternalIdentity,
        device: Device,
        scopes: tuple[str, ...] = (),
        grant: str | None = None,
        sid: str | None = None,
        authenticated_at: datetime | None = None,
    ) -> IssuedSession:
        issued = super().issue(user, identity, device, scopes, grant, sid, authenticated_at)
        session = issued.session.model_copy(update={"handle": issued.token})
        self._storage.sessions[issued.session.handle].session = session
        return IssuedSession(issued.token, session, issued.user)


class ForgetsTheDevice(MemorySessions):
    def issue(
        self,
        user: AuthUser,
        identity: ExternalIdentity,
        device: Device,
        scopes: tuple[str, ...] = (),
        grant: str | None = None,
        sid: str | None = None,
        authenticated_at: datetime | None = None,
    ) -> IssuedSession:
        return super().issue(user, identity, Device(), scopes, grant, sid, authenticated_at)


class ForgetsTheSessionsThatEnded(MemorySessions):
    """No fault: an ended session may be forgotten. The kit has to pass it."""

    async def _end(self, stored: StoredSession, *, is_owed: bool = True) -> bool:
        ended = await super()._end(stored, is_owed=is_owed)
        self._storage.sessions.pop(stored.session.handle, None)
        return ended


class LogsNoEnding(MemorySessions):
    async def _log(self, handle: str) -> None:
        """Whoever believes tokens never hears of it."""


class LogsWhatWasNotThere(MemorySessions):
    async def revoke(self, handle: str) -> bool:
        await self._log(handle)
        return await super().revoke(handle)


_AT_ITS_END = {"late": timedelta(0)}
_MUCH_LATER = {"late": timedelta(days=400)}

FAULTS = (
    Fault(with_sessions(LogsNoEnding), "test_a_revoked_session_is_logged_and_no_other"),
    Fault(with_sessions(LogsNoEnding), "test_all_of_a_persons_sessions_are_logged_but_the_one_that_is_kept"),
    Fault(with_sessions(LogsNoEnding), "test_signing_out_is_logged"),
    Fault(with_sessions(LogsNoEnding), "test_the_end_of_a_grant_is_logged"),
    Fault(with_sessions(LogsNoEnding), "test_a_sign_out_upstream_is_logged"),
    Fault(with_sessions(LogsWhatWasNotThere), "test_nothing_is_logged_of_what_was_not_there_to_end"),
    Fault(with_sessions(IgnoresExpiry), "test_an_unused_session_has_expired_from_its_end_on", _MUCH_LATER),
    Fault(
        with_sessions(IgnoresTheIdleLimit), "test_an_unused_session_has_expired_from_its_end_on", _AT_ITS_END
    ),
    Fault(with_sessions(EndsASecondLate), "test_an_unused_session_has_expired_from_its_end_on", _AT_ITS_END),
    Fault(
        with_sessions(EndsASecondLate),
        "test_a_session_in_steady_use_has_expired_from_its_absolute_end_on",
        _AT_ITS_END,
    ),
    Fault(with_sessions(BeginsWithEachAnswer), "test_a_session_began_once"),
    Fault(with_sessions(MovesTheAbsoluteLimit), "test_use_moves_the_absolute_limit_never"),
    Fault(
        with_sessions(MovesTheAbsoluteLimit),
        "test_a_session_in_steady_use_has_expired_from_its_absolute_end_on",
        _AT_ITS_END,
    ),
    Fault(with_sessions(NeverMovesTheIdleLimit), "test_use_moves_the_idle_limit_on"),
    Fault(with_sessions(RevivesTheExpired), "test_an_expired_session_stays_so_when_it_is_asked_for"),
    Fault(
        with_sessions(RevivesTheRevokedByRefreshing),
        "test_a_revocation_during_a_refresh_wins",
        {"ending": "revoke"},
    ),
    Fault(
        with_sessions(RevivesTheRevokedByRefreshing),
        "test_a_revocation_during_a_refresh_wins",
        {"ending": "revoke all"},
    ),
    Fault(with_sessions(ExtendsByRefreshing), "test_a_refresh_moves_no_limit"),
    Fault(with_sessions(EndsWhenTheProviderIsAway), "test_a_provider_that_is_away_changes_nothing"),
    Fault(with_sessions(OutlivesItsGrant), "test_a_grant_that_ended_ends_the_session"),
    Fault(with_sessions(SpendsTheGrantTwice), "test_refreshes_at_once_do_not_spend_the_grant_twice"),
    Fault(with_sessions(ForgetsTheSuccessor), "test_a_refresh_works_time_after_time"),
    Fault(
        with_sessions(WaitsForARefreshToRevoke),
        "test_a_revocation_during_a_refresh_wins",
        {"ending": "revoke"},
    ),
    Fault(with_sessions(TellsTheGrantInAnEvent), "test_refreshing_shows_no_secret"),
    Fault(with_sessions(RefreshesTheUnknown), "test_an_unknown_session_is_not_refreshed"),
    Fault(with_sessions(RevokesForAMoment), "test_a_revoked_session_stays_ended"),
    Fault(with_sessions(AlwaysSaysItRevoked), "test_revoking_twice_is_no_fault"),
    Fault(with_sessions(AlwaysSaysItRevoked), "test_an_expired_session_is_not_there_to_be_revoked"),
    Fault(with_sessions(RevokesByToken), "test_a_token_is_no_handle"),
    Fault(with_sessions(RevokesAllOfEverybody), "test_all_of_a_persons_sessions_end_at_once"),
    Fault(with_sessions(KeepsNone), "test_one_session_can_be_kept"),
    Fault(with_sessions(CountsExpiredOnes), "test_expired_sessions_do_not_count_among_those_ended"),
    Fault(with_sessions(ListsEndedOnes), "test_sessions_that_were_revoked_are_not_listed"),
    Fault(with_sessions(ListsEndedOnes), "test_an_unused_session_has_expired_from_its_end_on", _AT_ITS_END),
    Fault(with_sessions(ListsEverybodys), "test_a_persons_sessions_are_listed_newest_first"),
    Fault(with_sessions(ListsOldestFirst), "test_a_persons_sessions_are_listed_newest_first"),
    Fault(with_sessions(ListsOnePage), "test_however_many_sessions_there_are_all_are_listed_and_ended"),
    Fault(
        with_sessions(FindsNothingInAnOutage),
        "test_without_the_store_nothing_is_known_or_done",
        {"use": "get"},
    ),
    Fault(
        with_sessions(RevokesNothingInAnOutage),
        "test_without_the_store_nothing_is_known_or_done",
        {"use": "revoke"},
    ),
    Fault(
        with_sessions(ListsNothingInAnOutage),
        "test_without_the_store_nothing_is_known_or_done",
        {"use": "list"},
    ),
    Fault(with_sessions(UsesTheTokenAsHandle), "test_every_sign_in_has_a_token_and_a_handle_of_its_own"),
    Fault(with_sessions(ForgetsTheDevice), "test_a_session_says_whose_it_is_and_how_long_it_lasts"),
    Fault(with_sessions(ForgetsTheDevice), "test_a_created_session_lets_its_person_in"),
)
