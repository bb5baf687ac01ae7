"""What is done with code of plugins in a process of its own, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do there.

    Attributes:
        owner: Whose code it runs. Where one of its tasks does not end, the others are not tried.
        probe: Which function of ours does it, as ``module:function``. It gets the arguments by keyword, may
            raise anything, and returns JSON.
        form: What it returns. An answer of any other form was written by the plugin.
        arguments: JSON.
    """

    owner: str
    probe: str
    form: TypeAdapter[Any]
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task.

    Attributes:
        answer: What the probe returned, in the form of the task.
        broken: Why there is no answer, as the end of a sentence that begins with the plugin.
        hung: Whether it did not end in time.
        missing: The module that an import did not find, where that broke it.
    """

    answer: Any = None
    broken: str | None = None
    hung: bool = False
    missing: str | None = None

    @property
    def mend_import(self) -> str | None:
        """What to do about an import that did not find its module; ``None`` where that broke nothing."""
        return f"install what brings {self.missing}, or mend the import" if self.missing else None
