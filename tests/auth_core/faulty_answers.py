"""Faults in what a backend answers to requests, and in what it says of itself."""

import logging
import re

from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.contract_v1 import encode_views
from netscript_auth_core.domain import AuthSession, Principal, ProviderDescriptor
from netscript_auth_core.errors import BackendUnavailableError, OperationUnsupportedError
from netscript_auth_core.hosted import WithoutRoles
from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.memory.backend import MemoryProviders
from netscript_auth_core.memory.sessions import MemorySessions
from netscript_auth_core.memory.tokens import MemoryTokens, handle_of
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, EncodedViews, Identity, Outcome
from netscript_auth_core.reasons import AnonymousReason
from tests.auth_core.faults import Fault, with_tokens

ALL = frozenset(Capability)


class TakesTheFirstCookie(MemoryTokens):
    def recognise(self, request: AuthRequest) -> str | Anonymous:
        return super().recognise(AuthRequest(session_tokens=request.session_tokens[:1]))


class TrimsTokens(MemoryTokens):
    def recognise(self, request: AuthRequest) -> str | Anonymous:
        bare = tuple(token.strip(' "=') for token in request.session_tokens)
        return super().recognise(AuthRequest(session_tokens=bare))


class ComparesTheBeginning(MemoryTokens):
    def recognise(self, request: AuthRequest) -> str | Anonymous:
        return super().recognise(AuthRequest(tuple(token[:43] for token in request.session_tokens)))


class FailsOnTextThatIsNotAscii(MemoryTokens):
    def recognise(self, request: AuthRequest) -> str | Anonymous:
        for token in request.session_tokens:
            token.encode("ascii")
        return super().recognise(request)


class HearsABearer(MemoryTokens):
    def recognise(self, request: AuthRequest) -> str | Anonymous:
        bearer = request.headers.get("authorization")
        return handle_of(bearer) if bearer else super().recognise(request)


class TakesHandles(MemoryTokens):
    def recognise(self, request: AuthRequest) -> str | Anonymous:
        bearer = re.fullmatch(r"Bearer ([\w-]{43})", request.headers.get("authorization", ""))
        return bearer[1] if bearer else super().recognise(request)


class CallsAnOutageAnonymous(MemoryAuthBackend):
    async def authenticate(self, request: AuthRequest) -> Outcome:
        try:
            return await super().authenticate(request)
        except BackendUnavailableError:
            return Anonymous(AnonymousReason.NO_SESSION)


class AnswersForGoodFromItsMemory(MemoryAuthBackend):
    async def authenticate(self, request: AuthRequest) -> Outcome:
        known: dict[tuple[str, ...], Outcome] = self.__dict__.setdefault("known", {})
        outcome = known.get(request.session_tokens) or await super().authenticate(request)
        if isinstance(outcome, Authenticated):
            known[request.session_tokens] = outcome
        return outcome


class AnswersForTheExpired(MemoryAuthBackend):
    async def authenticate(self, request: AuthRequest) -> Outcome:
        outcome = await super().authenticate(request)
        if outcome != Anonymous(AnonymousReason.SESSION_EXPIRED):
            return outcome
        stored = self.storage.sessions[handle_of(request.session_tokens[0])]
        return Authenticated(lambda: Identity(stored.session, stored.user))


class NeedsTheProviderForReads(MemoryAuthBackend):
    async def authenticate(self, request: AuthRequest) -> Outcome:
        await self.pretend_provider.redeem("")
        return await super().authenticate(request)


class IsHealthyInAnOutage(MemoryAuthBackend):
    async def check_health(self) -> None:
        pass


class IsIllWithoutItsProvider(MemoryAuthBackend):
    async def check_health(self) -> None:
        await self.pretend_provider.redeem("")
        await super().check_health()


class KeepsStaleViews(MemoryAuthBackend):
    async def authenticate(self, request: AuthRequest) -> Outcome:
        outcome = await super().authenticate(request)
        if not isinstance(outcome, Authenticated):
            return outcome
        kept: dict[str, EncodedViews] = self.__dict__.setdefault("kept", {})
        identity = outcome.identity
        return Authenticated(
            lambda: identity, kept.setdefault(identity.session.handle, encode_views(identity))
        )


class LogsTheToken(MemoryAuthBackend):
    async def authenticate(self, request: AuthRequest) -> Outcome:
        logging.getLogger("acme").debug("asked with %s", request.session_tokens)
        return await super().authenticate(request)


class TellsTheTokenInAnOutage(MemoryAuthBackend):
    async def authenticate(self, request: AuthRequest) -> Outcome:
        try:
            return await super().authenticate(request)
        except BackendUnavailableError as error:
            raise BackendUnavailableError("memory", "away") from RuntimeError(
                request.session_tokens[0], error
            )


class ForgetsAtRestart(MemoryAuthBackend):
    async def start(self) -> None:
        self.storage.sessions.clear()


