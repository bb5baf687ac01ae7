"""Schemas as contracts of the world have them, against themselves and against wider ones.

Recursive objects, unions that a field tells apart, lists, enumerations, bounds, ``null``. A wider schema
takes every document that the other one takes: who sends never breaks by that, who reads always does. What
a definition is called, and in which order anything stands, says nothing to anybody.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from netscript_kernel.contract_changes import Change, ContractSnapshot, compare_contracts

FIELDS: Final = ("a", "b", "c")
TAGS: Final = ("cat", "dog", "fish")
TEXTS: Final = frozenset({"x", "y", "z"})


@dataclass(frozen=True)
class Whole:
    """Numbers from one to another, either of which may be left open, or be shut out itself."""

    lowest: int | None
    highest: int | None
    is_exclusive: bool

    @property
    def meaning(self) -> object:
        by = int(self.is_exclusive)
        lowest = None if self.lowest is None else self.lowest + by
        return "whole", lowest, None if self.highest is None else self.highest - by


@dataclass(frozen=True)
class Texts:
    """Some texts; where none is named, all that are not too long."""

    some: frozenset[str] = frozenset()
    longest: int | None = None

    @property
    def meaning(self) -> object:
        return "texts", self.some, self.longest


@dataclass(frozen=True)
class Several:
    """A list."""

    each: "Kind"

    @property
    def meaning(self) -> object:
        return "several", self.each.meaning


@dataclass(frozen=True)
class Maybe:
    """Something, or ``null``."""

    some: "Kind"

    @property
    def meaning(self) -> object:
        return self.some.meaning if isinstance(self.some, Maybe) else ("maybe", self.some.meaning)


@dataclass(frozen=True)
class Again:
    """The outermost object, within itself."""

    meaning: object = "again"


@dataclass(frozen=True)
class Fields:
    """An object: the name of each field, what it is, and whether it has to be there."""

    each: tuple[tuple[str, "Kind", bool], ...] = ()

    @property
    def meaning(self) -> object:
        return frozenset((name, kind.meaning, is_needed) for name, kind, is_needed in self.each)


@dataclass(frozen=True)
class Tagged:
    """One of several objects, which a field tells apart."""

    each: tuple[tuple[str, Fields], ...]

    @property
    def meaning(self) -> object:
        return frozenset((tag, fields.meaning) for tag, fields in self.each)


Kind: TypeAlias = Whole | Texts | Several | Maybe | Again | Fields | Tagged


def some_fields(kinds: st.SearchStrategy[Kind]) -> st.SearchStrategy[Fields]:
    each = st.tuples(st.sampled_from(FIELDS), kinds, st.booleans())
    several = st.lists(each, unique_by=lambda field: field[0], max_size=3)
    return several.map(lambda found: Fields(tuple(found)))


def some_tagged(kinds: st.SearchStrategy[Kind]) -> st.SearchStrategy[Kind]:
    each = st.tuples(st.sampled_from(TAGS), some_fields(kinds))
    several = st.lists(each, unique_by=lambda tagged: tagged[0], min_size=2, max_size=3)
    return several.map(lambda found: Tagged(tuple(found)))


WHOLES = st.builds(
    Whole, st.none() | st.integers(0, 3), st.none() | st.integers(6, 9), is_exclusive=st.booleans()
)
ENUMERATIONS = st.frozensets(st.sampled_from(sorted(TEXTS)), min_size=1).map(Texts)
ANY_TEXTS = st.builds(Texts, longest=st.none() | st.integers(2, 4))
KINDS: st.SearchStrategy[Kind] = st.recursive(
    WHOLES | ENUMERATIONS | ANY_TEXTS | st.just(Again()),
    lambda kinds: kinds.map(Several) | kinds.map(Maybe) | some_fields(kinds) | some_tagged(kinds),
    max_leaves=8,
)
OBJECTS = some_fields(KINDS)


class Widening:
    """Makes wider what it is given, here and there.

    Args:
        draw: Decides.
        adds_fields: Whether objects get more fields: who sends need not care, and who reads need not either.
    """

    def __init__(self, draw: st.DrawFn, *, adds_fields: bool) -> None:
        self._draw, self._adds_fields = draw, adds_fields

    def kind(self, kind: Kind) -> Kind:
        match kind:
            case Whole():
                lowest = self._draw(st.sampled_from([None, kind.lowest]))
                is_exclusive = kind.is_exclusive and self._perhaps()
                wider: Kind = replace(kind, lowest=lowest, is_exclusive=is_exclusive)
            case Texts():
                wider = self._draw(st.sampled_from([kind, Texts(), replace(kind, some=kind.some and TEXTS)]))
            case Several():
                wider = Several(self.kind(kind.each))
            case Maybe():
                wider = Maybe(self.kind(kind.some))
            case Tagged():
                wider = self._tagged(kind)
            case Fields():
                wider = self.fields(kind)
            case Again():
                wider = kind
        return Maybe(wider) if self._draw(st.integers(0, 5)) == 0 else wider

    def fields(self, fields: Fields) -> Fields:
        each = [(name, self.kind(kind), needed and self._perhaps()) for name, kind, needed in fields.each]
        missing = sorted(set(FIELDS) - {name for name, _, _ in each}) if self._adds_fields else []
        each += [(name, Texts(), False) for name in missing if self._perhaps()]
        return Fields(tuple(self._draw(st.permutations(each))))

    def _tagged(self, tagged: Tagged) -> Tagged:
        each = [(tag, self.fields(fields)) for tag, fields in tagged.each]
        missing = sorted(set(TAGS) - {tag for tag, _ in each})
        each += [(tag, Fields()) for tag in missing if self._perhaps()]
        return Tagged(tuple(self._draw(st.permutations(each))))

    def _perhaps(self) -> bool:
        return self._draw(st.booleans())


@st.composite
def sent(draw: st.DrawFn) -> tuple[Fields, Fields]:
    """Something that is sent, and something wider."""
    narrow = draw(OBJECTS)
    return narrow, Widening(draw, adds_fields=True).fields(narrow)


@st.composite
def read(draw: st.DrawFn) -> tuple[Fields, Fields]:
    """Something that is read, and something wider."""
    narrow = draw(OBJECTS)
    return narrow, Widening(draw, adds_fields=False).fields(narrow)


class Writing:
    """Writes schemas as Pydantic does: each object is a definition of its own.

    Args:
        prefix: Begins the name of each definition.
        is_input: Whether objects refuse fields that they do not know.
    """

    def __init__(self, prefix: str, *, is_input: bool) -> None:
        self._prefix, self._is_input = prefix, is_input
        self._definitions: dict[str, Any] = {}

    def document(self, outermost: Fields) -> dict[str, Any]:
        root = f"{self._prefix}Root"
        self._definitions[root] = {}
        self._definitions[root] = self._object(outermost)
        return {"$ref": f"#/$defs/{root}", "$defs": self._definitions}

    def _schema(self, kind: Kind) -> dict[str, Any]:
        match kind:
            case Whole(lowest, highest, is_exclusive):
                names = ("exclusiveMinimum", "exclusiveMaximum") if is_exclusive else ("minimum", "maximum")
                ends = zip(names, (lowest, highest), strict=True)
                return {"type": "integer", **{name: end for name, end in ends if end is not None}}
            case Texts(some, longest):
                values = {"enum": sorted(some)} if some else {}
                return {"type": "string", **values, **({"maxLength": longest} if longest else {})}
            case Several(each):
                return {"type": "array", "items": self._schema(each)}
            case Maybe(some):
                return {"anyOf": [self._schema(some), {"type": "null"}]}
            case Again():
                return {"$ref": f"#/$defs/{self._prefix}Root"}
            case Fields():
                return self._defined(self._object(kind))
            case Tagged(each):
                of_tag = {"discriminator": {"propertyName": "tag"}}
                return {"oneOf": [self._defined(self._object(one, tag)) for tag, one in each], **of_tag}

    def _object(self, fields: Fields, tag: str | None = None) -> dict[str, Any]:
        properties = {name: {"title": name, **self._schema(kind)} for name, kind, _ in fields.each}
        required = [name for name, _, is_needed in fields.each if is_needed]
        if tag is not None:
            properties["tag"], required = {"const": tag, "type": "string"}, [*required, "tag"]
        rest = {"additionalProperties": False} if self._is_input else {}
        return {"type": "object", "properties": properties, "required": required, **rest}

    def _defined(self, schema: dict[str, Any]) -> dict[str, Any]:
        name = f"{self._prefix}{len(self._definitions)}"
        self._definitions[name] = schema
        return {"$ref": f"#/$defs/{name}"}


def changes_of_input(old: Fields, new: Fields, prefix: str = "Old") -> tuple[Change, ...]:
    before, after = Writing("Old", is_input=True), Writing(prefix, is_input=True)
    return compare_contracts(contract(before.document(old), {}), contract(after.document(new), {}))


def changes_of_output(old: Fields, new: Fields, prefix: str = "Old") -> tuple[Change, ...]:
    before, after = Writing("Old", is_input=False), Writing(prefix, is_input=False)
    return compare_contracts(contract({}, before.document(old)), contract({}, after.document(new)))


def contract(sent: dict[str, Any], answered: dict[str, Any]) -> ContractSnapshot:
    operation = {
        "name": "op",
        "method": "POST",
        "path": "/p",
        "status": 200,
        "input": sent,
        "output": answered,
    }
    return ContractSnapshot.model_validate(
        {"name": "made", "version": "v1", "prefix": "/p", "operations": [operation]}
    )


def breaks(changes: tuple[Change, ...]) -> bool:
    return any(each.is_breaking for each in changes)


PREFIXES = st.sampled_from(["Old", "New"])


@given(OBJECTS, PREFIXES)
def test_what_did_not_change_has_no_changes_whatever_its_models_are_called(same: Fields, prefix: str) -> None:
    assert changes_of_input(same, same, prefix) == ()
    assert changes_of_output(same, same, prefix) == ()


@given(sent(), PREFIXES)
def test_who_sends_never_breaks_where_more_is_taken_and_always_where_less_is(
    both: tuple[Fields, Fields], prefix: str
) -> None:
    narrow, wide = both

    wider, narrower = changes_of_input(narrow, wide, prefix), changes_of_input(wide, narrow, prefix)

    assert not breaks(wider)
    assert bool(wider) == breaks(narrower) == (narrow.meaning != wide.meaning)


@given(read(), PREFIXES)
def test_who_reads_never_breaks_where_less_is_answered(both: tuple[Fields, Fields], prefix: str) -> None:
    narrow, wide = both

    assert not breaks(changes_of_output(wide, narrow, prefix))


@given(read(), PREFIXES)
def test_who_reads_breaks_where_more_is_answered(both: tuple[Fields, Fields], prefix: str) -> None:
    narrow, wide = both

    changes = changes_of_output(narrow, wide, prefix)

    assert breaks(changes) == bool(changes)
