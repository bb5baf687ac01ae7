"""What the kernel asks of a contribution: an id, and that reading its file is enough to see it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, ParamSpec, Protocol, TypeVar, runtime_checkable

from netscript_kernel.plain_names import is_plain_name

P = ParamSpec("P")
R = TypeVar("R")

LONGEST_ID: Final = 64
ID_RULE: Final = (
    f"lower-case letters, digits and hyphens, with dots between parts, at most {LONGEST_ID} characters"
)


@runtime_checkable
class Contribution(Protocol):
    """What a file of a contribution folder adds to its plugin.

    It has a public name in its module, and whatever makes it is told its id as a literal, ``id="..."``: a
    decorator, or a call whose result is assigned. So one reading of the file finds it, whoever's call it
    is. What else a job, a saga or a stream has to be is the business of those who run them.
    """

    @property
    def id(self) -> str:
        """By which it is addressed; unique within its plugin and axis."""
        ...


@dataclass(frozen=True, slots=True)
class ContributedFunction(Generic[P, R]):
    """A function that is a contribution; it can be called as before.

    Attributes:
        id: By which it is addressed.
        function: As it was written.
    """

    id: str
    function: Callable[P, R]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function."""
        return self.function(*args, **kwargs)


def contribution(*, id: str) -> Callable[[Callable[P, R]], ContributedFunction[P, R]]:  # noqa: A002 - its name
    """Return a decorator that makes a contribution of a function.

    Args:
        id: Unique within the plugin and the axis, as a literal.

    Raises:
        ValueError: it cannot be an id.
    """
    if not is_id(id):
        raise ValueError(f"{id!r} cannot be the id of a contribution: it has {ID_RULE}")

    def contribute(function: Callable[P, R]) -> ContributedFunction[P, R]:
        return ContributedFunction(id, function)

    return contribute


def is_id(text: str) -> bool:
    """Whether a text can be an id: it stands in addresses, and in the names of metrics and topics."""
    return len(text) <= LONGEST_ID and is_plain_name(text)
