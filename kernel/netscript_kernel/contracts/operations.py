"""One operation of a contract: data on the contract class, a typed method on a client."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, ParamSpec, Protocol, Self, TypeVar, cast, overload

from pydantic import BaseModel

from netscript_kernel.contracts.paths import path_fields_of
from netscript_kernel.contracts.problems import ProblemSpec
from netscript_kernel.contracts.wire import JSON, Nothing, Redirect

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

P = ParamSpec("P")
Q = ParamSpec("Q")
In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out", bound=BaseModel)
NewIn = TypeVar("NewIn", bound=BaseModel)
NewOut = TypeVar("NewOut", bound=BaseModel)


class Caller(Protocol):
    """Carries one call of a client: over HTTP, in process, or recorded in a test."""

    async def call(self, operation: "Operation[Any, In, Out]", value: In) -> Out:
        """Send the input, return the validated output, or raise what the problem says."""
        ...


class Calling(Protocol):
    """A client: what an operation becomes a method of."""

    caller: Caller


@dataclass(frozen=True)
class Operation(Generic[P, In, Out]):
    """One operation of a contract. On the contract class it is data; on a client it is a method.

    Attributes:
        method: HTTP method.
        path: Below the contract's prefix, or empty for the prefix itself; ``{field}`` is filled from the
            input's field of that name.
        input_model: Fields of the path, then of the query (GET, DELETE) or of the JSON body.
        output_model: What success answers.
        problem_specs: Every way in which it may say no, beside those of all operations.
        status: HTTP status of success.
        name: Attribute of the contract that holds it.
        owner: Name of that contract's class.
        is_raw: The handler reads query and body itself; the models only document.
        body_types: Media types that it reads, where it has a body.
        is_for_browsers: Whoever asks for a page is shown one where the operation says no.
        browser_status: With which status a browser is sent elsewhere, where programs get the output.
        stream_type: Media type of an answer that goes on, which the handler sends itself; typed clients
            cannot read it.
        summary: One line for the documentation.
    """

    method: Method
    path: str
    input_model: type[In]
    output_model: type[Out]
    problem_specs: tuple[ProblemSpec, ...] = ()
    status: int = 200
    name: str = ""
    is_raw: bool = False
    body_types: tuple[str, ...] = (JSON,)
    is_for_browsers: bool = False
    browser_status: int | None = None
    stream_type: str | None = None
    summary: str = ""
    owner: str = field(default="", compare=False)

    def __set_name__(self, owner: type[object], name: str) -> None:
        """Learn the attribute's name and whose it is. Raises nothing: Python would hide the words."""
        if self.name:  # another contract may have it: two share none, as guards tell them apart by identity
            setattr(owner, name, replace(self, name=name, owner=owner.__name__))
            return
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "owner", owner.__name__)

    @overload
    def __get__(self, instance: None, owner: type[object]) -> Self: ...
    @overload
    def __get__(self, instance: Calling, owner: type[object]) -> Callable[P, Awaitable[Out]]: ...
    def __get__(self, instance: Calling | None, owner: type[object]) -> Self | Callable[P, Awaitable[Out]]:
        """Return the data from the class, the bound call from a client."""
        if instance is None:
            return self
        caller = instance.caller

        def call(*args: P.args, **kwargs: P.kwargs) -> Awaitable[Out]:
            return caller.call(self, self.input_model(*args, **kwargs))

        return call

    @property
    def full_name(self) -> str:
        """How an error calls it: ``UsersV1.find``; method and path where no contract has it."""
        return f"{self.owner}.{self.name}" if self.owner else f"{self.method} {self.path}"

    @property
    def path_fields(self) -> tuple[str, ...]:
        """Names in braces, in order."""
        return path_fields_of(self.path)

    def input(self, model: Callable[Q, NewIn]) -> "Operation[Q, NewIn, Out]":
        """Return this operation with an input model, whose constructor gives the client's parameters."""
        if not inspect.isclass(model):
            raise TypeError("the input of an operation is a Pydantic model class")
        return cast("Operation[Q, NewIn, Out]", self._with(input_model=model))

    def output(self, model: type[NewOut], *, status: int = 200) -> "Operation[P, In, NewOut]":
        """Return this operation with an output model and the status of success."""
        return cast("Operation[P, In, NewOut]", self._with(output_model=model, status=status))

    def redirects(self, status: int = 302) -> "Operation[P, In, Redirect]":
        """Return this operation as one that sends a browser elsewhere."""
        return self.output(Redirect, status=status)

    def problems(self, *specs: ProblemSpec) -> Self:
        """Return this operation with more ways to say no."""
        return cast("Self", self._with(problem_specs=(*self.problem_specs, *specs)))

    def raw(self, *body_types: str) -> Self:
        """Return this operation with its query and body left to the handler.

        Args:
            body_types: Which media types that handler reads; JSON where none is named.
        """
        return cast("Self", self._with(is_raw=True, body_types=body_types or (JSON,)))

    def for_browsers(self, redirect: int | None = None) -> Self:
        """Return this operation as one that people open, too: where it says no, they see a page.

        Args:
            redirect: With which status it sends them on, where that is not what programs get.
        """
        return cast("Self", self._with(is_for_browsers=True, browser_status=redirect))

    def may_redirect(self, status: int = 302) -> Self:
        """Return this operation as one that sends some browsers elsewhere, and shows them no page."""
        return cast("Self", self._with(browser_status=status))

    def streams(self, media_type: str) -> Self:
        """Return this operation as one whose answer goes on, in pieces of this media type."""
        return cast("Self", self._with(stream_type=media_type))

    def describe(self, summary: str) -> Self:
        """Return this operation with a line for the documentation."""
        return cast("Self", self._with(summary=summary))

    def _with(self, **changes: Any) -> "AnyOperation":
        return replace(cast("AnyOperation", self), **changes)


AnyOperation = Operation[Any, Any, Any]


def operation(method: Method, path: str) -> Operation[[], Nothing, Nothing]:
    """Begin an operation without input and output."""
    if path and not path.startswith("/"):
        raise ValueError(f"the path of an operation begins with a slash, or is empty: {path!r}")
    return Operation(method, path, Nothing, Nothing)


def get(path: str) -> Operation[[], Nothing, Nothing]:
    """Begin a GET operation."""
    return operation("GET", path)


def post(path: str) -> Operation[[], Nothing, Nothing]:
    """Begin a POST operation."""
    return operation("POST", path)


def delete(path: str) -> Operation[[], Nothing, Nothing]:
    """Begin a DELETE operation."""
    return operation("DELETE", path)
