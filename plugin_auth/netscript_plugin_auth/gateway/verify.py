"""``/verify``: a proxy asks before it lets a request pass (forward-auth).

nginx ``auth_request`` takes 2xx, 401 and 403 for an answer and nothing else, so these are what it gets. With
``?redirect=true``, for Traefik, Caddy and Envoy, a person who is not signed in is sent to sign in.
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.types import Scope

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.contract_v1 import AuthV1
from netscript_auth_core.errors import InvalidInputError
from netscript_auth_core.ports import Authenticated, AuthRequest, Denied, Outcome
from netscript_kernel.contracts import FORBIDDEN, UNAUTHORIZED
from netscript_kernel.service.answers import Header, HotAnswer
from netscript_kernel.service.problems import ProblemError, encode_problem
from netscript_plugin_auth.answers import cookie_headers
from netscript_plugin_auth.gateway.identity_headers import identity_headers
from netscript_plugin_auth.parts import Parts

SIGN_IN_HEADER = b"x-auth-request-redirect"
_OK, _FOUND = 200, 302
_JSON: Header = (b"content-type", b"application/json")
_HEADERS: Sequence[Header] = (
    (b"cache-control", b"no-store"),
    (b"vary", b"Cookie, Authorization, X-Requested-With, Accept"),
)
_REDIRECTS = {b"": False, b"redirect=false": False, b"redirect=true": True}


class Verify:
    """The handler. What a client says of itself in identity headers is not read."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def ask(self, scope: Scope) -> HotAnswer:
        """Answer whether the request that the proxy has may pass, and whose it is.

        Raises:
            InvalidInputError: the query is none of ours.
            BackendUnavailableError: could not find out; nobody passes, and the cookie stays as it is.
        """
        redirects = _REDIRECTS.get(scope["query_string"])
        if redirects is None:
            raise InvalidInputError("redirect", "must be true or false, and stand alone")
        request = self._parts.visitors.read(scope)
        outcome = await self._parts.backend.authenticate(request)
        if isinstance(outcome, Authenticated):
            return self._passes(outcome)
        if isinstance(outcome, Denied):
            problem = ProblemError(FORBIDDEN, data={"reason": outcome.reason.value})
            return _refused(problem, outcome, ())
        sign_in = self._sign_in_url(request)
        if sign_in is not None and redirects:
            return HotAnswer(
                _FOUND, [*_HEADERS, (b"location", sign_in), *cookie_headers(outcome.cookies)], b""
            )
        problem = ProblemError(UNAUTHORIZED, data={"reason": outcome.reason.value})
        return _refused(problem, outcome, ((SIGN_IN_HEADER, sign_in),) if sign_in is not None else ())

    def _passes(self, outcome: Authenticated) -> HotAnswer:
        identity = outcome.identity
        principal = self._parts.backend.principals.principal(identity.session)
        # A list: what differs from person to person is not worth remembering for the next request.
        headers = [*_HEADERS, _JSON, *identity_headers(identity, principal), *cookie_headers(outcome.cookies)]
        return HotAnswer(_OK, headers, b"{}")

    def _sign_in_url(self, request: AuthRequest) -> bytes | None:
        """Return where a person signs in and comes back from; ``None`` where no page is waited for."""
        original = self._parts.forwarded.read(request.headers, request.peer)
        if not original.is_navigation:
            return None
        can = self._parts.backend.capabilities
        if Capability.SIGNIN not in can:
            return can.sign_in_url.encode("ascii") if can.sign_in_url is not None else None
        url = f"{self._parts.public_url}{AuthV1.prefix}{AuthV1.begin_signin.path}"
        if original.url is not None and self._parts.return_to.allows(original.url):
            url += f"?{urlencode({'redirectTo': original.url})}"
        return url.encode("ascii")


def _refused(problem: ProblemError, outcome: Outcome, more: Sequence[Header]) -> HotAnswer:
    answer = encode_problem(problem)
    return HotAnswer(
        answer.status, [*answer.headers, *_HEADERS, *more, *cookie_headers(outcome.cookies)], answer.body
    )
