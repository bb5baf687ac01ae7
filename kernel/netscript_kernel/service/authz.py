"""Who decides what somebody may do."""

from dataclasses import dataclass

from netscript_kernel.access.ports import AuthorizerPort
from netscript_kernel.service.port_checks import require_methods


@dataclass(frozen=True, slots=True)
class Authz:
    """Who decides what somebody may do; :func:`with_authz` makes it."""

    authorizer: AuthorizerPort
    deny_by_default: bool


def with_authz(authorizer: AuthorizerPort, *, deny_by_default: bool = True) -> Authz:
    """Have a service ask whether somebody may do what they want, wherever they have to be known.

    Args:
        authorizer: Decides; :class:`~netscript_kernel.access.rules.AccessRules`, for example.
        deny_by_default: Whether what it says nothing about is closed. An operation that is added later is
            open to everybody who is known, if not.

    Raises:
        TypeError: what decides nothing, such as a rule alone.
    """
    require_methods(authorizer, ("authorize",), "with_authz", "AccessRules(rule(...))")
    return Authz(authorizer, deny_by_default)
