"""Faults in signing out together with the upstream, and in the work that no request waits for."""

import logging
from dataclasses import replace

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.domain import AuthSession, SessionState
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.memory.sessions import MemorySessions
from netscript_auth_core.memory.signout import MemorySignout, MemoryUpkeep
from netscript_auth_core.ports import SignedOut, SignoutRequest, UpstreamStatus
from tests.auth_core.faults import Fault, with_sessions, with_signout, with_upkeep

DONE = UpstreamStatus.DONE


class OnlySaysSo(MemorySignout):
    async def end(self, request: SignoutRequest) -> SignedOut:
        return SignedOut(1, DONE)


class EndsForAMoment(MemorySignout):
    async def end(self, request: SignoutRequest) -> SignedOut:
        signed_out = await super().end(request)
        stored = self._storage.sessions.get(request.handle)
        if stored is not None:
            stored.session = stored.session.model_copy(update={"state": SessionState.ACTIVE})
        return signed_out


class EndsAllOfEverybody(MemorySignout):
    async def end(self, request: SignoutRequest) -> SignedOut:
        for stored in list(self._storage.sessions.values()):
            await self._sessions.revoke(stored.session.handle)
        return SignedOut(1, DONE)


class EndsOneEverywhere(MemorySignout):
    async def end(self, request: SignoutRequest) -> SignedOut:
        return await super().end(replace(request, everywhere=False))


class ListensToOldHandles(MemorySignout):
    async def end(self, request: SignoutRequest) -> SignedOut:
        stored = self._storage.sessions.get(request.handle)
        if stored is not None and request.everywhere:
            return SignedOut(await self._sessions.revoke_all_for_user(stored.session.user_id))
        return await super().end(request)


class FailsOnTheUnknown(MemorySignout):
    async def end(self, request: SignoutRequest) -> SignedOut:
        if request.handle not in self._storage.sessions:
            raise LookupError(request.handle)
        return await super().end(request)


class CountsWhatHadEnded(MemorySignout):
    async def end(self, request: SignoutRequest) -> SignedOut:
        return replace(await super().end(request), ended=1)


class TellsTheProviderNothing(MemorySignout):
    async def end(self, request: SignoutRequest) -> SignedOut:
        session = await self._sessions.get(request.handle)
        if session is None or session.state is not SessionState.ACTIVE:
            return SignedOut(0)
        await self._sessions.revoke(request.handle)
        self._storage.owed.clear()
        return SignedOut(1, DONE)


class SaysItIsDone(MemorySignout):
    async def end(self, request: SignoutRequest) -> SignedOut:
        signed_out = await super().end(request)
        return replace(signed_out, upstream=signed_out.upstream and DONE)


class WaitsForTheProvider(MemorySignout):
    async def end(self, request: SignoutRequest) -> SignedOut:
        await self._provider.revoke("never-given-out")
        return await super().end(request)


class LosesTheState(MemorySignout):
    async def end(self, request: SignoutRequest) -> SignedOut:
        url = f"https://provider.invalid/end?return_to={request.return_to}"
        return replace(await super().end(request), end_session_url=url)


class LeadsElsewhere(MemorySignout):
    async def end(self, request: SignoutRequest) -> SignedOut:
        url = f"https://provider.invalid/end?return_to=https://elsewhere.invalid/&state={request.state}"
        return replace(await super().end(request), end_session_url=url)


class EndsNothingInAnOutage(MemorySignout):
    async def end(self, request: SignoutRequest) -> SignedOut:
        try:
            return await super().end(request)
        except BackendUnavailableError:
            return SignedOut(0)


class LogsTheState(MemorySignout):
    async def end(self, request: SignoutRequest) -> SignedOut:
        logging.getLogger("acme").info("signed out; %s", request.state)
        return await super().end(request)


class ForgetsWhatIsPending(MemoryUpkeep):
    async def run(self) -> None:
        await super().run()
        self._storage.owed.clear()


class DoesNothing(MemoryUpkeep):
    async def run(self) -> None:
        self._storage.check()


class EndsWhateverItFinds(MemoryUpkeep):
    async def run(self) -> None:
        self._storage.sessions.clear()


class NeedsTheProvider(MemoryUpkeep):
    async def run(self) -> None:
        await self._provider.revoke("never-given-out")
        await super().run()


class IsContentWithoutAStore(MemoryUpkeep):
    async def run(self) -> None:
        if not self._storage.is_away:
            await super().run()


class LeavesTheSuccessor(MemorySessions):
    async def _refresh(self, handle: str) -> AuthSession:
        before = set(self._storage.owed)
        try:
            return await super()._refresh(handle)
        finally:
            for grant in self._storage.owed - before:
                self._storage.owed.discard(grant)


class SignsOutWithoutRevoking(MemoryAuthBackend):
    capabilities = Capabilities(
        frozenset(Capability)
        - {Capability.REVOKE, Capability.SIGNIN, Capability.CALLBACK, Capability.CREATE_SESSIONS}
    )
    interactive = None  # type: ignore[assignment]  # so that its sign-out is all that is wrong


_OUTAGE = "test_an_upstream_that_is_away_keeps_nobody_signed_in_and_hears_of_it_later"
_ADDRESS = "test_an_address_that_signs_the_browser_out_upstream_leads_back"
_ENDED = "test_signing_out_of_what_has_ended_is_no_fault_and_ends_nothing"

FAULTS = (
    Fault(with_signout(OnlySaysSo), "test_signing_out_ends_the_session_for_good"),
    Fault(with_signout(EndsForAMoment), "test_signing_out_ends_the_session_for_good"),
    Fault(with_signout(EndsAllOfEverybody), "test_signing_out_ends_no_other_session"),
    Fault(with_signout(EndsAllOfEverybody), "test_signing_out_everywhere_ends_all_of_a_persons_sessions"),
    Fault(with_signout(EndsOneEverywhere), "test_signing_out_everywhere_ends_all_of_a_persons_sessions"),
    Fault(with_signout(ListensToOldHandles), _ENDED),
    Fault(with_signout(FailsOnTheUnknown), _ENDED),
    Fault(with_signout(CountsWhatHadEnded), _ENDED),
    Fault(with_signout(TellsTheProviderNothing), "test_what_is_said_to_be_done_upstream_is_done"),
    Fault(with_signout(SaysItIsDone), _OUTAGE),
    Fault(with_signout(WaitsForTheProvider), _OUTAGE),
    Fault(with_upkeep(ForgetsWhatIsPending), _OUTAGE),
    Fault(with_upkeep(DoesNothing), _OUTAGE),
    Fault(
        with_sessions(LeavesTheSuccessor),
        "test_a_sign_out_during_a_refresh_wins_and_leaves_nothing_upstream",
    ),
    Fault(with_signout(LosesTheState), _ADDRESS),
    Fault(with_signout(LeadsElsewhere), _ADDRESS),
    Fault(with_signout(EndsNothingInAnOutage), "test_without_the_store_nobody_is_said_to_be_signed_out"),
    Fault(with_signout(LogsTheState), "test_signing_out_shows_no_secret"),
    Fault(with_upkeep(EndsWhateverItFinds), "test_upkeep_ends_no_session"),
    Fault(with_upkeep(EndsWhateverItFinds), "test_upkeep_by_several_instances_at_once_is_no_fault"),
    Fault(with_upkeep(NeedsTheProvider), "test_upkeep_does_not_need_the_upstream"),
    Fault(with_upkeep(IsContentWithoutAStore), "test_upkeep_without_the_store_says_so"),
    Fault(SignsOutWithoutRevoking, "test_its_parts_fit_its_capabilities"),
)
