"""Guards of a service: who calls, and whether they may. Closed until something is opened.

::

    define_service(
        "users",
        "1.0.0",
        implementations=[users],
        authn=with_authn(authenticator, allow_anonymous=["/health", UsersV1.describe]),
        authz=with_authz(AccessRules(rule(UsersV1.find, scopes=["users:read"]))),
    )

Both stand inside the main chain: request ids, logs, security headers, hosts and CORS come first, so that a
refusal is one like all others.
"""

import logging
from collections.abc import Sequence
from typing import Any

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from netscript_kernel.access.ports import AccessRequest, Allowed, Principal, Refused
from netscript_kernel.contracts import (
    FORBIDDEN,
    UNAUTHORIZED,
    UNAVAILABLE,
    AnyOperation,
    Contract,
    ProblemSpec,
)
from netscript_kernel.errors import NetScriptError
from netscript_kernel.service.authn import Authn, with_authn
from netscript_kernel.service.authz import Authz, with_authz
from netscript_kernel.service.hosts import own_path
from netscript_kernel.service.hot import HotRoute, HotTree
from netscript_kernel.service.problems import ProblemError
from netscript_kernel.service.routes import ContractRoute
from netscript_kernel.service.visits import Visits, find_principal, principal_of, visit_of

__all__ = ["Authn", "Authz", "Guards", "find_principal", "principal_of", "with_authn", "with_authz"]

_NO_RULE = Refused("no_rule")

_log = logging.getLogger("netscript.service")


class Guard:
    """Middleware: lets a request through to its route, or refuses it.

    Args:
        app: The routes.
        authn: Who calls, and where that has to be known.
        authz: Whether they may; ``None`` lets in everybody who is known.
        routes: In the order in which they are tried.
        probes: Those among them that have rules of their own.
    """

    def __init__(
        self,
        app: ASGIApp,
        authn: Authn,
        authz: Authz | None,
        routes: Sequence[BaseRoute],
        probes: Sequence[BaseRoute],
    ) -> None:
        self._app = app
        self._probes = probes
        self._authn = authn
        self._authz = authz
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it through, or raise what it is answered."""
        if scope["type"] == "http":
            await self._admit(scope)
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope) -> None:
        route, path = self._route(scope), own_path(scope)
        operation = route.operation if isinstance(route, ContractRoute) else None
        is_probe = any(each is route for each in self._probes)
        if is_probe or not self._authn.closes(path, operation):
            return
        principal = await visit_of(scope).known_principal()
        if self._authz is None or route is None:  # nothing is there: whoever is known may hear so
            return
        request = AccessRequest(scope["method"], path)
        if isinstance(route, ContractRoute):
            request = AccessRequest(scope["method"], path, route.contract, route.operation.name)
        await self._authorize(self._authz, principal, request)

    async def _authorize(self, authz: Authz, principal: Principal, request: AccessRequest) -> None:
        decision = await self._decision(authz, principal, request)
        if decision is None:
            decision = _NO_RULE if authz.deny_by_default else Allowed()
        if isinstance(decision, Allowed):
            return
        if not isinstance(decision, Refused):
            _log.error("the authorizer said what is no answer", extra={"kind": type(decision).__name__})
            raise ProblemError(UNAVAILABLE)
        data: dict[str, Any] = {"reason": decision.reason}
        if decision.missing:
            data["missing"] = list(decision.missing)
        _log.info("somebody may not do this", extra={"reason": decision.reason, "operation": _name(request)})
        raise ProblemError(FORBIDDEN, data=data)

    async def _decision(self, authz: Authz, principal: Principal, request: AccessRequest) -> object:
        try:
            return await authz.authorizer.authorize(principal, request)
        except NetScriptError as error:
            _log.warning("could not find out what somebody may", extra={"cause": str(error)})
            raise ProblemError(UNAVAILABLE) from error
        except Exception as error:
            _log.exception("the authorizer failed")
            raise ProblemError(UNAVAILABLE) from error

    def _route(self, scope: Scope) -> BaseRoute | None:
        """Return the route that is going to answer."""
        return next((each for each in self._routes if each.matches(scope)[0] is Match.FULL), None)


def _name(request: AccessRequest) -> str:
    if request.contract is None:
        return f"{request.method} of no contract"
    return f"{request.contract.contract_name}.{request.contract.version}.{request.operation_name}"


class Guards:
    """Both guards of one service, or none: what each place of the service gets of them.

    Args:
        authn: Who calls.
        authz: Whether they may; never without an ``authn``.
        probes: Routes that have rules of their own.
    """

    def __init__(self, authn: Authn | None, authz: Authz | None, probes: Sequence[BaseRoute]) -> None:
        self._probes = probes
        self._authn = authn
        self._authz = authz

    @property
    def around_problems(self) -> list[Middleware]:
        """What stands around the answers, refusals included."""
        return [] if self._authn is None else [Middleware(Visits, self._authn)]

    def before_routes(self, routes: Sequence[BaseRoute]) -> list[Middleware]:
        """Return what stands in front of the routes."""
        if self._authn is None:
            return []
        return [Middleware(Guard, self._authn, self._authz, routes, self._probes)]

    def problems_of(self, contract: type[Contract], operation: AnyOperation) -> Sequence[ProblemSpec]:
        """Return how a guard may say no to somebody who calls an operation."""
        if self._authn is None or not self._authn.closes(contract.prefix + operation.path, operation):
            return ()
        return (UNAUTHORIZED, FORBIDDEN)

    def check_hot(self, routes: Sequence[HotRoute], trees: Sequence[HotTree]) -> None:
        """Make sure that nothing hot is to be guarded: it is answered in front of all guards.

        Raises:
            TypeError: something is.
        """
        if self._authn is None:
            return
        closed = [each.path for each in routes if self._authn.closes(each.path)]
        closed += [f"{each.path}*" for each in trees if self._authn.closes_any_below(each.path)]
        if closed:
            raise TypeError(
                f"{closed[0]} is hot, so that no guard is in front of it: name its path in allow_anonymous"
            )
