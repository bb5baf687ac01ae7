"""Binds handlers to the operations of a contract.

::

    implementation = implement(UsersV1)


    @implementation.handles(UsersV1.find)
    async def find(value: FindUser, request: Request) -> User: ...
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Generic, ParamSpec, TypeAlias, TypeVar, overload

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from netscript_kernel.contracts import AnyOperation, Contract, Operation, ProblemSpec
from netscript_kernel.service.hot import HotHandler

P = ParamSpec("P")
In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out", bound=BaseModel)

Handler: TypeAlias = Callable[[In, Request], Awaitable[Out | Response]]
RawHandler: TypeAlias = Callable[[Request], Awaitable[Out | Response]]


class Binding(Generic[In, Out]):
    """A decorator that binds one handler to one operation, and leaves it as it is, with its type.

    A handler takes the validated input and the request; that of a raw operation takes the request alone and
    reads query and body itself. Both return the output, or a response where the answer needs cookies or
    headers of its own.
    """

    def __init__(self, bind: Callable[[Callable[..., Awaitable[Any]]], None]) -> None:
        self._bind = bind

    # Those that only return the output come first: whoever calls them, another version say, gets just that.
    @overload
    def __call__(
        self, handler: Callable[[In, Request], Awaitable[Out]]
    ) -> Callable[[In, Request], Awaitable[Out]]: ...
    @overload
    def __call__(self, handler: Handler[In, Out]) -> Handler[In, Out]: ...
    @overload
    def __call__(
        self, handler: Callable[[Request], Awaitable[Out]]
    ) -> Callable[[Request], Awaitable[Out]]: ...
    @overload
    def __call__(self, handler: RawHandler[Out]) -> RawHandler[Out]: ...
    def __call__(self, handler: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """Bind the handler and return it as it is."""
        self._bind(handler)
        return handler


class Implementation:
    """The handlers of one contract.

    Args:
        contract: Whose operations are handled.
        common_problems: Ways to say no that any operation of the contract may take; they are documented.
    """

    def __init__(self, contract: type[Contract], common_problems: Sequence[ProblemSpec] = ()) -> None:
        self.contract = contract
        self.common_problems = tuple(common_problems)
        self._handlers: dict[str, Callable[..., Awaitable[Any]]] = {}
        self._hot: dict[str, HotHandler] = {}

    @property
    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Any]]]:
        """Handlers by the operation's name."""
        return MappingProxyType(self._handlers)

    @property
    def hot_handlers(self) -> Mapping[str, HotHandler]:
        """Hot handlers by the operation's name."""
        return MappingProxyType(self._hot)

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
                raise TypeError(f"the handler of {self._full_name(operation)} takes {shape}")
            self._handlers[operation.name] = handler

        return Binding(bind)

    def handles_hot(self, operation: AnyOperation) -> Callable[[HotHandler], HotHandler]:
        """Return a decorator that binds a hot handler, which is answered in front of the framework.

        Raises:
            TypeError: the operation is another contract's, has a handler already, or its path has fields.
        """
        self._check(operation)
        if operation.path_fields:
            raise TypeError(f"{self._full_name(operation)} has fields in its path, so it cannot be hot")

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
        missing = [name for name in self.contract.operations if not self._is_bound(name)]
        if missing:
            raise TypeError(f"{self.contract.__name__} has no handler for: {', '.join(missing)}")

    def _check(self, operation: AnyOperation) -> None:
        if self.contract.operations.get(operation.name) is not operation:
            raise TypeError(f"{operation.name or operation.path} is no operation of {self.contract.__name__}")
        if self._is_bound(operation.name):
            raise TypeError(f"{self._full_name(operation)} has a handler already")

    def _is_bound(self, name: str) -> bool:
        return name in self._handlers or name in self._hot

    def _full_name(self, operation: AnyOperation) -> str:
        return f"{self.contract.__name__}.{operation.name}"


def implement(contract: type[Contract], *, common_problems: Sequence[ProblemSpec] = ()) -> Implementation:
    """Begin an implementation of a contract; bind one handler to each of its operations."""
    return Implementation(contract, common_problems)
