"""Ends sessions: the one of this browser, or all of the person's; tells the upstream, where that can be."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from netscript_auth_core.contract_v1 import AuthV1, SignoutInput, SignoutReply, UpstreamView
from netscript_auth_core.ports import (
    Anonymous,
    Authenticated,
    AuthRequest,
    SignedOut,
    SignoutRequest,
    UpstreamStatus,
)
from netscript_kernel.service.inputs import read_input, validated
from netscript_plugin_auth.addresses import parse_address
from netscript_plugin_auth.answers import json_answer, redirect
from netscript_plugin_auth.forms import is_empty, is_form, read_form
from netscript_plugin_auth.parts import Parts
from netscript_plugin_auth.signout_return import SIGNED_OUT_PATH

_log = logging.getLogger("netscript.auth")

_MOST_SESSIONS = 20  # of one request; each backend has one cookie


@dataclass(frozen=True, slots=True)
class Departure:
    """A browser that is signed out.

    Attributes:
        ended: How many sessions ended.
        is_everywhere: Whether all of the person's were to.
        destination: Where it wished to go, checked.
        upstream: What became of the sessions at the provider; ``None`` where there was nothing.
        cookies: ``Set-Cookie`` lines.
    """

    ended: int
    is_everywhere: bool
    destination: str | None
    upstream: UpstreamView | None
    cookies: Sequence[str] = field(repr=False)

    @property
    def end_session_url(self) -> str | None:
        """Where it has to go to be signed out at the provider too: an address of ours, which leads on."""
        return self.upstream.end_session_url if self.upstream is not None else None


class Signout:
    """The handler.

    It may be asked any number of times, signed in or not, and clears the cookie each time that it answers 200
    or 303. Only what the browser's own cookie names is ended: no input names a session. When the store does
    not answer, or the backend ends no sessions (501; its upstream began them, and does), the cookie stays: a
    session that could not be ended must not look as if it were.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def wished(self, request: Request) -> Response:
        """End the session, and answer as asked: JSON with JSON, a form with 303."""
        departure = await self.depart(request)
        if is_form(request):
            return self.lead_on(departure)
        reply = SignoutReply(
            ended=departure.ended, redirect_to=departure.destination, upstream=departure.upstream
        )
        return json_answer(reply, departure.cookies)

    async def depart(self, request: Request) -> Departure:
        """End the session, whichever way the request is to be answered.

        Raises:
            FlowRefusedError: another site wants it, or the destination is not allowed; nothing was ended.
            BackendUnavailableError: it could not be ended.
        """
        with self._parts.journal.change():
            self._parts.origins.check(request.method, request.headers)
            wish = await _read(request)
            destination = self._parts.return_to.check(wish.redirect_to) if wish.redirect_to else None
            state = self._parts.signout_return.new_state()
            signed_out = await self._end(request, state, everywhere=wish.everywhere)
        upstream = await self._handed_over(self._told(signed_out), state)
        cookies = self._parts.cookies.forget_session(request.scope["headers"])
        if upstream is not None and upstream.end_session_url is not None:
            cookies.append(self._parts.signout_return.leave(state, destination))
        ended = sum(each.ended for each in signed_out)
        return Departure(ended, wish.everywhere, destination, upstream, cookies)

    def lead_on(self, departure: Departure) -> Response:
        """Send the browser to the provider, to its destination, or to a page that says that it worked."""
        landing = SIGNED_OUT_PATH if self._parts.has_pages else "/"
        location = departure.end_session_url or departure.destination or landing
        return redirect(location, departure.cookies)

    async def _end(self, request: Request, state: str, *, everywhere: bool) -> list[SignedOut]:
        who = self._parts.visitors.read(request.scope)
        # Of two cookies each may be a session of this browser; signing out leaves neither.
        single = [who._replace(session_tokens=(token,)) for token in who.session_tokens]
        ended: list[SignedOut] = []
        for each in single or [who]:
            ended.append(await self._end_recognised(each, state, everywhere=everywhere))
            if self._parts.drains:
                ended += await self._end_all_that_answer(each, state, everywhere=everywhere)
        return ended

    async def _end_all_that_answer(
        self, who: AuthRequest, state: str, *, everywhere: bool
    ) -> list[SignedOut]:
        """End whatever the request still is signed in by: it may carry a session of each backend."""
        ended: dict[str, SignedOut] = {}
        while len(ended) < _MOST_SESSIONS:
            outcome = await self._parts.backend.authenticate(who)
            if not isinstance(outcome, Authenticated) or outcome.identity.session.handle in ended:
                break
            handle = outcome.identity.session.handle
            ended[handle] = await self._end_by(handle, who, state, everywhere=everywhere)
        return list(ended.values())

    async def _end_recognised(self, who: AuthRequest, state: str, *, everywhere: bool) -> SignedOut:
        handle = self._parts.backend.tokens.recognise(who)
        if isinstance(handle, Anonymous):
            return SignedOut(0)
        return await self._end_by(handle, who, state, everywhere=everywhere)

    async def _end_by(self, handle: str, who: AuthRequest, state: str, *, everywhere: bool) -> SignedOut:
        signout = self._parts.backend.signout
        if signout is None:
            others = await self._end_all(who) if everywhere else 0
            return SignedOut(others + await self._end_one(handle))
        url = self._parts.signout_return.url
        signed_out = await signout.end(SignoutRequest(handle, url, state, everywhere=everywhere))
        self._parts.journal.sessions_revoked("signout_everywhere" if everywhere else "signout", signed_out)
        return signed_out

    async def _end_one(self, handle: str) -> int:
        if not await self._parts.backend.sessions.revoke(handle):
            return 0
        self._parts.journal.session_revoked("signout", handle=handle)
        return 1

    async def _end_all(self, who: AuthRequest) -> int:
        outcome = await self._parts.backend.authenticate(who)
        if not isinstance(outcome, Authenticated):
            return 0
        user_id = outcome.identity.session.user_id
        ended = await self._parts.backend.sessions.revoke_all_for_user(user_id)
        self._parts.journal.sessions_revoked("signout_everywhere", SignedOut(ended, user_id=user_id))
        return ended

    def _told(self, signed_out: Sequence[SignedOut]) -> UpstreamView | None:
        worst = UpstreamStatus.worst(each.upstream for each in signed_out)
        urls = [each.end_session_url for each in signed_out if each.end_session_url is not None]
        url = next(filter(self._may_lead_to, urls), None)
        if worst is None and url is None:
            return None
        return UpstreamView(status=worst, end_session_url=url)

    async def _handed_over(self, upstream: UpstreamView | None, state: str) -> UpstreamView | None:
        """Put an address of ours in the place of the provider's."""
        if upstream is None or upstream.end_session_url is None:
            return upstream
        url = await self._parts.signout_handover.keep(state, upstream.end_session_url)
        if url is None and upstream.status is None:
            return None
        return upstream.model_copy(update={"end_session_url": url})

    def _may_lead_to(self, url: str) -> bool:
        """Whether an address of the backend's is one to which a browser may be sent."""
        address = parse_address(url.partition("?")[0])
        is_desk = not self._parts.public_url.startswith("https:")
        if address is not None and (address.scheme == "https" or (is_desk and address.is_loopback)):
            return True
        _log.error("the %s backend sends browsers to an unsound address", self._parts.backend.name)
        return False


async def _read(request: Request) -> SignoutInput:
    if is_empty(request):
        return SignoutInput()
    if is_form(request):
        return validated(SignoutInput, await read_form(request), {})
    wish: SignoutInput = await read_input(AuthV1.signout, request)
    return wish
