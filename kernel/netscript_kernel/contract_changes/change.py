"""One change of a contract, in words and as a code."""

from dataclasses import dataclass
from enum import StrEnum


class ChangeKind(StrEnum):
    """What programs go by; it never changes its meaning."""

    ANSWER_CHANGED = "answer_changed"
    DEFAULT_CHANGED = "default_changed"
    FIELD_ADDED = "field_added"
    FIELD_OPTIONAL = "field_optional"
    FIELD_REMOVED = "field_removed"
    FIELD_REQUIRED = "field_required"
    MEDIA_TYPE_ADDED = "media_type_added"
    MEDIA_TYPE_REMOVED = "media_type_removed"
    METHOD_CHANGED = "method_changed"
    NAME_CHANGED = "name_changed"
    NARROWED = "narrowed"
    OPERATION_ADDED = "operation_added"
    OPERATION_REMOVED = "operation_removed"
    PATH_CHANGED = "path_changed"
    PREFIX_CHANGED = "prefix_changed"
    PROBLEM_ADDED = "problem_added"
    PROBLEM_REMOVED = "problem_removed"
    PROBLEM_STATUS_CHANGED = "problem_status_changed"
    STATUS_CHANGED = "status_changed"
    TYPE_CHANGED = "type_changed"
    VALUE_ADDED = "value_added"
    VALUE_REMOVED = "value_removed"
    VERSION_CHANGED = "version_changed"
    WIDENED = "widened"


class Side(StrEnum):
    """Of whom a schema speaks: callers send the input, and read the output."""

    INPUT = "input"
    OUTPUT = "output"


class Effect(StrEnum):
    """What a change does to the set of all documents that fit."""

    NARROWS = "narrows"
    WIDENS = "widens"
    REPLACES = "replaces"
    NEITHER = "neither"

    def breaks(self, side: Side) -> bool:
        """Whether callers break: who sends must still be understood, who reads must still understand."""
        if self is Effect.REPLACES:
            return True
        return self is (Effect.NARROWS if side is Side.INPUT else Effect.WIDENS)


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference of two schemas, before anybody says whom it breaks.

    Attributes:
        kind: What it is.
        effect: What it does to the documents that fit.
        place: Where.
        words: What changed.
    """

    kind: ChangeKind
    effect: Effect
    place: str
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        kind: What it is.
        place: Where: the operation, then input or output, then the field, such as
            ``find: output.items[].userId``.
        words: What changed, as the end of a sentence that begins with the place.
        is_breaking: Whether somebody who calls the old contract breaks on the new one.
    """

    kind: ChangeKind
    place: str
    words: str
    is_breaking: bool

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.place} {self.words}"
