"""An API as data: the server binds handlers to it, the typed client is derived from the same object.

::

    class UsersV1(Contract, name="users", version="v1", prefix="/api/v1/users"):
        find = get("/{user_id}").input(FindUser).output(User).problems(NOT_FOUND)


    user = await connect(UsersV1, base_url).find(user_id="usr_1")  # typed: User
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import (
    Any,
    ClassVar,
    Generic,
    Literal,
    ParamSpec,
    Protocol,
    Self,
    TypeGuard,
    TypeVar,
    cast,
    overload,
)

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from netscript_kernel.contract_paths import path_fields_of, place_of

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

P = ParamSpec("P")
Q = ParamSpec("Q")
In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out", bound=BaseModel)
NewIn = TypeVar("NewIn", bound=BaseModel)
NewOut = TypeVar("NewOut", bound=BaseModel)


class WireModel(BaseModel):
    """Base of everything that travels: immutable, snake_case in Python, camelCase on the wire."""

    model_config = ConfigDict(
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )

    def to_wire(self) -> bytes:
        """Encode as JSON; fields that are ``None`` are left out."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()


class InputModel(WireModel):
    """Base of request bodies: a field that nobody reads is refused, never dropped."""

    model_config = ConfigDict(extra="forbid")


class Nothing(WireModel):
    """Input or output of an operation that has none."""


class Redirect(WireModel):
    """Output of an operation that sends a browser elsewhere.

    Attributes:
        location: Where to, absolute or a path of the service.
    """

    location: str


@dataclass(frozen=True, slots=True)
class ProblemSpec:
    """One way in which an operation says no (RFC 9457).

    Attributes:
        code: Stable, upper case, for programs.
        status: HTTP status.
        title: Short, the same for every occurrence, for people.
    """

    code: str
    status: int
    title: str


VALIDATION_ERROR = ProblemSpec("VALIDATION_ERROR", 422, "The input is not valid")
BAD_REQUEST = ProblemSpec("BAD_REQUEST", 400, "The request cannot be read")
UNAUTHORIZED = ProblemSpec("UNAUTHORIZED", 401, "Nobody is signed in")
FORBIDDEN = ProblemSpec("FORBIDDEN", 403, "This is not allowed")
NOT_FOUND = ProblemSpec("NOT_FOUND", 404, "There is nothing here")
METHOD_NOT_ALLOWED = ProblemSpec("METHOD_NOT_ALLOWED", 405, "This method is not offered here")
REQUEST_TIMEOUT = ProblemSpec("REQUEST_TIMEOUT", 408, "The request took too long to arrive")
CONTENT_TOO_LARGE = ProblemSpec("CONTENT_TOO_LARGE", 413, "The request body is too large")
UNSUPPORTED_MEDIA_TYPE = ProblemSpec("UNSUPPORTED_MEDIA_TYPE", 415, "This kind of body is not read here")
RATE_LIMITED = ProblemSpec("RATE_LIMITED", 429, "Too many requests")
INTERNAL = ProblemSpec("INTERNAL", 500, "Something went wrong on our side")
UNAVAILABLE = ProblemSpec("UNAVAILABLE", 503, "The service cannot answer at the moment")


class Caller(Protocol):
    """Carries one call of a client: over HTTP, in process, or recorded in a test."""

    async def call(self, operation: "Operation[Any, In, Out]", value: In) -> Out:
        """Send the input, return the validated output, or raise what the problem says."""
        ...


@dataclass(frozen=True)
class Operation(Generic[P, In, Out]):
    """One operation of a contract. On the contract class it is data; on a client it is a method.

    Attributes:
        method: HTTP method.
        path: Below the contract's prefix; ``{field}`` is filled from the input's field of that name.
        input_model: Fields of the path, then of the query (GET, DELETE) or of the JSON body.
        output_model: What success answers.
        problem_specs: Every way in which it may say no, beside those of all operations.
        status: HTTP status of success.
        name: Attribute of the contract that holds it.
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

    def __set_name__(self, owner: type["Contract"], name: str) -> None:
        """Learn the attribute's name, and check path fields against the input."""
        missing = set(self.path_fields) - set(self.input_model.model_fields)
        if missing:
            raise TypeError(f"{owner.__name__}.{name}: path fields {sorted(missing)} are not in the input")
        if self.name:  # another contract may have it: two share none, as guards tell them apart by identity
            setattr(owner, name, replace(self, name=name))
            return
        object.__setattr__(self, "name", name)

    @overload
    def __get__(self, instance: None, owner: type["Contract"]) -> Self: ...
    @overload
    def __get__(self, instance: "Contract", owner: type["Contract"]) -> Callable[P, Awaitable[Out]]: ...
    def __get__(
        self, instance: "Contract | None", owner: type["Contract"]
    ) -> Self | Callable[P, Awaitable[Out]]:
        """Return the data from the class, the bound call from a client."""
        if instance is None:
            return self
        caller = instance.caller

        def call(*args: P.args, **kwargs: P.kwargs) -> Awaitable[Out]:
            return caller.call(self, self.input_model(*args, **kwargs))

        return call

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
    if not path.startswith("/"):
        raise ValueError(f"the path of an operation begins with a slash: {path!r}")
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


class Contract:
    """Operations under one prefix. The class is the contract; an instance is a client of it.

    A contract that builds on another one has its operations too: ``class UsersV2(UsersV1, name="users",
    version="v2", prefix="/api/v2/users")`` names only what is different.

    Args:
        caller: Carries the calls, for example ``netscript_kernel.client.HttpCaller``.
    """

    contract_name: ClassVar[str]
    version: ClassVar[str]
    prefix: ClassVar[str]
    operations: ClassVar[Mapping[str, "AnyOperation"]]

    def __init_subclass__(cls, *, name: str, version: str, prefix: str) -> None:
        """Collect the operations of the class and refuse two on one method and path."""
        cls.contract_name, cls.version, cls.prefix = name, version, prefix.rstrip("/")
        found = {**_inherited(cls), **{key: each for key, each in vars(cls).items() if _is_operation(each)}}
        places: dict[tuple[str, str], str] = {}
        for key, value in found.items():
            other = places.setdefault((value.method, place_of(value.path)), key)
            if other != key:
                raise TypeError(f"{cls.__name__}: {other} and {key} are both {value.method} {value.path}")
        cls.operations = MappingProxyType(found)

    def __init__(self, caller: Caller) -> None:
        self.caller = caller


def _inherited(contract: type[Contract]) -> dict[str, AnyOperation]:
    """Give a contract an operation of its own for each that it inherits: two contracts share none."""
    found: dict[str, AnyOperation] = {}
    for base in contract.__mro__[1:]:
        for key, value in vars(base).items():
            if _is_operation(value) and key not in vars(contract) and key not in found:
                found[key] = replace(value)
                setattr(contract, key, found[key])
    return found


def _is_operation(value: object) -> TypeGuard[AnyOperation]:
    return isinstance(value, Operation)
