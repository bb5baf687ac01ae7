"""Completes sign-ins: where the provider sends the browser back to, by GET or by a posted form."""

from contextlib import suppress
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.contract_v1 import CallbackReply
from netscript_auth_core.cookie_limits import check_session_token
from netscript_auth_core.errors import (
    BackendUnavailableError,
    CapabilityMismatchError,
    FlowRefusedError,
    RestartSigninError,
)
from netscript_auth_core.ports import Authenticated, CallbackRequest, SigninCompleted
from netscript_auth_core.reasons import FlowReason
from netscript_kernel.errors import StoreUnavailableError
from netscript_plugin_auth.accept import wants_json, wants_page
from netscript_plugin_auth.answers import json_answer, redirect
from netscript_plugin_auth.forms import require_form
from netscript_plugin_auth.http_errors import refusal
from netscript_plugin_auth.parts import Parts
from netscript_plugin_auth.signin import require_interactive
from netscript_plugin_auth.visitor import device_of

# RFC 6749 section 4.1.2, RFC 9207. Anything else a provider posts is not put into an address.
_OF_THE_PROTOCOL = frozenset({"code", "state", "iss", "error", "error_description"})
_MOST_PARAMETERS = 50
_LONGEST_QUERY = 16 * 1024

Parameters = list[tuple[str, str]]


class Callback:
    """The handlers. Only a completed callback ever sets a session cookie."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def arrived(self, request: Request) -> Response:
        """Complete the sign-in, and send the browser to where it was begun for."""
        provider_id: str | None = request.path_params.get("providerId")
        try:
            with self._parts.journal.attempt() as attempt:
                attempt.provider_id = self._known(provider_id)
                completed = await self._complete(request, provider_id)
        except RestartSigninError:
            if not wants_page(request.headers.get("accept")):
                raise
            return redirect(f"{request.url.path.partition('/callback')[0]}/signin", [])
        except FlowRefusedError as error:
            if error.code is FlowReason.FLOW_USED and await self._is_signed_in(request):
                raise refusal(error.code, is_signed_in=True) from error
            raise
        self._parts.journal.signin_completed(completed.issued.session)
        return self._answer(completed, request)

    async def posted(self, request: Request) -> Response:
        """Re-enter by GET, so that our cookies come along: a form posted by another site has none of them.

        Raises:
            ProblemError: 415, not a form.
            FlowRefusedError: the form cannot be read.
        """
        with self._parts.journal.attempt():
            require_form(request)
            parameters = _parse(await request.body())
            query = urlencode([(name, value) for name, value in parameters if name in _OF_THE_PROTOCOL])
            if len(query) > _LONGEST_QUERY:
                raise FlowRefusedError(FlowReason.PARAMETER_MALFORMED)
        line = self._parts.flash.leave(parameters, _state_of(parameters) or "")
        return redirect(f"{request.url.path}?{query}", [line] if line else [])

    async def _complete(self, request: Request, provider_id: str | None) -> SigninCompleted:
        interactive = require_interactive(self._parts, Capability.CALLBACK)
        headers = request.scope["headers"]
        parameters = _parse(request.scope["query_string"])
        named = {name for name, _ in parameters}
        carried = self._parts.flash.take(headers, _state_of(parameters))
        wish = CallbackRequest(
            parameters=[*parameters, *(pair for pair in carried if pair[0] not in named)],
            provider_id=provider_id,
            flow_cookies=self._parts.flows.read(headers),
            session_tokens=self._parts.visitors.tokens(request.scope),
            device=device_of(request.scope),
        )
        completed = await interactive.complete(wish)
        await self._require_a_cookie_for(completed)
        return completed

    async def _require_a_cookie_for(self, completed: SigninCompleted) -> None:
        """End a session whose token no browser would keep, before anybody is told of it.

        Raises:
            CapabilityMismatchError: it was such a one.
        """
        backend = self._parts.backend
        try:
            check_session_token(backend.name, completed.issued.token)
        except CapabilityMismatchError:
            await backend.sessions.revoke(completed.issued.session.handle)
            raise

    def _answer(self, completed: SigninCompleted, request: Request) -> Response:
        # Checked when the sign-in began; what is allowed may have changed since.
        policy = self._parts.return_to
        destination = completed.return_to if policy.allows(completed.return_to) else policy.default
        cookies = self._cookies(completed, request)
        if not wants_json(request.headers.get("accept")):
            return redirect(destination, cookies)
        return json_answer(CallbackReply(redirect_to=destination, subject=completed.issued.user.id), cookies)

    def _cookies(self, completed: SigninCompleted, request: Request) -> list[str]:
        policy, issued = self._parts.cookies, completed.issued
        lifetime = issued.session.expires_at - self._parts.clock.now()
        headers = request.scope["headers"]
        lines = policy.leave_session(issued.token, lifetime, headers)
        lines.append(self._parts.flows.end(completed.flow_id))
        if self._parts.flash.is_present(headers):
            lines.append(self._parts.flash.clear())
        return lines

    async def _is_signed_in(self, request: Request) -> bool:
        """Whether there is a session from before; not knowing changes nothing about the refusal."""
        with suppress(BackendUnavailableError, StoreUnavailableError):
            outcome = await self._parts.backend.authenticate(self._parts.visitors.read(request.scope))
            return isinstance(outcome, Authenticated)
        return False

    def _known(self, provider_id: str | None) -> str | None:
        found = self._parts.backend.providers.get(provider_id) if provider_id else None
        return found.id if found else None


def _parse(form: bytes) -> Parameters:
    """Read a query or form; repeated names stay repeated, the backend refuses them.

    Raises:
        FlowRefusedError: not ASCII, not UTF-8 once unescaped, or far too many parameters.
    """
    try:
        return parse_qsl(
            form.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError as error:
        raise FlowRefusedError(FlowReason.PARAMETER_MALFORMED) from error


def _state_of(parameters: Parameters) -> str | None:
    return next((value for name, value in parameters if name == "state"), None)
