"""``/verify``: a proxy asks before it lets a request pass (forward-auth).

nginx ``auth_request`` takes 2xx, 401 and 403 for an answer and nothing else, so these are what it gets. With
``?redirect=true``, for Traefik and Caddy, a person who is not signed in is sent to sign in. Envoy asks below
``/verify/``, by the method and the path of the request that it has, and is answered like them.
"""

from collections.abc import Callable, Sequence
from typing import NoReturn
from urllib.parse import urlencode

from starlette.types import Scope

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.contract_v1 import AuthV1, encode_verified
from netscript_auth_core.errors import InvalidInputError
from netscript_auth_core.ports import Authenticated, AuthRequest, Denied, Outcome
from netscript_kernel.contracts import FORBIDDEN, METHOD_NOT_ALLOWED, UNAUTHORIZED
from netscript_kernel.service.answers import Header, HotAnswer
from netscript_kernel.service.problems import ProblemError, encode_problem
from netscript_plugin_auth.answers import cookie_headers
from netscript_plugin_auth.gateway.forwarded import Original
from netscript_plugin_auth.gateway.identity_headers import identity_headers
from netscript_plugin_auth.parts import Parts

PATH = f"{AuthV1.prefix}{AuthV1.verify.path}"
SIGN_IN_HEADER = b"x-auth-request-redirect"
_OK, _FOUND = 200, 302
_JSON: Header = (b"content-type", b"application/json")
_HEADERS: Sequence[Header] = (
    (b"cache-control", b"no-store"),
    (b"vary", b"Cookie, Authorization, X-Requested-With, Accept"),
)
_OF_ALL_WHO_PASS: Sequence[Header] = (*_HEADERS, _JSON)
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
        forwarded = self._parts.forwarded
        return await self._answer(
            request, lambda: forwarded.read(request.headers, request.peer), redirects=redirects
        )

    async def ask_by_repeating(self, scope: Scope) -> HotAnswer:
        """Answer the same of a request that the proxy repeats: any method, the original path below ours.

        Neither decides who passes: a preflight, a probe or a path of any kind is as good as another.

        Raises:
            BackendUnavailableError: as :meth:`ask` does.
        """
        request = self._parts.visitors.read(scope)
        forwarded = self._parts.forwarded
        return await self._answer(
            request,
            lambda: forwarded.read_repeated(scope, request.headers, request.peer, below=PATH),
            redirects=True,
        )

    async def refuse_preflight(self, _: Scope) -> NoReturn:
        """Say no to ``OPTIONS``: a proxy that passed a preflight on would take its 200 for a yes.

        Raises:
            ProblemError: 405, always.
        """
        raise ProblemError(METHOD_NOT_ALLOWED, headers={"Allow": "GET, HEAD"})

    async def _answer(
        self, request: AuthRequest, original: Callable[[], Original], *, redirects: bool
    ) -> HotAnswer:
        outcome = await self._parts.authenticate(request)
        if isinstance(outcome, Authenticated):
            return self._passes(outcome)
        if isinstance(outcome, Denied):
            problem = ProblemError(FORBIDDEN, data={"reason": outcome.reason.value})
            return _refused(problem, outcome, ())
        sign_in = self._sign_in_url(original())
        if sign_in is not None and redirects:
            return HotAnswer(
                _FOUND, [*_HEADERS, (b"location", sign_in), *cookie_headers(outcome.cookies)], b""
            )
        problem = ProblemError(UNAUTHORIZED, data={"reason": outcome.reason.value})
        return _refused(problem, outcome, ((SIGN_IN_HEADER, sign_in),) if sign_in is not None else ())

    def _passes(self, outcome: Authenticated) -> HotAnswer:
        prepared = outcome.prepared
        if not isinstance(prepared, HotAnswer):
            identity = outcome.identity
            principal = self._parts.backend.principals.principal(identity.session)
            who = identity_headers(identity, principal)
            prepared = outcome.prepared = HotAnswer(
                _OK,
                _OF_ALL_WHO_PASS,
                encode_verified(identity, principal),
                (*who, *cookie_headers(outcome.cookies)),
            )
        return prepared

    def _sign_in_url(self, original: Original) -> bytes | None:
        """Return where a person signs in and comes back from; ``None`` where no page is waited for."""
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
