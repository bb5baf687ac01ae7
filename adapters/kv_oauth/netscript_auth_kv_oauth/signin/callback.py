"""The second half of a sign-in: at most once per flow, only in the browser that began it."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from netscript_auth_core.background import Background, finish
from netscript_auth_core.errors import BackendUnavailableError, FlowRefusedError
from netscript_auth_core.flows.authorization_response import read_response
from netscript_auth_core.flows.flow_gate import AdmittedFlow, FlowGate
from netscript_auth_core.flows.provider_errors import AWAY
from netscript_auth_core.ports import CallbackRequest, IssuedSession, SigninCompleted
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth.outages import provider_away
from netscript_auth_kv_oauth.provider.refusals import TokenRefusedError, shown_error
from netscript_auth_kv_oauth.sessions.sessions import Sessions
from netscript_auth_kv_oauth.sessions.tokens import handle_of, is_token

if TYPE_CHECKING:
    from netscript_auth_kv_oauth.provider.provider_client import ProviderClient, Redeemed

_log = logging.getLogger("netscript.auth.kv_oauth")

_MOST_REPLACED: Final = 5
_CODE_ERROR: Final = "invalid_grant"


class Callback:
    """Completes sign-ins."""

    def __init__(self, gate: "FlowGate[ProviderClient]", sessions: Sessions, background: Background) -> None:
        self._gate = gate
        self._sessions = sessions
        self._background = background

    async def complete(self, request: CallbackRequest) -> SigninCompleted:
        """Finish a sign-in; see :meth:`InteractivePort.complete`."""
        response = read_response(request.parameters)
        flow = await self._gate.admit(request, response.state)
        await flow.client.check_response_issuer(response.iss)
        if response.code is None:
            raise _refused_by_provider(flow.pending.provider_id, response.error)
        redeemed = await self._redeem(flow, response.code, response.user)
        # Until here a browser that goes away leaves nothing behind. From here on the session is made as a
        # whole, and ended again if nobody is left to be told its token.
        issued = await finish(self._background, self._begin(request, redeemed), self._end)
        return SigninCompleted(issued, flow.pending.return_to, flow.id)

    async def _redeem(self, flow: "AdmittedFlow[ProviderClient]", code: str, user: str | None) -> "Redeemed":
        pending = flow.pending
        try:
            return await flow.client.redeem(code, flow.secrets, pending.redirect_uri, pending.scopes, user)
        except TokenRefusedError as error:
            if error.error != _CODE_ERROR:
                _log.error(
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
        return await self._sessions.begin(
            redeemed.identity,
            request.device,
            redeemed.grant,
            replaced,
            redeemed.scopes,
            sid=redeemed.sid,
            authenticated_at=redeemed.authenticated_at,
        )

    async def _end(self, issued: IssuedSession) -> None:
        try:
            await self._sessions.revoke(issued.session.handle)
        except BackendUnavailableError as error:
            _log.warning("a session that nobody was told of lives on to its idle limit: %s", error)


def _handles(tokens: Iterable[str]) -> tuple[str, ...]:
    return tuple(handle_of(token) for token in tokens if is_token(token))


def _refused_by_provider(provider_id: str, error: str | None) -> Exception:
    """Word the provider's ``error``; its description is never shown (RFC 6749 section 4.1.2.1)."""
    if error in AWAY:
        return provider_away(provider_id, f"it answered {error}")
    reason = FlowReason.ACCESS_DENIED if error == "access_denied" else FlowReason.PROVIDER_REFUSED
    return FlowRefusedError(
        reason, expected="a code", seen=shown_error(error) or "another error", provider_id=provider_id
    )
