"""Sign-in through us: a flow begins in a browser, and ends at most once, in that browser."""

from collections.abc import Sequence
from datetime import timedelta
from hmac import compare_digest

from netscript_auth_core.errors import FlowRefusedError, InvalidInputError
from netscript_auth_core.memory.provider import ISSUER, PretendProvider
from netscript_auth_core.memory.sessions import MemorySessions
from netscript_auth_core.memory.storage import Storage, StoredFlow
from netscript_auth_core.memory.tokens import MemoryTokens
from netscript_auth_core.ports import (
    Anonymous,
    AuthRequest,
    CallbackRequest,
    FlowCookie,
    SigninCompleted,
    SigninRequest,
    SigninStarted,
)
from netscript_auth_core.reasons import FlowReason
from netscript_kernel.clock import Clock
from netscript_kernel.ids import digest, new_id, new_token

FLOW_LIFETIME = timedelta(minutes=10)
_READ = ("state", "code", "iss", "error")
_LONGEST = 2048


class MemorySignin:
    """The interactive part of the port."""

    def __init__(
        self, storage: Storage, provider: PretendProvider, sessions: MemorySessions, clock: Clock
    ) -> None:
        self._storage = storage
        self._provider = provider
        self._sessions = sessions
        self._clock = clock

    async def start(self, request: SigninRequest) -> SigninStarted:
        """Keep what the callback will need, and bind it to the browser by a cookie."""
        offered = self._provider.descriptor
        if request.provider_id not in (None, offered.id):
            raise InvalidInputError("providerId", f"is not one of: {offered.id}")
        if not set(request.scopes) <= set(offered.scopes):
            raise InvalidInputError("scopes", f"are not all among: {' '.join(offered.scopes)}")
        state, cookie, scopes = new_token(), new_token(), request.scopes or offered.scopes
        flow = StoredFlow(
            flow_id=new_id("flow"),
            provider_id=offered.id,
            return_to=request.return_to,
            scopes=scopes,
            cookie_digest=digest(cookie),
            expires_at=self._clock.now() + FLOW_LIFETIME,
            max_age=request.max_age,
        )
        self._storage.flows[digest(state)] = flow
        url = self._provider.authorize_url(state, scopes, request.login_hint, request.max_age)
        return SigninStarted(offered.id, url, state, FlowCookie(flow.flow_id, cookie, FLOW_LIFETIME))

    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        """Check the callback, each thing before the next one is touched, then let the person in."""
        answer = read_parameters(request.parameters)
        flow = self._bound_flow(answer["state"], request)
        self._use_up(flow)
        self._check_answer(answer, flow)
        redeemed = await self._provider.redeem(answer["code"])
        if redeemed is None:
            raise FlowRefusedError(FlowReason.CODE_REFUSED, provider_id=flow.provider_id)
        if flow.max_age is not None and redeemed.age > flow.max_age:
            raise FlowRefusedError(FlowReason.AUTH_TIME_TOO_OLD, provider_id=flow.provider_id)
        user = await self._sessions.person(redeemed.identity)
        issued = self._sessions.issue(
            user,
            redeemed.identity,
            request.device,
            flow.scopes,
            redeemed.grant,
            redeemed.sid,
            self._clock.now() - redeemed.age,
        )
        await self._end_replaced(request.session_tokens)
        return SigninCompleted(issued, flow.return_to, flow.flow_id)

    def _bound_flow(self, state: str, request: CallbackRequest) -> StoredFlow:
        """Find the flow, and refuse any browser but the one that it began in."""
        flow = self._storage.flows.get(digest(state))
        if flow is None:
            raise FlowRefusedError(FlowReason.STATE_MISMATCH)
        cookie = request.flow_cookies.get(flow.flow_id, "")
        if not compare_digest(digest(cookie), flow.cookie_digest):
            raise FlowRefusedError(FlowReason.FLOW_NOT_BOUND, provider_id=flow.provider_id)
        if request.provider_id not in (None, flow.provider_id):
            seen = request.provider_id
            raise FlowRefusedError(FlowReason.PROVIDER_MISMATCH, expected=flow.provider_id, seen=seen)
        return flow

    def _use_up(self, flow: StoredFlow) -> None:
        """Take the flow, once. No ``await`` in here: of two callbacks at once one comes first."""
        if flow.is_used:
            raise FlowRefusedError(FlowReason.FLOW_USED, provider_id=flow.provider_id)
        if flow.expires_at <= self._clock.now():
            raise FlowRefusedError(FlowReason.FLOW_EXPIRED, provider_id=flow.provider_id)
        flow.is_used = True

    def _check_answer(self, answer: dict[str, str], flow: StoredFlow) -> None:
        """Refuse another provider's answer (RFC 9207), and one that says no (RFC 6749 section 4.1.2.1)."""
        if "iss" not in answer:
            raise FlowRefusedError(FlowReason.ISS_MISSING, expected=ISSUER, provider_id=flow.provider_id)
        if answer["iss"] != ISSUER:
            raise FlowRefusedError(FlowReason.ISS_MISMATCH, expected=ISSUER, seen=answer["iss"])
        if answer.get("error") == "access_denied":
            raise FlowRefusedError(FlowReason.ACCESS_DENIED, provider_id=flow.provider_id)
        if "error" in answer:
            raise FlowRefusedError(FlowReason.PROVIDER_REFUSED, provider_id=flow.provider_id)

    async def _end_replaced(self, session_tokens: Sequence[str]) -> None:
        """End what the browser was signed in with before, so that nobody keeps a share in the new session."""
        for token in session_tokens:
            handle = MemoryTokens().recognise(AuthRequest((token,)))
            if not isinstance(handle, Anonymous):
                await self._sessions.revoke(handle)


def read_parameters(parameters: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters that are read here, each at most once (RFC 6749 section 3.1).

    Raises:
        FlowRefusedError: one is repeated, malformed or missing.
    """
    known = [(name, value) for name, value in parameters if name in _READ]
    answer = dict(known)
    if len(answer) < len(known):
        raise FlowRefusedError(FlowReason.PARAMETER_REPEATED)
    if any(len(value) > _LONGEST or not value.isprintable() for value in answer.values()):
        raise FlowRefusedError(FlowReason.PARAMETER_MALFORMED)
    if not answer.get("state") or not (answer.get("code") or answer.get("error")):
        raise FlowRefusedError(FlowReason.PARAMETER_MISSING)
    if "code" in answer and "error" in answer:
        raise FlowRefusedError(FlowReason.PARAMETER_MALFORMED)
    return answer
