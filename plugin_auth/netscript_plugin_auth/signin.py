"""Begins sign-ins: from a link (GET), from an application's own page (POST)."""

from datetime import timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.contract_v1 import AuthV1, SigninInput, SigninQuery, SigninReply
from netscript_auth_core.cookie_limits import check_flow_cookie
from netscript_auth_core.domain import ProviderDescriptor
from netscript_auth_core.errors import InvalidInputError
from netscript_auth_core.ports import InteractivePort, SigninRequest, SigninStarted
from netscript_kernel.service.inputs import read_input, validated
from netscript_plugin_auth.addresses import parse_address
from netscript_plugin_auth.answers import FOUND, json_answer, redirect
from netscript_plugin_auth.journal import Attempt
from netscript_plugin_auth.parts import Parts

LOGIN_PATH = "/login"
CHOICE_FIELDS = ("redirect_to", "login_hint", "scopes", "max_age")
"""Fields of a sign-in link that outlive the choice of a provider."""


class Signin:
    """The handlers. A sign-in touches no session: whoever is signed in stays so until it is completed."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def from_link(self, request: Request) -> Response:
        """Send the browser to the provider; where there are several, to the page that lets it choose."""
        elsewhere = self._same_at_public_url(request)
        if elsewhere is not None:
            return redirect(elsewhere, status=FOUND)
        with self._parts.journal.attempt() as attempt:
            query: SigninQuery = await read_input(AuthV1.begin_signin, request)
            wish = _wish_of(query)
            if wish.provider_id is None and self._parts.has_pages and self._is_choice_needed():
                return self._to_choice(wish, query)
            started = await self._begin(wish, attempt)
        return redirect(started.redirect_url, self._cookies_of(started, request), status=FOUND)

    async def from_page(self, request: Request) -> Response:
        """Answer where to send the browser."""
        with self._parts.journal.attempt() as attempt:
            wish: SigninInput = await read_input(AuthV1.signin, request)
            self._parts.origins.check(request.method, request.headers)
            started = await self._begin(wish, attempt)
        reply = SigninReply(
            provider_id=started.provider_id, redirect_url=started.redirect_url, state=started.state
        )
        return json_answer(reply, self._cookies_of(started, request))

    async def _begin(self, wish: SigninInput, attempt: Attempt) -> SigninStarted:
        attempt.provider_id = self._known(wish.provider_id)
        interactive = require_interactive(self._parts, Capability.SIGNIN)
        started = await interactive.start(self._check(wish))
        check_flow_cookie(self._parts.backend.name, started.cookie)
        self._parts.journal.signin_started(started.provider_id)
        return started

    def _check(self, wish: SigninInput) -> SigninRequest:
        """Check what the backend is not asked to: the destination, the provider's id, the scopes."""
        return_to = self._parts.return_to.check(wish.redirect_to)
        offered = self._parts.backend.providers.list()
        ids = ", ".join(provider.id for provider in offered)
        if wish.provider_id is None and len(offered) > 1:
            raise InvalidInputError("providerId", f"must be one of: {ids}")
        chosen = self._parts.backend.providers.get(wish.provider_id or ids)
        if wish.provider_id is not None and chosen is None:
            raise InvalidInputError("providerId", f"must be one of: {ids}")
        if chosen is not None and not set(wish.scopes) <= set(chosen.scopes):
            raise InvalidInputError("scopes", f"must be among: {' '.join(chosen.scopes)}")
        return SigninRequest(
            provider_id=wish.provider_id,
            return_to=return_to,
            login_hint=wish.login_hint or None,
            scopes=wish.scopes,
            max_age=self._max_age(wish, chosen),
        )

    def _max_age(self, wish: SigninInput, chosen: ProviderDescriptor | None) -> timedelta | None:
        """Return it, or say that it would prove nothing: no wish for a proof is passed over."""
        if wish.max_age is None:
            return None
        backend = self._parts.backend
        if Capability.STEP_UP not in backend.capabilities:
            raise backend.capabilities.refusal(backend.name, Capability.STEP_UP)
        if chosen is not None and not chosen.step_up:
            raise InvalidInputError("maxAge", f"{chosen.id} cannot prove when somebody signed in there")
        return timedelta(seconds=wish.max_age)

    def _is_choice_needed(self) -> bool:
        return len(self._parts.backend.providers.list()) > 1

    def _to_choice(self, wish: SigninInput, query: SigninQuery) -> Response:
        self._parts.return_to.check(wish.redirect_to)
        self._max_age(wish, None)
        kept = query.model_dump(by_alias=True, exclude_none=True, include=set(CHOICE_FIELDS))
        return redirect(f"{LOGIN_PATH}?{urlencode(kept)}" if kept else LOGIN_PATH, status=FOUND)

    def _same_at_public_url(self, request: Request) -> str | None:
        """Return the same request at the public URL, where the callback will look for the flow's cookie.

        Only on a desk, where ``127.0.0.1`` and ``localhost`` are the same service to a person but not to a
        cookie. Another port is another program, such as a proxy that writes the host anew: going there
        would lead back here, for ever.
        """
        public_url = self._parts.public_url
        if not _is_another_name(f"http://{request.headers.get('host', '')}", public_url):
            return None
        query = f"?{request.url.query}" if request.url.query else ""
        return f"{public_url}{AuthV1.prefix}{AuthV1.begin_signin.path}{query}"

    def _cookies_of(self, started: SigninStarted, request: Request) -> list[str]:
        return self._parts.flows.begin(started.cookie, request.scope["headers"])

    def _known(self, provider_id: str | None) -> str | None:
        """Return the id for the journal only if it is one of ours: anything may have been sent."""
        found = self._parts.backend.providers.get(provider_id) if provider_id else None
        return found.id if found else None


def _wish_of(query: SigninQuery) -> SigninInput:
    """Return the wish of a link, held to the same limits as one that is posted.

    Raises:
        ProblemError: 422.
    """
    fields = query.model_dump(by_alias=True, exclude_none=True)
    fields["providerId"] = query.provider_id or None
    fields["scopes"] = (query.scopes or "").split()
    return validated(SigninInput, fields, {})


def _is_another_name(one: str, other: str) -> bool:
    """Whether two addresses are the same port of this machine, over plain HTTP, by different names."""
    first, second = parse_address(one), parse_address(other)
    if first is None or second is None or first.scheme != second.scheme or first.port != second.port:
        return False
    return first.is_loopback and second.is_loopback and first.host != second.host


def require_interactive(parts: Parts, operation: Capability) -> InteractivePort:
    """Return the part that signs people in through us.

    Raises:
        OperationUnsupportedError: the backend has none.
    """
    if parts.backend.interactive is None:
        raise parts.backend.capabilities.refusal(parts.backend.name, operation)
    return parts.backend.interactive
