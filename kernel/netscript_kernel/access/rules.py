"""Rules by operation or path: which scopes and roles a request needs. The first rule that fits decides."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from netscript_kernel.access.ports import AccessRequest, Allowed, Decision, Principal, Refused
from netscript_kernel.contracts import AnyOperation, Contract, Operation
from netscript_kernel.path_patterns import PathPatterns, is_doubtful

Target: TypeAlias = AnyOperation | type[Contract] | str

SCOPE_MISSING: Final = "scope_missing"
ROLE_MISSING: Final = "role_missing"
DOUBTFUL_PATH: Final = "doubtful_path"


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What requests of one kind need; :func:`rule` makes it.

    Attributes:
        targets: The one thing that it is about, as it was named: an operation by itself would be taken for
            one of a contract by type checkers.
        fits: Whether it is about a request.
        scopes: All of them are needed.
        roles: All of them are needed.
    """

    targets: tuple[Target]
    fits: Callable[[AccessRequest], bool]
    scopes: tuple[str, ...]
    roles: tuple[str, ...]

    def decide(self, principal: Principal) -> Decision:
        """Whether somebody has what the rule asks for."""
        if missing := _missing(self.scopes, principal.scopes):
            return Refused(SCOPE_MISSING, missing)
        if missing := _missing(self.roles, principal.roles):
            return Refused(ROLE_MISSING, missing)
        return Allowed()

    def asks_for_all_of(self, other: "AccessRule") -> bool:
        """Whether it asks for no less than another rule."""
        return {*self.scopes} >= {*other.scopes} and {*self.roles} >= {*other.roles}


def rule(
    target: Target, *, methods: Sequence[str] = (), scopes: Sequence[str] = (), roles: Sequence[str] = ()
) -> AccessRule:
    """Make a rule. One that names neither scopes nor roles lets in everybody who is known.

    Args:
        target: An operation such as ``UsersV1.find``, a contract, or a path: exactly, or with ``/*`` at the
            end all below it, without itself.
        methods: Only these, for a path; an operation has its own.
        scopes: All of them are needed.
        roles: All of them are needed.

    Raises:
        ValueError: a path that is none, methods of what is no path, or an empty scope or role.
    """
    if methods and not isinstance(target, str):
        raise ValueError("methods are for paths; an operation has its own")
    if isinstance(scopes, str) or isinstance(roles, str) or not all((*scopes, *roles)):
        raise ValueError("scopes and roles are lists of names, none of them empty")
    return AccessRule((target,), _fitting(target, methods), tuple(scopes), tuple(roles))


class AccessRules:
    """An authorizer by rules; what no rule is about, it leaves open to ``deny_by_default``.

    Where a rule goes by the path, a path that somebody may read as another one, such as ``/a;b`` or
    ``/a/../b``, is refused: a rule that demands something would pass it on to the next one otherwise.
    """

    def __init__(self, *rules: AccessRule) -> None:
        self._rules = rules
        self._go_by_path = any(isinstance(each, str) for each in self.targets)

    @property
    def targets(self) -> tuple[Target, ...]:
        """What the rules are about, in their order."""
        return tuple(target for each in self._rules for target in each.targets)

    async def authorize(self, principal: Principal, request: AccessRequest) -> Decision | None:
        """Decide by the first rule that fits."""
        if self._go_by_path and (not request.path.startswith("/") or is_doubtful(request.path)):
            return Refused(DOUBTFUL_PATH)
        found = self._rule_for(request)
        return None if found is None else found.decide(principal)

    def lets_slip(self, request: AccessRequest, beside: AccessRequest) -> bool:
        """Whether a request is left to a broader rule, or to none, where one beside it has a stricter one.

        Args:
            request: Which may have been forgotten. A rule that is about it, and not about both, says that it
                was not.
            beside: Which has a rule.
        """
        meant, found = self._rule_for(beside), self._rule_for(request)
        if meant is None or found is meant:
            return False
        return found is None or (found.fits(beside) and not found.asks_for_all_of(meant))

    def _rule_for(self, request: AccessRequest) -> AccessRule | None:
        return next((each for each in self._rules if each.fits(request)), None)


def _fitting(target: Target, methods: Sequence[str]) -> Callable[[AccessRequest], bool]:
    if isinstance(target, str):
        patterns = PathPatterns([target], "the path of a rule")
        allowed = {each.upper() for each in methods}
        return lambda request: patterns.include(request.path) and (not allowed or request.method in allowed)
    if isinstance(target, Operation):
        return lambda request: request.wants(target)
    return lambda request: request.contract is target


def _missing(wanted: Sequence[str], held: Collection[str]) -> tuple[str, ...]:
    # A set of it: a text in place of a list would hold every piece of itself.
    return tuple(each for each in wanted if each not in set(held))
