"""One thing that is wrong, with a code that programs go by."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

Code = TypeVar("Code", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class CodedFault(Generic[Code]):
    """One thing that is wrong.

    Attributes:
        code: Stable; it never changes its meaning.
        place: Where: the plugin or the file, then the field, such as ``notifier: services[0].port``.
        problem: What is wrong there, in words.
        fix: What to do about it.
    """

    code: Code
    place: str
    problem: str
    fix: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.place} {self.problem} [{self.code}]. Fix: {self.fix}"
