"""Whether the parts of a service fit together: what was put in a wrong place is told before anything runs."""

from collections.abc import Iterator, Sequence
from typing import cast

from netscript_kernel.access.rules import AccessRules
from netscript_kernel.contracts import AnyOperation, Contract, Operation
from netscript_kernel.service.authn import Authn
from netscript_kernel.service.authz import Authz
from netscript_kernel.service.implementation import Implementation
from netscript_kernel.service.left_out import left_out_of_rules
from netscript_kernel.service.side_by_side import check_side_by_side


def check_wiring(implementations: Sequence[Implementation], authn: Authn | None, authz: Authz | None) -> None:
    """Make sure that each part is one of its kind, and that guards speak of what is served.

    Raises:
        TypeError: names all that is not so, and what to write.
    """
    faults = [*_of_another_kind(implementations, authn, authz)]
    if not faults:
        contracts = [each.contract for each in implementations]
        check_side_by_side(contracts)
        faults = [*_of_open_operations(contracts, authn), *_of_rules(contracts, authz)]
        faults += _beside_what_is_protected(contracts, authn)
        faults += left_out_of_rules(implementations, authn, authz)
    if faults:
        raise TypeError("; ".join(faults))


def _of_another_kind(implementations: object, authn: object, authz: object) -> Iterator[str]:
    if isinstance(implementations, Implementation):
        yield "implementations is one alone. Fix: put it into a list: implementations=[...]"
    elif isinstance(implementations, Sequence):
        for each in cast("Sequence[object]", implementations):
            if not isinstance(each, Implementation):
                yield _no_implementation(each)
    if authn is not None and not isinstance(authn, Authn):
        yield f"authn is {_words(authn)}. Fix: authn=with_authn(...) around it"
    if authz is not None and not isinstance(authz, Authz):
        yield f"authz is {_words(authz)}. Fix: authz=with_authz(...) around it"
    if authz is not None and authn is None:
        yield "authz needs authn: nobody is known without it. Fix: authn=with_authn(...) beside it"


def _no_implementation(each: object) -> str:
    if isinstance(each, type) and issubclass(cast("type[object]", each), Contract):
        name = each.__name__
        return f"{name} is a contract, and no implementation. Fix: implement({name}), with its handlers"
    return f"implementations has {_words(each)}. Fix: implement(...) makes one of a contract"


def _words(given: object) -> str:
    name = getattr(given, "__name__", None)
    return f"{name} itself" if name else f"something of type {type(given).__name__}"


def _of_open_operations(contracts: Sequence[type[Contract]], authn: Authn | None) -> Iterator[str]:
    for each in () if authn is None else authn.open_operations:
        yield from _not_served(each, contracts, "allow_anonymous", "it")


def _of_rules(contracts: Sequence[type[Contract]], authz: Authz | None) -> Iterator[str]:
    if authz is None or not isinstance(authz.authorizer, AccessRules):
        return
    for target in authz.authorizer.targets:
        if isinstance(target, Operation):
            yield from _not_served(target, contracts, "a rule", "the rule")
        elif not isinstance(target, str) and target not in contracts:
            alike = [each.__name__ for each in contracts if each.contract_name == target.contract_name]
            fix = _ways_out(target.__name__, "the rule", alike)
            yield f"a rule is about {target.__name__}, which this service does not serve. Fix: {fix}"


def _not_served(
    operation: AnyOperation, contracts: Sequence[type[Contract]], who: str, what: str
) -> Iterator[str]:
    """Yield that an operation is of a contract that is not served, and one of its name that is."""
    if any(each is operation for contract in contracts for each in contract.operations.values()):
        return
    alike = [f"{each.__name__}.{operation.name}" for each in contracts if operation.name in each.operations]
    fix = _ways_out(operation.owner or "its contract", what, alike)
    name = f"{operation.full_name} ({operation.method} {operation.path or 'at its prefix'})"
    yield f"{who} names {name}, which this service does not serve. Fix: {fix}"


def _ways_out(contract: str, what: str, alike: Sequence[str]) -> str:
    """Say what may have been meant: that it is served, nothing, or one that is much like it."""
    ways = [f"implement {contract} here", f"leave {what} out", *(f"name {each}" for each in alike)]
    return f"{', '.join(ways[:-1])}, or {ways[-1]}"


def _beside_what_is_protected(contracts: Sequence[type[Contract]], authn: Authn | None) -> Iterator[str]:
    """Yield operations at a prefix of which only what is below it is protected: nobody means that."""
    if authn is None:
        return
    for contract in contracts:
        for each in contract.operations.values():
            if not each.path and authn.leaves_out(contract.prefix, each):
                problem = f"{contract.prefix} is open, and what is below it is protected"
                open_it = f"name {contract.__name__}.{each.name} in allow_anonymous"
                yield f"{problem}. Fix: protect {contract.prefix}, too, or {open_it}"