class ClosesOnce(MemoryAuthBackend):
    async def aclose(self) -> None:
        if self.__dict__.setdefault("closed", False):
            raise RuntimeError("closed already")
        self.__dict__["closed"] = True


class ConcealsRefresh(MemoryAuthBackend):
    capabilities = Capabilities(ALL - {Capability.REFRESH})


class OffersWhatItRefuses(MemoryAuthBackend):
    async def start(self) -> None:
        self.sessions.__class__ = RefusesToRefresh


class RefusesToRefresh(MemorySessions):
    async def refresh(self, handle: str) -> AuthSession:
        raise OperationUnsupportedError("memory", "refresh", "it is too much work")


class RefusesWithoutAReason(MemoryAuthBackend):
    capabilities = Capabilities(ALL - {Capability.REFRESH})

    async def start(self) -> None:
        self.sessions.__class__ = RefusesWithoutAWord


class RefusesWithoutAWord(MemorySessions):
    async def refresh(self, handle: str) -> AuthSession:
        raise OperationUnsupportedError("memory", "refresh", "")


class ConcealsSignin(MemoryAuthBackend):
    capabilities = Capabilities(ALL - {Capability.SIGNIN, Capability.CALLBACK})


class BeginsWhatItCannotEnd(MemoryAuthBackend):
    capabilities = Capabilities(ALL - {Capability.REVOKE})


class ActsAsSomebodyElse(WithoutRoles):
    def principal(self, session: AuthSession) -> Principal:
        return super().principal(session).model_copy(update={"user_id": "usr_root"})


class HasNobodyForPrincipal(MemoryAuthBackend):
    async def start(self) -> None:
        self.principals.__class__ = ActsAsSomebodyElse


class FindsAnyProvider(MemoryProviders):
    def get(self, provider_id: str) -> ProviderDescriptor | None:
        return self._descriptor


class HasAnyProvider(MemoryAuthBackend):
    async def start(self) -> None:
        self.providers.__class__ = FindsAnyProvider


_OFFER = "test_what_is_offered_works_and_what_is_not_is_refused"
_REFRESH = {"capability": Capability.REFRESH}

FAULTS = (
    Fault(with_tokens(TakesTheFirstCookie), "test_two_cookies_are_nobodys", {"second": "another one's"}),
    Fault(with_tokens(TakesTheFirstCookie), "test_two_cookies_are_nobodys", {"second": "rubbish last"}),
    Fault(with_tokens(TrimsTokens), "test_a_credential_that_was_changed_is_nobodys"),
    Fault(with_tokens(ComparesTheBeginning), "test_a_credential_that_was_changed_is_nobodys"),
    Fault(with_tokens(FailsOnTextThatIsNotAscii), "test_malformed_text_is_nobodys", {"text": "not ASCII"}),
    Fault(with_tokens(HearsABearer), "test_a_session_cookie_is_no_header"),
    Fault(with_tokens(TakesHandles), "test_a_handle_lets_nobody_in"),
    Fault(CallsAnOutageAnonymous, "test_without_the_store_nobody_is_called_anonymous"),
    Fault(AnswersForGoodFromItsMemory, "test_a_revocation_reaches_every_instance"),
    Fault(AnswersForGoodFromItsMemory, "test_without_the_store_nobody_is_called_anonymous"),
    Fault(AnswersForTheExpired, "test_an_expired_session_stays_so_when_it_is_asked_for"),
    Fault(NeedsTheProviderForReads, "test_without_the_provider_sessions_answer"),
    Fault(IsHealthyInAnOutage, "test_health_follows_what_reads_need"),
    Fault(IsIllWithoutItsProvider, "test_without_the_provider_the_backend_is_healthy"),
    Fault(KeepsStaleViews, "test_encoded_answers_are_what_the_contract_makes_of_the_identity"),
    Fault(LogsTheToken, "test_reading_shows_no_secret"),
    Fault(TellsTheTokenInAnOutage, "test_reading_shows_no_secret"),
    Fault(ForgetsAtRestart, "test_a_restart_signs_nobody_out"),
    Fault(ClosesOnce, "test_closing_twice_is_no_fault"),
    Fault(ConcealsRefresh, _OFFER, _REFRESH),
    Fault(ConcealsRefresh, "test_a_refresh_moves_no_limit"),
    Fault(OffersWhatItRefuses, _OFFER, _REFRESH),
    Fault(RefusesWithoutAReason, _OFFER, _REFRESH),
    Fault(ConcealsSignin, "test_its_parts_fit_its_capabilities"),
    Fault(BeginsWhatItCannotEnd, "test_its_parts_fit_its_capabilities"),
    Fault(ConcealsSignin, "test_a_callback_works_once"),
    Fault(HasNobodyForPrincipal, "test_a_principal_is_its_session"),
    Fault(HasAnyProvider, "test_a_provider_that_is_not_there_is_none", {"provider_id": "../x"}),
)
