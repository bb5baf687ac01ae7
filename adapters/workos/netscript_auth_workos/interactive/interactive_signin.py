"""Sign-in at AuthKit, through us: both halves (WorkOS's page on AuthKit; RFC 6749 section 4.1; RFC 7636)."""

import hashlib
import re
import secrets
from typing import Final

from netscript_auth_core.background import Background, finish
from netscript_auth_core.capabilities import Capabilities, Capability
from netscript_auth_core.errors import (
    FlowRefusedError,
    InvalidInputError,
    RestartSigninError,
)
from netscript_auth_core.flows.authorization_response import AuthorizationResponse, read_response
from netscript_auth_core.flows.flow_cookies import FlowCookies
from netscript_auth_core.flows.flow_gate import AdmittedFlow, FlowGate
from netscript_auth_core.flows.provider_errors import AWAY
from netscript_auth_core.flows.transactions import (
    LIFETIME,
    FlowSecrets,
    PendingFlow,
    Transactions,
    binding_digest,
    flow_id,
)
from netscript_auth_core.ports import (
    CallbackRequest,
    IssuedSession,
    SigninCompleted,
    SigninRequest,
    SigninStarted,
)
from netscript_auth_core.reasons import FlowReason
from netscript_auth_workos.api.answers import RefusedError
from netscript_auth_workos.api.issued_tokens import IssuedTokens
from netscript_auth_workos.interactive.authkit import AuthKit
from netscript_auth_workos.interactive.interactive_sessions import InteractiveSessions
from netscript_auth_workos.interactive.interactive_tokens import handle_of, is_token
from netscript_auth_workos.interactive.people import People
from netscript_auth_workos.naming import BACKEND, PROVIDER
from netscript_auth_workos.outages import store_outages, workos_away
from netscript_auth_workos.tokens.access_token import AccessToken, TokenInvalidError
from netscript_auth_workos.tokens.access_tokens import AccessTokens
from netscript_kernel.clock import Clock
from netscript_kernel.ids import encode_base64url, new_token

_MOST_HINT_CHARACTERS: Final = 320
_HALF_CHARACTER: Final = re.compile(r"[\ud800-\udfff]")
_VERIFIER_BYTES: Final = 48  # 64 characters; RFC 7636 section 4.1 wants 43 to 128
_MOST_REPLACED: Final = 5


