"""Operations that rules of access leave out, though they look as if a rule were about them."""

from collections.abc import Iterator, Sequence

from netscript_kernel.access.ports import AccessRequest
from netscript_kernel.access.rules import AccessRules
from netscript_kernel.contracts import AnyOperation, Contract
from netscript_kernel.service.authn import Authn
from netscript_kernel.service.authz import Authz
from netscript_kernel.service.implementation import Implementation


def left_out_of_rules(
    implementations: Sequence[Implementation], authn: Authn | None, authz: Authz | None
) -> Iterator[str]:
    """Yield operations that the rules leave out, and what to write.

    What is open to everybody, or has a rule of its own, is meant so.
    """
    if authn is None or authz is None or not isinstance(authz.authorizer, AccessRules):
        return
    served = [each.contract for each in implementations]
    for implementation in implementations:
        yield from _taken_over(implementation, served, authn, authz.authorizer)
        yield from _at_the_prefix(implementation.contract, authn, authz.authorizer)


def _taken_over(
    implementation: Implementation, served: Sequence[type[Contract]], authn: Authn, rules: AccessRules
) -> Iterator[str]:
    """Yield operations that are taken over from another version without its rule."""
    contract = implementation.contract
    for name, found_in in implementation.taken_over.items():
        operation = contract.operations[name]
        if not authn.closes(contract.prefix + operation.path, operation):
            continue
        for older in (each for each in found_in if each in served):
            if rules.lets_slip(_asked(contract, operation), _asked(older, older.operations[name])):
                new, old = f"{contract.__name__}.{name}", f"{older.__name__}.{name}"
                yield f"{new} is taken over from {old}, and the rule about that is not about it. {_fix(new)}"
                break


def _at_the_prefix(contract: type[Contract], authn: Authn, rules: AccessRules) -> Iterator[str]:
    """Yield operations at a prefix of which only what is below it has a rule."""
    prefix = contract.prefix
    for name, operation in contract.operations.items():
        if operation.path or not authn.closes(prefix, operation):
            continue
        below = AccessRequest(operation.method, f"{prefix}/*", contract)  # stands for whatever is below
        if rules.lets_slip(_asked(contract, operation), below):
            what = f"{contract.__name__}.{name} is {operation.method} {prefix}"
            yield f"{what}, and the rule about {prefix}/* is not about it. {_fix(prefix)}"


def _asked(contract: type[Contract], operation: AnyOperation) -> AccessRequest:
    return AccessRequest(operation.method, contract.prefix + operation.path, contract, operation.name)


def _fix(what: str) -> str:
    return f"Fix: name {what} in a rule, too, before broader ones"
