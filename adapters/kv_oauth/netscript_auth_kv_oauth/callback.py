"""The second half of a sign-in: at most once per flow, only in the browser that began it."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from netscript_auth_core.errors import BackendUnavailableError, FlowRefusedError
from netscript_auth_core.ports import CallbackRequest, IssuedSession, SigninCompleted
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.authorization_response import AuthorizationResponse, read_response
from netscript_auth_kv_oauth.background import Background, finish
from netscript_auth_kv_oauth.flow_cookies import FlowCookies
from netscript_auth_kv_oauth.outages import LOG, provider_away, store_outages
from netscript_auth_kv_oauth.provider_clients import ProviderClients
from netscript_auth_kv_oauth.refusals import AWAY, TokenRefusedError, shown_error
from netscript_auth_kv_oauth.sessions import Sessions
from netscript_auth_kv_oauth.signin import binding_digest
from netscript_auth_kv_oauth.tokens import handle_of, is_token
from netscript_auth_kv_oauth.transactions import (
    LIFETIME,
    Flow,
    FlowSecrets,
    PendingFlow,
    Transactions,
    flow_id,
)
from netscript_kernel.clock import Clock

if TYPE_CHECKING:
    from netscript_auth_kv_oauth.provider_client import ProviderClient, Redeemed

_MOST_REPLACED: Final = 5
_CODE_ERROR: Final = "invalid_grant"


@dataclass(frozen=True, slots=True)
class _Taken:
    """A flow that is ours to finish: bound to this browser, in time, and used up by us alone."""

    flow: Flow
    pending: PendingFlow
    secrets: FlowSecrets = field(repr=False)
    client: "ProviderClient"


class Callback:
    """Completes sign-ins."""

    def __init__(
        self,
        clients: ProviderClients,
        transactions: Transactions,
        cookies: FlowCookies,
        sessions: Sessions,
        clock: Clock,
        background: Background,
    ) -> None:
        self._clients = clients
        self._transactions = transactions
        self._cookies = cookies
        self._sessions = sessions
        self._clock = clock
        self._background = background

    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        """Finish a sign-in; see :meth:`InteractivePort.complete`."""
        response = read_response(request.parameters)
        taken = await self._take(request, response)
        await taken.client.check_response_issuer(response.iss)
        if response.code is None:
            raise _refused_by_provider(taken.pending.provider_id, response.error)
        redeemed = await self._redeem(taken, response.code)
        # Until here a browser that goes away leaves nothing behind. From here on the session is made as a
        # whole, and ended again if nobody is left to be told its token.
        issued = await finish(self._background, self._begin(request, redeemed), self._end)
        return SigninCompleted(issued, taken.pending.return_to, taken.flow.id)

    async def _take(self, request: CallbackRequest, response: AuthorizationResponse) -> _Taken:
        with store_outages():
            flow = await self._transactions.read(response.state)
            if flow is None:
                raise self._unknown(request, response.state)
            pending = flow.pending
            if pending is None:
                raise FlowRefusedError(FlowReason.FLOW_USED)
            # First: a browser that comes late has dropped its cookie, and should be told the true reason.
            if self._clock.now() >= pending.expires_at:
                raise FlowRefusedError(FlowReason.FLOW_EXPIRED, provider_id=pending.provider_id)
            # An unbound request consumes nothing: whoever sees a state cannot spoil somebody else's sign-in.
            self._check_binding(request, flow, pending)
            self._check_provider(request, pending)
            client = await self._clients.get_for(pending.provider_id, pending.issuer)
            secrets = self._transactions.open(response.state, pending.sealed)
            if client is None or secrets is None:
                # The operator took away the provider or the key in the last ten minutes.
                raise FlowRefusedError(FlowReason.FLOW_EXPIRED, provider_id=pending.provider_id)
            # Before the flow is used up, so that it can be tried again when the provider is back.
            await client.check_reachable()
            if not await self._transactions.use_up(flow):
                raise FlowRefusedError(FlowReason.FLOW_USED, provider_id=pending.provider_id)
        return _Taken(flow, pending, secrets, client)

    def _unknown(self, request: CallbackRequest, state: str) -> FlowRefusedError:
        own = flow_id(state)
        ticket = self._cookies.read(request.flow_cookies.get(own, ""))
        if ticket is not None and ticket.flow_id == own:
            # Ours and this browser's, so long ago that the store has forgotten it.
            return FlowRefusedError(FlowReason.FLOW_EXPIRED, provider_id=ticket.provider_id)
        if request.flow_cookies:
            return FlowRefusedError(
                FlowReason.STATE_MISMATCH, expected="the state of a sign-in of this browser", seen="another"
            )
        return FlowRefusedError(FlowReason.FLOW_NOT_BOUND, expected="a flow cookie", seen="none")

    def _check_binding(self, request: CallbackRequest, flow: Flow, pending: PendingFlow) -> None:
        cookie = request.flow_cookies.get(flow.id)
        ticket = self._cookies.read(cookie) if cookie is not None else None
        if ticket is None or not hmac.compare_digest(binding_digest(ticket.binding), pending.binding_digest):
            raise FlowRefusedError(
                FlowReason.FLOW_NOT_BOUND,
                expected="the cookie of this flow",
                seen="none" if cookie is None else "another",
                provider_id=pending.provider_id,
            )
        if (ticket.provider_id, ticket.issuer) != (pending.provider_id, pending.issuer):
            raise FlowRefusedError(FlowReason.PROVIDER_MISMATCH, provider_id=pending.provider_id)
        if ticket.age >= LIFETIME:
            raise FlowRefusedError(FlowReason.FLOW_EXPIRED, provider_id=pending.provider_id)

    def _check_provider(self, request: CallbackRequest, pending: PendingFlow) -> None:
        is_alone = len(self._clients.configs) == 1
        if request.provider_id == pending.provider_id or (request.provider_id is None and is_alone):
            return
        # RFC 9700 section 4.4.2: without ``iss``, only the callback's path tells providers apart.
        raise FlowRefusedError(
            FlowReason.PROVIDER_MISMATCH,
            expected=pending.provider_id,
            seen=request.provider_id or "none",
            provider_id=pending.provider_id,
        )

    async def _redeem(self, taken: _Taken, code: str) -> "Redeemed":
        pending = taken.pending
        try:
            return await taken.client.redeem(code, taken.secrets, pending.redirect_uri, pending.scopes)
        except TokenRefusedError as error:
            if error.error != _CODE_ERROR:
                LOG.error(
                    "provider %s refuses our codes: %s; check our registration there",
                    pending.provider_id,
                    error.error,
                )
            raise FlowRefusedError(
                FlowReason.CODE_REFUSED,
                expected="tokens",
                seen=error.error,
                provider_id=pending.provider_id,
            ) from error

    async def _begin(self, request: CallbackRequest, redeemed: "Redeemed") -> IssuedSession:
        replaced = _handles(request.session_tokens[:_MOST_REPLACED])
        return await self._sessions.begin(redeemed.identity, request.device, redeemed.grant, replaced)

    async def _end(self, issued: IssuedSession) -> None:
        try:
            await self._sessions.revoke(issued.session.handle)
        except BackendUnavailableError as error:
            LOG.warning("a session that nobody was told of lives on to its idle limit: %s", error)


def _handles(tokens: Iterable[str]) -> tuple[str, ...]:
    return tuple(handle_of(token) for token in tokens if is_token(token))


def _refused_by_provider(provider_id: str, error: str | None) -> Exception:
    """Word the provider's ``error``; its description is nobody's to show (RFC 6749 section 4.1.2.1)."""
    if error in AWAY:
        return provider_away(provider_id, f"it answered {error}")
    reason = FlowReason.ACCESS_DENIED if error == "access_denied" else FlowReason.PROVIDER_REFUSED
    return FlowRefusedError(
        reason, expected="a code", seen=shown_error(error) or "another error", provider_id=provider_id
    )