class InteractiveSignin:
    """The interactive part of the port."""

    def __init__(
        self,
        authkit: AuthKit,
        transactions: Transactions,
        cookies: FlowCookies,
        tokens: AccessTokens,
        sessions: InteractiveSessions,
        people: People,
        background: Background,
        clock: Clock,
        redirect_uri: str,
        capabilities: Capabilities,
    ) -> None:
        self._authkit = authkit
        self._transactions = transactions
        self._cookies = cookies
        self._gate = FlowGate(authkit, transactions, cookies, clock, store_outages)
        self._tokens = tokens
        self._sessions = sessions
        self._people = people
        self._background = background
        self._clock = clock
        self._redirect_uri = redirect_uri
        self._capabilities = capabilities

    async def start(self, request: SigninRequest) -> SigninStarted:
        """Begin a sign-in; see :meth:`InteractivePort.start`."""
        _check(request)
        if request.max_age is not None:
            raise self._capabilities.refusal(BACKEND, Capability.STEP_UP)
        state, binding = new_token(), new_token()
        secret = FlowSecrets(verifier=secrets.token_urlsafe(_VERIFIER_BYTES), nonce="")
        challenge = encode_base64url(hashlib.sha256(secret.verifier.encode()).digest())
        url = self._authkit.calls.authorization_url(
            self._redirect_uri, state=state, challenge=challenge, login_hint=request.login_hint
        )
        flow = PendingFlow(
            provider_id=PROVIDER,
            issuer=self._authkit.issuer,
            binding_digest=binding_digest(binding),
            sealed=self._transactions.seal(state, secret),
            redirect_uri=self._redirect_uri,
            return_to=request.return_to,
            scopes=(),
            expires_at=self._clock.now() + LIFETIME,
        )
        with store_outages():
            await self._transactions.add(state, flow)
        cookie = self._cookies.issue(flow_id(state), binding, PROVIDER, self._authkit.issuer)
        return SigninStarted(PROVIDER, url, state, cookie)

    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        """Finish a sign-in; see :meth:`InteractivePort.complete`."""
        _expect_ours(request)
        response = read_response(request.parameters)
        flow = await self._gate.admit(request, response.state)
        redeemed = await self._redeem(flow, self._code(response), request)
        token = await self._verified(redeemed)
        issued = await finish(self._background, self._begin(request, redeemed, token), self._undo)
        return SigninCompleted(issued, flow.pending.return_to, flow.id)

    def _code(self, response: AuthorizationResponse) -> str:
        # AuthKit sends none; one of somebody else's is never passed over (RFC 9207 section 2.4).
        if response.iss not in (None, self._authkit.issuer):
            raise _refused(FlowReason.ISS_MISMATCH, "no issuer, or WorkOS's")
        if response.code is not None:
            return response.code
        if response.error in AWAY:
            raise workos_away(f"AuthKit answered {response.error}")
        is_denied = response.error == "access_denied"
        raise _refused(FlowReason.ACCESS_DENIED if is_denied else FlowReason.PROVIDER_REFUSED, "a code")

    async def _redeem(self, flow: AdmittedFlow[AuthKit], code: str, request: CallbackRequest) -> IssuedTokens:
        try:
            return await flow.client.calls.redeem(code, flow.secrets.verifier, request.device.user_agent)
        except RefusedError as error:
            raise FlowRefusedError(
                FlowReason.CODE_REFUSED, expected="tokens", seen=ascii(str(error)), provider_id=PROVIDER
            ) from None

    async def _verified(self, redeemed: IssuedTokens) -> AccessToken:
        try:
            token = await self._tokens.verify(redeemed.access_token)
        except TokenInvalidError as error:
            raise FlowRefusedError(
                FlowReason.CODE_REFUSED, expected="a token of ours", seen=str(error), provider_id=PROVIDER
            ) from None
        if token.is_impersonated:
            raise _refused(FlowReason.PROVIDER_REFUSED, "somebody who is not impersonated")
        if redeemed.user.get("id") != token.subject or self._clock.now() >= token.expires_at:
            raise _refused(FlowReason.SUBJECT_MISMATCH, "one person in token and answer, now")
        return token

    async def _begin(
        self, request: CallbackRequest, redeemed: IssuedTokens, token: AccessToken
    ) -> IssuedSession:
        item = await self._authkit.calls.session(token.subject, token.session_id)
        if item is None or item.impersonator is not None:
            raise _refused(FlowReason.PROVIDER_REFUSED, "a session of the person's own")
        user = await self._people.signed_in(token.subject, redeemed.user)
        issued = await self._sessions.begin(
            user, token, redeemed.refresh_token, item.expires_at, request.device
        )
        # From here on there is a session, so nothing may fail any more, nor keep the browser waiting.
        for old in filter(is_token, request.session_tokens[:_MOST_REPLACED]):
            self._background.start(self._sessions.give_up(handle_of(old)))
        return issued

    async def _undo(self, issued: IssuedSession) -> None:
        await self._sessions.give_up(issued.session.handle)


def _expect_ours(request: CallbackRequest) -> None:
    """Have a sign-in that began at WorkOS (its dashboard, an invitation, an identity provider) begin here.

    Such a callback brings a code without a state (WorkOS calls where it is led to a sign-in endpoint).
    """
    names = {name for name, _ in request.parameters}
    if "code" in names and "state" not in names and not request.flow_cookies:
        raise RestartSigninError(PROVIDER)


def _check(request: SigninRequest) -> None:
    if request.provider_id not in (None, PROVIDER):
        raise InvalidInputError("provider_id", f"is not {PROVIDER}")
    if request.scopes:
        raise InvalidInputError("scopes", "are given by roles at WorkOS, and cannot be asked for")
    hint = request.login_hint
    if hint is not None and (len(hint) > _MOST_HINT_CHARACTERS or _HALF_CHARACTER.search(hint)):
        raise InvalidInputError("login_hint", f"is not text of at most {_MOST_HINT_CHARACTERS} characters")


def _refused(reason: FlowReason, expected: str) -> FlowRefusedError:
    return FlowRefusedError(reason, expected=expected, seen="another", provider_id=PROVIDER)
