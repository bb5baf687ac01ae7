"""Backends that are told of sign-outs upstream and do something else."""

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.errors import BackendUnavailableError, LogoutRefusedError
from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.memory.upstream_logout import MemoryUpstreamLogout
from netscript_auth_core.reasons import LogoutReason
from tests.auth_core.faults import Fault, with_upstream_logout

_EVERYBODY = "test_a_sign_out_upstream_ends_all_of_the_persons_sessions_and_nobody_elses"
_ONE = "test_the_end_of_one_session_upstream_ends_what_began_by_it_and_nothing_else"
_ONCE = "test_a_logout_token_is_good_once"
_LATER = "test_what_the_store_could_not_do_the_same_token_does_later"
_CHANGED = "test_a_logout_token_that_was_changed_is_refused"
_SECRET = "test_a_sign_out_upstream_shows_no_secret"  # a test's name
_NOBODY = "test_whoever_is_signed_out_already_is_no_fault"
_NONE = "test_what_is_no_logout_token_is_refused"
_ELSEWHERE = "test_a_provider_that_is_not_there_ends_nothing"


class EndsNothing(MemoryUpstreamLogout):
    async def end(self, provider_id: str, logout_token: str) -> int:
        del provider_id, logout_token
        return 2


class EndsEverybody(MemoryUpstreamLogout):
    async def end(self, provider_id: str, logout_token: str) -> int:
        ended = await super().end(provider_id, logout_token)
        for stored in list(self._storage.sessions.values()):
            await self._sessions.revoke(stored.session.handle)
        return ended


class OverlooksTheSid(MemoryUpstreamLogout):
    async def end(self, provider_id: str, logout_token: str) -> int:
        logout = self._provider.read_logout(logout_token)
        if logout is not None:
            return await self._sessions.end_upstream(logout.subject, None)
        return await super().end(provider_id, logout_token)


class TakesItAgain(MemoryUpstreamLogout):
    async def end(self, provider_id: str, logout_token: str) -> int:
        self._storage.logouts.clear()
        return await super().end(provider_id, logout_token)


class RemembersWhatItDidNotDo(MemoryUpstreamLogout):
    _seen: set[str] = set()  # noqa: RUF012  # one instance

    async def end(self, provider_id: str, logout_token: str) -> int:
        if logout_token in self._seen:
            raise LogoutRefusedError(LogoutReason.TOKEN_REPLAYED)
        self._seen.add(logout_token)
        return await super().end(provider_id, logout_token)


class IsContentWithoutAStore(MemoryUpstreamLogout):
    async def end(self, provider_id: str, logout_token: str) -> int:
        try:
            return await super().end(provider_id, logout_token)
        except BackendUnavailableError:
            return 0


class ReadsWhatItWants(MemoryUpstreamLogout):
    async def end(self, provider_id: str, logout_token: str) -> int:
        known = self._provider.secrets()
        meant = next((each for each in known if each[:-4] in logout_token), logout_token)
        return await super().end(provider_id, meant)


class TakesAnything(MemoryUpstreamLogout):
    async def end(self, provider_id: str, logout_token: str) -> int:
        try:
            return await super().end(provider_id, logout_token)
        except LogoutRefusedError:
            return 0


class TakesAnyProvider(MemoryUpstreamLogout):
    async def end(self, provider_id: str, logout_token: str) -> int:
        del provider_id
        return await super().end(self._provider.descriptor.id, logout_token)


class WantsSomebody(MemoryUpstreamLogout):
    async def end(self, provider_id: str, logout_token: str) -> int:
        ended = await super().end(provider_id, logout_token)
        if not ended:
            raise LogoutRefusedError(LogoutReason.SUBJECT_MISSING)
        return ended


class ShowsTheToken(MemoryUpstreamLogout):
    async def end(self, provider_id: str, logout_token: str) -> int:
        try:
            return await super().end(provider_id, logout_token)
        except LogoutRefusedError as error:
            raise LogoutRefusedError(error.code, seen=logout_token) from error


class TellsNobody(MemoryUpstreamLogout):
    async def end(self, provider_id: str, logout_token: str) -> int:
        vars(self._sessions)["_events"] = _Deaf()
        return await super().end(provider_id, logout_token)


class _Deaf:
    def emit(self, event: object) -> None:
        del event


class HasAPartThatItDoesNotOffer(MemoryAuthBackend):
    capabilities = Capabilities(
        frozenset(Capability) - {Capability.UPSTREAM_LOGOUT}, why_not={Capability.UPSTREAM_LOGOUT: "no"}
    )


FAULTS = (
    Fault(with_upstream_logout(EndsNothing), _EVERYBODY),
    Fault(with_upstream_logout(EndsEverybody), _EVERYBODY),
    Fault(with_upstream_logout(TellsNobody), _EVERYBODY),
    Fault(with_upstream_logout(OverlooksTheSid), _ONE),
    Fault(with_upstream_logout(TakesItAgain), _ONCE),
    Fault(with_upstream_logout(RemembersWhatItDidNotDo), _LATER),
    Fault(with_upstream_logout(IsContentWithoutAStore), _LATER),
    Fault(with_upstream_logout(ReadsWhatItWants), _CHANGED),
    Fault(with_upstream_logout(TakesAnything), _NONE, {"token": "a.b.c"}),
    Fault(with_upstream_logout(TakesAnyProvider), _ELSEWHERE, {"provider_id": "nobody-has-this-id"}),
    Fault(with_upstream_logout(WantsSomebody), _NOBODY),
    Fault(with_upstream_logout(ShowsTheToken), _SECRET),
    Fault(HasAPartThatItDoesNotOffer, _ONCE),
    Fault(HasAPartThatItDoesNotOffer, "test_its_parts_fit_its_capabilities"),
)
