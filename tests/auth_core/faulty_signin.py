"""Faults in sign-in: each is one that a real adapter could have."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from netscript_auth_core.domain import AuthUser, Device, ExternalIdentity
from netscript_auth_core.errors import BackendUnavailableError, FlowRefusedError
from netscript_auth_core.memory.provider import ISSUER, PretendProvider
from netscript_auth_core.memory.sessions import MemorySessions
from netscript_auth_core.memory.signin import MemorySignin
from netscript_auth_core.memory.storage import StoredFlow
from netscript_auth_core.ports import (
    CallbackRequest,
    IssuedSession,
    SigninCompleted,
    SigninRequest,
    SigninStarted,
)
from netscript_auth_core.reasons import FlowReason
from netscript_kernel.ids import digest, new_id
from tests.auth_core.faults import Fault, with_provider, with_sessions, with_signin


class AcceptsReplay(MemorySignin):
    def _use_up(self, flow: StoredFlow) -> None:
        flow.is_used = False
        super()._use_up(flow)


class MarksUsedTooLate(MemorySignin):
    def _use_up(self, flow: StoredFlow) -> None:
        super()._use_up(flow)
        flow.is_used = False

    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        completed = await super().complete(request)
        for flow in self._storage.flows.values():
            flow.is_used = flow.is_used or flow.flow_id == completed.flow_id
        return completed


class IgnoresFlowExpiry(MemorySignin):
    def _use_up(self, flow: StoredFlow) -> None:
        flow.expires_at = self._clock.now() + timedelta(minutes=1)
        super()._use_up(flow)


class EndsFlowsASecondLate(MemorySignin):
    def _use_up(self, flow: StoredFlow) -> None:
        flow.expires_at += timedelta(seconds=1)
        super()._use_up(flow)


class LeavesWhatNoCookieCarries(MemorySignin):
    left = '{"flow": 1}'

    async def start(self, request: SigninRequest) -> SigninStarted:
        started = await super().start(request)
        return replace(started, cookie=replace(started.cookie, value=self.left))

    def _bound_flow(self, state: str, request: CallbackRequest) -> StoredFlow:
        return self._storage.flows[digest(state)]


class LeavesTheDestinationInTheBrowser(LeavesWhatNoCookieCarries):
    left = "a" * 2049


class NamesFlowsAtLength(MemorySignin):
    async def start(self, request: SigninRequest) -> SigninStarted:
        started = await super().start(request)
        return replace(started, cookie=replace(started.cookie, flow_id="f" * 33))


class GivesOutTokensThatNoCookieCarries(MemorySignin):
    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        completed = await super().complete(request)
        return replace(completed, issued=replace(completed.issued, token='"quoted"'))


class NeedsNoCookie(MemorySignin):
    def _bound_flow(self, state: str, request: CallbackRequest) -> StoredFlow:
        return self._storage.flows[digest(state)]


class TakesCookieFromQuery(MemorySignin):
    def _bound_flow(self, state: str, request: CallbackRequest) -> StoredFlow:
        flow = self._storage.flows[digest(state)]
        if digest(dict(request.parameters).get("txn", "")) == flow.cookie_digest:
            return flow
        return super()._bound_flow(state, request)


class TakesAnyCookie(MemorySignin):
    def _bound_flow(self, state: str, request: CallbackRequest) -> StoredFlow:
        flow = self._storage.flows[digest(state)]
        known = {each.cookie_digest for each in self._storage.flows.values()}
        if known & {digest(value) for value in request.flow_cookies.values()}:
            return flow
        return super()._bound_flow(state, request)


class LetsStrangersUseUpAFlow(MemorySignin):
    def _bound_flow(self, state: str, request: CallbackRequest) -> StoredFlow:
        self._use_up(self._storage.flows[digest(state)])
        flow = super()._bound_flow(state, request)
        flow.is_used = False
        return flow


class TakesTheFirstOfTwo(MemorySignin):
    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        first = dict(reversed(request.parameters))
        return await super().complete(_with(request, list(first.items())))


class TakesTheLastOfTwo(MemorySignin):
    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        return await super().complete(_with(request, list(dict(request.parameters).items())))


class IgnoresTheIssuer(MemorySignin):
    def _check_answer(self, answer: dict[str, str], flow: StoredFlow) -> None:
        super()._check_answer({**answer, "iss": ISSUER}, flow)


class IgnoresTheProvidersPath(MemorySignin):
    def _bound_flow(self, state: str, request: CallbackRequest) -> StoredFlow:
        return super()._bound_flow(state, _with(request, request.parameters))


class KeepsCancelledFlows(MemorySignin):
    def _check_answer(self, answer: dict[str, str], flow: StoredFlow) -> None:
        flow.is_used = "error" not in answer
        super()._check_answer(answer, flow)


class KeepsFlowsOfRefusedCodes(MemorySignin):
    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        try:
            return await super().complete(request)
        except FlowRefusedError as error:
            for flow in self._storage.flows.values():
                flow.is_used = flow.is_used and error.code is not FlowReason.CODE_REFUSED
            raise


class KeepsTheOldSession(MemorySignin):
    async def _end_replaced(self, session_tokens: Sequence[str]) -> None:
        pass


class EndsTheOldSessionFirst(MemorySignin):
    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        await self._end_replaced(request.session_tokens)
        return await super().complete(request)


class HearsTheCallbacksDestination(MemorySignin):
    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        completed = await super().complete(request)
        wanted = dict(request.parameters).get("redirectTo", completed.return_to)
        return SigninCompleted(completed.issued, wanted, completed.flow_id)


class KnowsOneFlowAtATime(MemorySignin):
    async def start(self, request: SigninRequest) -> SigninStarted:
        self._storage.flows.clear()
        return await super().start(request)


class CountsItsStates(MemorySignin):
    async def start(self, request: SigninRequest) -> SigninStarted:
        started = await super().start(request)
        flow = self._storage.flows.pop(digest(started.state))
        state = f"state-{len(self._storage.flows)}"
        self._storage.flows[digest(state)] = flow
        url = started.redirect_url.replace(started.state, state)
        return SigninStarted(started.provider_id, url, state, started.cookie)


class AsksForAnyScope(MemorySignin):
    async def start(self, request: SigninRequest) -> SigninStarted:
        return await super().start(SigninRequest(request.provider_id, request.return_to))


class TakesAnyProvider(MemorySignin):
    async def start(self, request: SigninRequest) -> SigninStarted:
        return await super().start(SigninRequest(None, request.return_to, request.login_hint, request.scopes))


class CallsAnOutageARefusal(MemorySignin):
    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        try:
            return await super().complete(request)
        except BackendUnavailableError:
            raise FlowRefusedError(FlowReason.CODE_REFUSED) from None


class LogsTheCode(MemorySignin):
    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        logging.getLogger("acme").debug("callback", extra={"parameters": list(request.parameters)})
        return await super().complete(request)


class TellsTheStateInItsRefusal(MemorySignin):
    def _bound_flow(self, state: str, request: CallbackRequest) -> StoredFlow:
        try:
            return super()._bound_flow(state, request)
        except FlowRefusedError as error:
            raise FlowRefusedError(error.code, seen=state) from None


class ChainsAnErrorThatTellsTheCode(MemorySignin):
    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        try:
            return await super().complete(request)
        except FlowRefusedError as error:
            raise FlowRefusedError(error.code) from ValueError(f"bad answer: {request.parameters}")


class MakesANewUserEachTime(MemorySessions):
    async def person(self, identity: ExternalIdentity) -> AuthUser:
        return await super().person(identity.model_copy(update={"subject": new_id("subject")}))


class MakesEverybodyOneUser(MemorySessions):
    async def person(self, identity: ExternalIdentity) -> AuthUser:
        return await super().person(identity.model_copy(update={"subject": "everybody"}))


class PastesTheHint(PretendProvider):
    def authorize_url(
        self, state: str, scopes: Sequence[str], login_hint: str | None, max_age: timedelta | None = None
    ) -> str:
        hint = f"&login_hint={login_hint}" if login_hint else ""
        return super().authorize_url(state, scopes, None, max_age) + hint


class ForgetsTheAge(MemorySignin):
    async def start(self, request: SigninRequest) -> SigninStarted:
        return await super().start(replace(request, max_age=None))


class ClaimsANewSignIn(MemorySessions):
    async def create(
        self, identity: ExternalIdentity, device: Device, *, authenticated_at: datetime | None = None
    ) -> IssuedSession:
        del authenticated_at
        return await super().create(identity, device, authenticated_at=self._clock.now())


class TakesCreatingForBeingThere(MemorySessions):
    async def create(
        self, identity: ExternalIdentity, device: Device, *, authenticated_at: datetime | None = None
    ) -> IssuedSession:
        there_at = authenticated_at or self._clock.now()
        return await super().create(identity, device, authenticated_at=there_at)


class LeavesTheSessionBefore(MemorySignin):
    async def _end_replaced(self, session_tokens: Sequence[str]) -> None:
        del session_tokens


class BelievesItIsNow(MemorySessions):
    def issue(self, *args: Any, **options: Any) -> IssuedSession:
        return super().issue(*args[:6], **{**options, "authenticated_at": self._clock.now()})


def _with(request: CallbackRequest, parameters: Sequence[tuple[str, str]]) -> CallbackRequest:
    return CallbackRequest(
        parameters=parameters,
        flow_cookies=request.flow_cookies,
        session_tokens=request.session_tokens,
        device=request.device,
    )


_FITS = "test_what_is_left_in_a_browser_fits_into_cookies"

_AGED = "test_who_is_only_remembered_by_the_provider_is_refused"
_THEN = "test_who_is_remembered_from_within_the_age_is_let_in_with_the_time_of_then"
_EXCHANGED = "test_a_session_in_the_place_of_another_says_when_the_person_signed_in"
_UNPROVEN = "test_a_session_for_which_nobody_proved_to_be_there_does_not_say_so"
_REPLACED = "test_signing_in_again_takes_the_place_of_the_session_before"

FAULTS = (
    Fault(with_signin(ForgetsTheAge), _AGED),
    Fault(with_sessions(BelievesItIsNow), _THEN),
    Fault(with_signin(LeavesTheSessionBefore), _REPLACED),
    Fault(with_sessions(ClaimsANewSignIn), _EXCHANGED),
    Fault(with_sessions(TakesCreatingForBeingThere), _UNPROVEN),
    Fault(with_signin(LeavesWhatNoCookieCarries), _FITS),
    Fault(with_signin(LeavesTheDestinationInTheBrowser), _FITS),
    Fault(with_signin(NamesFlowsAtLength), _FITS),
    Fault(with_signin(GivesOutTokensThatNoCookieCarries), _FITS),
    Fault(with_signin(AcceptsReplay), "test_a_callback_works_once"),
    Fault(with_signin(MarksUsedTooLate), "test_of_two_callbacks_at_once_one_works"),
    Fault(
        with_signin(IgnoresFlowExpiry),
        "test_a_flow_has_expired_from_its_end_on",
        {"late": timedelta(minutes=1)},
    ),
    Fault(
        with_signin(EndsFlowsASecondLate), "test_a_flow_has_expired_from_its_end_on", {"late": timedelta(0)}
    ),
    Fault(
        with_signin(NeedsNoCookie), "test_a_callback_without_the_cookie_is_refused", {"smuggled": "nowhere"}
    ),
    Fault(with_signin(NeedsNoCookie), "test_a_cookie_that_was_changed_does_not_bind"),
    Fault(
        with_signin(TakesCookieFromQuery),
        "test_a_callback_without_the_cookie_is_refused",
        {"smuggled": "txn"},
    ),
    Fault(with_signin(TakesAnyCookie), "test_the_cookie_of_another_flow_does_not_bind"),
    Fault(
        with_signin(LetsStrangersUseUpAFlow),
        "test_a_callback_without_the_cookie_is_refused",
        {"smuggled": "nowhere"},
    ),
    Fault(
        with_signin(TakesTheFirstOfTwo),
        "test_a_parameter_that_is_repeated_is_refused",
        {"repeat": "code, a bad one last"},
    ),
    Fault(
        with_signin(TakesTheLastOfTwo),
        "test_a_parameter_that_is_repeated_is_refused",
        {"repeat": "state, a bad one first"},
    ),
    Fault(with_signin(IgnoresTheIssuer), "test_another_issuer_is_refused"),
    Fault(with_signin(IgnoresTheProvidersPath), "test_a_callback_of_another_provider_is_refused"),
    Fault(with_signin(KeepsCancelledFlows), "test_somebody_who_says_no_is_not_signed_in"),
    Fault(with_signin(KeepsFlowsOfRefusedCodes), "test_a_code_that_the_provider_never_gave_is_refused"),
    Fault(
        with_signin(KeepsTheOldSession), "test_a_new_sign_in_ends_the_session_before_it", {"person": "bob"}
    ),
    Fault(with_signin(EndsTheOldSessionFirst), "test_a_sign_in_that_fails_leaves_the_session_alone"),
    Fault(with_signin(EndsTheOldSessionFirst), "test_a_callback_works_once"),
    Fault(with_signin(HearsTheCallbacksDestination), "test_a_sign_in_ends_where_it_was_meant_to"),
    Fault(with_signin(KnowsOneFlowAtATime), "test_two_sign_ins_at_once_in_one_browser_both_complete"),
    Fault(with_signin(CountsItsStates), "test_no_two_sign_ins_share_state_or_cookie"),
    Fault(with_signin(AsksForAnyScope), "test_scopes_beyond_the_configured_are_refused"),
    Fault(with_signin(TakesAnyProvider), "test_an_unknown_provider_is_refused", {"provider_id": "../x"}),
    Fault(with_signin(CallsAnOutageARefusal), "test_without_the_provider_nobody_signs_in"),
    Fault(with_signin(CallsAnOutageARefusal), "test_without_the_store_nobody_signs_in"),
    Fault(with_signin(LogsTheCode), "test_signing_in_shows_no_secret"),
    Fault(with_signin(TellsTheStateInItsRefusal), "test_signing_in_shows_no_secret"),
    Fault(with_signin(ChainsAnErrorThatTellsTheCode), "test_signing_in_shows_no_secret"),
    Fault(with_sessions(MakesANewUserEachTime), "test_the_same_person_is_the_same_user_each_time"),
    Fault(with_sessions(MakesEverybodyOneUser), "test_different_persons_are_different_users"),
    Fault(
        with_provider(PastesTheHint),
        "test_a_login_hint_is_one_parameter_at_most",
        {"hint": "a&prompt=none&redirect_uri=https://evil.invalid"},
    ),
)
