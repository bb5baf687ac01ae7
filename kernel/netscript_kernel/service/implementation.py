"""Binds handlers to the operations of a contract.

::

    implementation = implement(UsersV1)


    @implementation.handles(UsersV1.find)
    async def find(value: FindUser, request: Request) -> User: ...

A version that builds on another one takes over what is the same: ``implement(UsersV2, over=implementation)``.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar

from pydantic import BaseModel

from netscript_kernel.contracts import AnyOperation, Contract, Operation, ProblemSpec
from netscript_kernel.plugin_contract import DESCRIBE
from netscript_kernel.service.bindings import Binding
from netscript_kernel.service.hot import HotHandler

H = TypeVar("H")
P = ParamSpec("P")
In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out", bound=BaseModel)


class Implementation:
    """The handlers of one contract.

    Args:
        contract: Whose operations are handled.
        common_problems: Ways to say no that any operation of the contract may take; they are documented.
        over: See :func:`implement`.
    """

    def __init__(
        self,
        contract: type[Contract],
        common_problems: Sequence[ProblemSpec] = (),
        over: "Implementation | None" = None,
    ) -> None:
        _require_implementation(over)
        if over is not None and not issubclass(contract, over.contract):
            name, older = contract.__name__, over.contract.__name__
            raise TypeError(f"{name} does not build on {older}. Fix: class {name}({older}, ...), or no over")
        inherited = () if over is None else over.common_problems
        self.contract: type[Contract] = contract
        self.common_problems: tuple[ProblemSpec, ...] = tuple(dict.fromkeys((*inherited, *common_problems)))
        self._over = over
        self._handlers: dict[str, Callable[..., Awaitable[Any]]] = {}
        self._hot: dict[str, HotHandler] = {}

    @property
    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Any]]]:
        """Handlers by the operation's name, those included that are taken over."""
        return MappingProxyType({**self._taken_over(lambda over: over.handlers), **self._handlers})

    @property
    def hot_handlers(self) -> Mapping[str, HotHandler]:
        """Hot handlers by the operation's name, likewise."""
        return MappingProxyType({**self._taken_over(lambda over: over.hot_handlers), **self._hot})

    @property
    def taken_over(self) -> Mapping[str, Sequence[type[Contract]]]:
        """Older contracts by the name of each operation that has the handler of theirs, the nearest first."""
        if self._over is None:
            return {}
        older, further = self._over.contract, self._over.taken_over
        return {
            name: (older, *further.get(name, ())) for name in self._taken_over(lambda over: over.handlers)
        }

    def handles(self, operation: Operation[P, In, Out]) -> Binding[In, Out]:
        """Return a decorator that binds a handler to an operation.

        Raises:
            TypeError: the operation is another contract's, has a handler already, or the handler takes the
                wrong number of arguments.
        """
        self._check(operation)

        def bind(handler: Callable[..., Awaitable[Any]]) -> None:
            self._check(operation)
            wanted = 1 if operation.is_raw else 2
            if len(inspect.signature(handler).parameters) != wanted:
                shape = "(request)" if operation.is_raw else "(value, request)"
                raise TypeError(f"the handler of {operation.full_name} takes {shape}")
            self._handlers[operation.name] = handler

        return Binding(bind)

    def handles_hot(self, operation: AnyOperation) -> Callable[[HotHandler], HotHandler]:
        """Return a decorator that binds a hot handler, which is answered in front of the framework.

        Raises:
            TypeError: the operation is another contract's, has a handler already, or its path has fields.
        """
        self._check(operation)
        if operation.path_fields:
            raise TypeError(f"{operation.full_name} has fields in its path, so it cannot be hot")

        def bind(handler: HotHandler) -> HotHandler:
            self._check(operation)
            self._hot[operation.name] = handler
            return handler

        return bind

    def check_complete(self) -> None:
        """Make sure that every operation has its handler.

        Raises:
            TypeError: names those that have none.
        """
        there = {*self.handlers, *self.hot_handlers}
        missing = [name for name in self.contract.operations if name not in there]
        if missing:
            name, fix = self.contract.__name__, self._how_to_complete(missing)
            raise TypeError(f"{name} has no handler for: {', '.join(missing)}. Fix: {fix}")

    def _check(self, operation: AnyOperation) -> None:
        if self.contract.operations.get(operation.name) is not operation:
            raise TypeError(self._why_not_ours(operation))
        if self._is_bound(operation.name):
            raise TypeError(f"{operation.full_name} has a handler already")

    def _why_not_ours(self, operation: AnyOperation) -> str:
        name = self.contract.__name__
        problem = f"{operation.full_name} is no operation of {name}"
        is_alike = operation.name in self.contract.operations
        return f"{problem}. Fix: name {name}.{operation.name}" if is_alike else problem

    def _taken_over(self, found: Callable[["Implementation"], Mapping[str, H]]) -> dict[str, H]:
        """Return what the older version has for operations that are the same, and have no handler here."""
        if self._over is None:
            return {}
        older = self._over.contract.operations
        return {
            name: handler
            for name, handler in found(self._over).items()
            if name != DESCRIBE
            and not self._is_bound(name)
            and self.contract.operations.get(name) == older[name]
        }

    def _how_to_complete(self, missing: Sequence[str]) -> str:
        name, older = self.contract.__name__, self.contract.__mro__[1]
        called = self.contract.contract_name.replace("-", "_")
        is_newer = getattr(older, "contract_name", None) == self.contract.contract_name
        if is_newer:  # the name alone is that of the older version's implementation
            called += f"_{self.contract.version}"
        fix = f"bind one to each, such as @{called}.handles({name}.{missing[0]})"
        if self._over is None and is_newer:
            fix += f", or implement({name}, over=...) with the implementation of {older.__name__}"
        return fix

    def _is_bound(self, name: str) -> bool:
        return name in self._handlers or name in self._hot


def _require_implementation(over: object) -> None:
    if over is None or isinstance(over, Implementation):
        return
    name = getattr(over, "__name__", "...")
    raise TypeError(f"over takes an implementation. Fix: over=users, where users = implement({name})")


def implement(
    contract: type[Contract],
    *,
    common_problems: Sequence[ProblemSpec] = (),
    over: Implementation | None = None,
) -> Implementation:
    """Begin an implementation of a contract; bind one handler to each of its operations.

    Args:
        contract: Whose operations are handled.
        common_problems: Ways to say no that any operation of the contract may take; they are documented.
        over: That of an older version on which the contract builds. Operations that are the same in both, and
            get no handler here, have that of the older one; ``describe`` excepted, which is each one's own.

    Raises:
        TypeError: the contract does not build on the other one, or ``over`` is no implementation.
    """
    return Implementation(contract, common_problems, over)
