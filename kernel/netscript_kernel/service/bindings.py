"""Handlers as type checkers see them, and the decorator that binds one."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeAlias, TypeVar, overload

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

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
