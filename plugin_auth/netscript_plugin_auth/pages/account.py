"""``/account``: who am I here, where am I signed in, and the ways out."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.contract_v1 import OwnSession
from netscript_auth_core.domain import AuthSession, AuthUser
from netscript_auth_core.ports import Authenticated, Denied, Identity
from netscript_kernel.contracts import NOT_FOUND
from netscript_kernel.service.problems import ProblemError
from netscript_plugin_auth.answers import redirect, with_cookies
from netscript_plugin_auth.forms import read_form
from netscript_plugin_auth.own_sessions import OwnSessions
from netscript_plugin_auth.pages.device_labels import device_label
from netscript_plugin_auth.pages.moments import ago, exactly
from netscript_plugin_auth.pages.rendering import Pages
from netscript_plugin_auth.pages.sentences import as_sentence
from netscript_plugin_auth.parts import Parts
from netscript_plugin_auth.signout import Signout
from netscript_plugin_auth.visitor import require_visitor

ACCOUNT_PATH = "/account"
REVOKE_PATH = f"{ACCOUNT_PATH}/sessions/revoke"
LEAVE_PATH = f"{ACCOUNT_PATH}/signout"

_FORBIDDEN = 403
_MOST_INITIALS = 2


class AccountPages:
    """The handlers."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages
        self._own = OwnSessions(parts)
        self._signout = Signout(parts)

    async def account(self, request: Request) -> Response:
        """Show the account; to nobody, the way in; to somebody who may not come in, why.

        Raises:
            BackendUnavailableError: could not find out.
        """
        outcome = await self._parts.backend.authenticate(self._parts.visitors.read(request.scope))
        if isinstance(outcome, Authenticated):
            page = self._pages.show("account.html", await self._values(outcome.identity))
            return with_cookies(page, outcome.cookies)
        if isinstance(outcome, Denied):
            values = {"why_no_leave": self._why_no_leave()}
            page = self._pages.show("denied.html", values, status=_FORBIDDEN)
            return with_cookies(page, outcome.cookies)
        why = self._pages.way_in.why_not_here
        values = {"why_not_here": None if why is None else as_sentence(why)}
        return with_cookies(self._pages.show("signed_in_nobody.html", values), outcome.cookies)

    async def revoke(self, request: Request) -> Response:
        """End one session, as a form asks, and show the account again."""
        with self._parts.journal.change():
            self._parts.origins.check(request.method, request.headers)
            fields = await read_form(request)
            visitor = await require_visitor(self._parts.backend, self._parts.visitors, request)
        handle = fields.get("handle", "")
        try:
            await self._own.end(visitor.identity, handle)
        except ProblemError as error:
            # Ended meanwhile, from elsewhere: the list that is shown next says so.
            if error.spec is not NOT_FOUND:
                raise
        return redirect(ACCOUNT_PATH, self._own.cookies_after(visitor, handle, request))

    async def leave(self, request: Request) -> Response:
        """Sign out, as a form of this page asks.

        Whoever wishes to end all sessions with one that had ended before is told that nothing came of it.
        A browser that has to go to the provider is shown a page that leads there by itself. Following a
        redirect from the form would need our policy to let forms go to every host that the provider's
        sign-out may pass through (``form-action``).
        """
        departure = await self._signout.depart(request)
        if departure.is_everywhere and not departure.ended:
            return with_cookies(self._pages.show("ended_nowhere.html", {}), departure.cookies)
        if departure.end_session_url is None:
            return self._signout.lead_on(departure)
        values = {"end_session_url": departure.end_session_url}
        headers = {"Referrer-Policy": "no-referrer"}
        return with_cookies(self._pages.show("signing_out.html", values, headers=headers), departure.cookies)

    async def _values(self, identity: Identity) -> dict[str, Any]:
        can = self._parts.backend.capabilities
        lists = Capability.LIST_SESSIONS in can
        sessions = await self._own.of(identity) if lists else ()
        now = self._parts.clock.now()
        return {
            "user": identity.user,
            "called": _called(identity.user),
            "initials": _initials(identity.user),
            "provider": self._provider_name(identity.session.provider_id),
            "sessions": [self._row(session, now) for session in sessions],
            "can_list": lists,
            "can_revoke": Capability.REVOKE in can,
            "can_revoke_all": Capability.REVOKE_ALL in can,
            "revoke_path": REVOKE_PATH,
            "leave_path": LEAVE_PATH,
            "why_no_leave": self._why_no_leave(identity.session),
        }

    def _why_no_leave(self, session: AuthSession | None = None) -> str | None:
        """Return a sentence where people sign out elsewhere, or ``None`` where they can here."""
        backend = self._parts.backend
        if Capability.REVOKE in backend.capabilities:
            return None
        if self._parts.drains and session is not None and session.backend != backend.name:
            return None  # whatever the active one offers: a session of an earlier one can be ended
        refusal = backend.capabilities.refusal(backend.name, Capability.REVOKE)
        return as_sentence(f"you cannot sign out here: {refusal.why}")

    def _row(self, session: OwnSession, now: datetime) -> dict[str, object]:
        return {
            "handle": session.handle,
            "device": device_label(session.device.user_agent),
            "provider": self._provider_name(session.provider_id),
            "is_current": session.current,
            "created_at": session.created_at,
            "created": exactly(session.created_at),
            "seen_at": session.last_seen_at,
            "seen": ago(session.last_seen_at, now),
        }

    def _provider_name(self, provider_id: str) -> str:
        provider = self._parts.backend.providers.get(provider_id)
        return provider.display_name if provider else provider_id


def _called(user: AuthUser) -> str:
    return user.name or user.email or user.id


def _initials(user: AuthUser) -> str:
    """Return one or two letters in place of a picture, which would have to come from another site."""
    words = [word for word in (user.name or user.email or "").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:_MOST_INITIALS]).upper() or "?"
