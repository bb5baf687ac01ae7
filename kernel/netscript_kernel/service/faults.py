"""What is wrong with an input, said with the wire's field names and never with the values."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from netscript_kernel.contracts import BAD_REQUEST, VALIDATION_ERROR
from netscript_kernel.service.problems import ProblemError

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_MOST_TOLD = 100

# Pydantic's own words for these repeat a piece of the input.
_SILENT: Mapping[str, str] = {
    "union_tag_invalid": "Input is not of a known kind",
    "uuid_parsing": "Input should be a valid UUID",
    "url_parsing": "Input should be a valid URL",
    "extra_forbidden": "Nobody reads this field",
}


class InputFaults:
    """Gathers faults, so that the caller learns of all of them at once."""

    def __init__(self) -> None:
        self._form: list[str] = []
        self._fields: dict[str, list[str]] = {}
        self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def add(self, message: str, field: str | None = None) -> None:
        """Note a fault of one field, or of the input as a whole. A hundred are told, the rest is dropped."""
        self._count += 1
        if self._count > _MOST_TOLD:
            return
        if field is None:
            self._form.append(message)
        elif _PLAIN_NAME.fullmatch(field):
            self._fields.setdefault(field, []).append(message)
        else:
            self._form.append("There is a field that nobody reads")

    def problem(self) -> ProblemError:
        """Return them as the 422 that the contract documents."""
        return ProblemError(VALIDATION_ERROR, data={"formErrors": self._form, "fieldErrors": self._fields})


def input_problem(errors: Iterable[Any], *, skip: int = 0) -> ProblemError:
    """Return what Pydantic or FastAPI found as one problem: 400 where it is no JSON at all, else 422.

    Args:
        errors: Dictionaries with ``type``, ``msg`` and ``loc``.
        skip: How many leading parts of ``loc`` name no field; FastAPI puts ``body`` or ``query`` there.
    """
    faults = InputFaults()
    for error in errors:
        if error["type"] == "json_invalid":
            return ProblemError(BAD_REQUEST, detail="The body is not valid JSON")
        faults.add(*_message_and_field(error["type"], error["msg"], error["loc"][skip:]))
    return faults.problem()


def _message_and_field(kind: str, message: str, path: Sequence[int | str]) -> tuple[str, str | None]:
    words = _SILENT.get(kind) or message.removeprefix("Value error, ")
    if not path:
        return words, None
    inner = ".".join(str(part) for part in path[1:] if isinstance(part, int) or _PLAIN_NAME.fullmatch(part))
    return (f"{inner}: {words}" if inner else words), str(path[0])
