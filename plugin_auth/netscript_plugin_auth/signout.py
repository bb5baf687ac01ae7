"""Ends sessions: the one of this browser, or all of the person's."""

from starlette.requests import Request
from starlette.responses import Response

from netscript_auth_core.contract_v1 import AuthV1, SignoutInput, SignoutReply
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest
from netscript_kernel.service.inputs import read_input, validated
from netscript_plugin_auth.answers import json_answer, redirect
from netscript_plugin_auth.forms import is_empty, is_form, read_form
from netscript_plugin_auth.parts import Parts

SIGNED_OUT_PATH = "/signed-out"


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
        with self._parts.journal.change():
            self._parts.origins.check(request.method, request.headers)
            wish = await _read(request)
            destination = self._parts.return_to.check(wish.redirect_to) if wish.redirect_to else None
            await self._end(request, everywhere=wish.everywhere)
        cookies = [self._parts.cookies.clear(self._parts.cookies.session_name)]
        if is_form(request):
            return redirect(destination or self._landing, cookies)
        return json_answer(SignoutReply(redirect_to=destination), cookies)

    @property
    def _landing(self) -> str:
        return SIGNED_OUT_PATH if self._parts.has_pages else "/"

    async def _end(self, request: Request, *, everywhere: bool) -> None:
        who = self._parts.visitors.read(request.scope)
        # Of two cookies each may be a session of this browser; signing out leaves neither.
        single = [AuthRequest(session_tokens=(token,), headers=who.headers) for token in who.session_tokens]
        for each in single or [who]:
            if everywhere:
                await self._end_all(each)
            await self._end_one(each)

    async def _end_one(self, who: AuthRequest) -> None:
        handle = self._parts.backend.tokens.recognise(who)
        if isinstance(handle, Anonymous):
            return
        if await self._parts.backend.sessions.revoke(handle):
            self._parts.journal.session_revoked("signout")

    async def _end_all(self, who: AuthRequest) -> None:
        outcome = await self._parts.backend.authenticate(who)
        if not isinstance(outcome, Authenticated):
            return
        user_id = outcome.identity.session.user_id
        for _ in range(await self._parts.backend.sessions.revoke_all_for_user(user_id)):
            self._parts.journal.session_revoked("signout_everywhere")


async def _read(request: Request) -> SignoutInput:
    if is_empty(request):
        return SignoutInput()
    if is_form(request):
        return validated(SignoutInput, await read_form(request), {})
    wish: SignoutInput = await read_input(AuthV1.signout, request)
    return wish
