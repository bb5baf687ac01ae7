"""A service of a contract beside auth-api, with the guards of the kernel.

Run it from the root of the repository, beside ``scripts/run``::

    export NETSCRIPT_CALLERS_AUTH_URL=http://localhost:8094
    .venv/bin/python -m examples.protected_service.guarded
"""

import os
import sys
from datetime import timedelta

from starlette.requests import Request

from netscript_auth_client import Authority, need_recent
from netscript_auth_client.authenticator import (
    AuthApiAuthenticator,
    CallerPrincipal,
    caller_behind,
    create_authenticator,
)
from netscript_kernel.access import AccessRules, Principal, rule
from netscript_kernel.contracts import Nothing, WireModel, delete, get
from netscript_kernel.plugin_contract import PluginContract
from netscript_kernel.service.define import DefinedService, define_service, run_service
from netscript_kernel.service.guards import find_principal, principal_of, with_authn, with_authz
from netscript_kernel.service.implementation import Implementation, implement
from netscript_kernel.settings import Environment


class Who(WireModel):
    """Who calls, as far as that is known."""

    user_id: str | None = None
    name: str | None = None


class OrdersV1(PluginContract, name="orders", version="v1", prefix="/"):
    """What the service offers."""

    welcome = get("/hello").output(Who)
    me = get("/me").output(Who)
    admin = get("/admin").output(Who)
    leave = delete("/membership").output(Nothing, status=204)


RULES = AccessRules(
    rule(OrdersV1.me),
    rule(OrdersV1.leave),
    rule(OrdersV1.admin, roles=["admin"]),
)


def define(authority: Authority | None = None, environment: Environment | None = None) -> DefinedService:
    """Return the service; without an authority, the environment says who finds out who calls."""
    authenticator = AuthApiAuthenticator(authority) if authority else create_authenticator(environment)
    return define_service(
        "orders",
        "1.0.0",
        implementations=[_handlers()],
        environment=environment,
        port=8095,
        authn=with_authn(authenticator, allow_anonymous=["/health", OrdersV1.describe, OrdersV1.welcome]),
        authz=with_authz(RULES),
    )


def _handlers() -> Implementation:
    orders = implement(OrdersV1)
    orders.handles(OrdersV1.welcome)(welcome)
    orders.handles(OrdersV1.me)(me)
    orders.handles(OrdersV1.admin)(me)
    orders.handles(OrdersV1.leave)(leave)
    return orders


async def welcome(_: Nothing, request: Request) -> Who:
    """Greet everybody."""
    principal = await find_principal(request)
    return _who(principal) if principal else Who()


async def me(_: Nothing, request: Request) -> Who:
    """Say who calls."""
    return _who(principal_of(request))


async def leave(_: Nothing, request: Request) -> Nothing:
    """Let only those go who signed in just now; where only a proxy knows them, nobody."""
    need_recent(caller_behind(principal_of(request)), timedelta(minutes=5))
    return Nothing()


def _who(principal: Principal) -> Who:
    """Return what is known: a proxy that asks says no name."""
    name = principal.caller.name if isinstance(principal, CallerPrincipal) else None
    return Who(user_id=principal.subject, name=name)


if __name__ == "__main__":
    sys.exit(run_service(lambda: define(environment=os.environ)))
