"""Who calls, as FastAPI says it: dependencies with types, which show in the OpenAPI document.

::

    app = FastAPI()
    protect(app)  # NETSCRIPT_CALLERS_*


    @app.get("/orders", dependencies=[require_scopes("orders:read")])
    async def orders(principal: CurrentPrincipal) -> list[Order]: ...

Needs the extra ``fastapi``.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Final, TypeAlias

from fastapi import Depends, FastAPI, Request, Response, Security
from fastapi.openapi.models import APIKey, APIKeyIn, HTTPBearer
from fastapi.openapi.models import SecurityBase as SchemeModel
from fastapi.params import Depends as Dependency
from fastapi.security.base import SecurityBase
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from typing_extensions import override

from netscript_auth_client.asgi import Receive, Scope, Send
from netscript_auth_client.asking.ask_authority import SESSION_COOKIES
from netscript_auth_client.authority import Authority
from netscript_auth_client.caller import Caller, Nobody
from netscript_auth_client.composition import create_authority
from netscript_auth_client.middleware import AuthMiddleware
from netscript_auth_client.reasons import NobodyReason
from netscript_auth_client.refusals import Refusal, RefusedError, for_nobody
from netscript_auth_client.requirements import (
    check_max_age,
    check_role_names,
    check_scope_names,
    need_recent,
    need_roles,
    need_scopes,
)
from netscript_auth_client.turning_away import turn_away
from netscript_auth_client.visit import find_caller, visit_of
from netscript_auth_core.domain import Principal

__all__ = [
    "Caller",
    "CurrentCaller",
    "CurrentPrincipal",
    "OptionalCaller",
    "OptionalPrincipal",
    "Principal",
    "answer_refusals",
    "protect",
    "require_recent",
    "require_roles",
    "require_scopes",
]


def protect(
    app: FastAPI,
    authority: Authority | None = None,
    *,
    public: Iterable[str] = (),
    allow_nobody: bool = False,
) -> None:
    """Put :class:`AuthMiddleware` in front of an application, before it starts.

    Args:
        app: Everything in it is closed to whoever is not signed in, the API's documentation included.
        authority: Finds out who calls; without one, the environment configures it (``NETSCRIPT_CALLERS_*``).
        public: Paths that are open to everybody; see :class:`AuthMiddleware`.
        allow_nobody: Let those pass elsewhere too who are not signed in; the routes see to it then.

    Raises:
        ConfigurationError: the environment does not say how, with every fault.
        ValueError: one of ``public`` is no such path.
    """
    app.add_middleware(
        AuthMiddleware,
        create_authority() if authority is None else authority,
        public=tuple(public),
        allow_nobody=allow_nobody,
    )
    answer_refusals(app)


def answer_refusals(app: Starlette) -> None:
    """Let an application answer with our refusals; :func:`protect` does, so this is for mounted ones."""
    app.add_exception_handler(RefusedError, _answer)


class _RefusalResponse(Response):
    """A refusal as a response, of websockets too."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(status_code=refusal.spec.status)
        self._refusal = refusal

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await turn_away(self._refusal, scope, send)


async def _answer(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, RefusedError):
        raise error
    return _RefusalResponse(error.refusal)


class _Scheme(SecurityBase):
    """Shows in the OpenAPI document, and does nothing: the middleware has read the credentials."""

    def __init__(self, name: str, model: SchemeModel) -> None:
        self.scheme_name = name
        self.model = model

    async def __call__(self) -> None:
        """Do nothing."""


_SESSION: Final = _Scheme(
    "netscript-session",
    APIKey.model_validate(
        {"in": APIKeyIn.cookie, "name": SESSION_COOKIES[0], "description": "The session at auth-api"}
    ),
)
_BEARER: Final = _Scheme(
    "netscript-bearer", HTTPBearer(bearerFormat="JWT", description="An access token of auth-api")
)


async def _find(
    connection: HTTPConnection,
    session: Annotated[None, Security(_SESSION)],
    bearer: Annotated[None, Security(_BEARER)],
) -> Caller | None:
    del session, bearer
    return await find_caller(connection.scope)


OptionalCaller: TypeAlias = Annotated[Caller | None, Depends(_find)]
"""Who calls, with name and e-mail address, or ``None``. The path has to be open: see :func:`protect`."""


async def _need(connection: HTTPConnection, caller: OptionalCaller) -> Caller:
    if caller is not None:
        return caller
    outcome = visit_of(connection.scope).outcome
    nobody = outcome if isinstance(outcome, Nobody) else Nobody(NobodyReason.NO_SESSION)
    raise RefusedError(for_nobody(nobody))


CurrentCaller: TypeAlias = Annotated[Caller, Depends(_need)]
"""Who calls, with name and e-mail address; 401 where that is nobody."""


async def _optional_principal(caller: OptionalCaller) -> Principal | None:
    return caller.principal if caller is not None else None


async def _principal(caller: CurrentCaller) -> Principal:
    return caller.principal


OptionalPrincipal: TypeAlias = Annotated[Principal | None, Depends(_optional_principal)]
"""Who acts, or ``None``. The path has to be open: see :func:`protect`."""

CurrentPrincipal: TypeAlias = Annotated[Principal, Depends(_principal)]
"""Who acts; 401 where that is nobody."""


def require_scopes(*scopes: str) -> Dependency:
    """Return a dependency that lets only those in who have all of these scopes; 403 names what is missing.

    Example::

        @app.post("/orders", dependencies=[require_scopes("orders:write")])
        async def order(principal: CurrentPrincipal) -> None: ...

    Raises:
        ValueError: no scope, or what cannot be one.
    """
    check_scope_names(scopes)

    async def check(caller: CurrentCaller) -> Principal:
        need_scopes(caller, *scopes)
        return caller.principal

    return _required(Security(check, scopes=list(scopes)))


def require_roles(*roles: str) -> Dependency:
    """Return a dependency that lets only those in who have all of these roles; 403 names what is missing.

    Raises:
        ValueError: no role.
    """
    check_role_names(roles)

    async def check(caller: CurrentCaller) -> Principal:
        need_roles(caller, *roles)
        return caller.principal

    return _required(Depends(check))


def require_recent(max_age: timedelta) -> Dependency:
    """Return a dependency that lets only those in who signed in within this time, for what is dangerous.

    All others are told by 401 with ``error="insufficient_user_authentication"`` to sign in anew (RFC 9470).

    Raises:
        ValueError: less than a second.
    """
    check_max_age(max_age)

    async def check(connection: HTTPConnection, caller: CurrentCaller) -> Principal:
        need_recent(caller, max_age, visit_of(connection.scope).clock)
        return caller.principal

    return _required(Depends(check))


def _required(dependency: Dependency) -> Dependency:
    # FastAPI types its functions as returning anything, so that they can stand as defaults.
    return dependency
