"""Compares two contracts, operation by operation."""

from collections.abc import Collection, Iterator
from typing import Any

from netscript_kernel.contract_changes.alternatives import Definitions, Schema
from netscript_kernel.contract_changes.change import Change, ChangeKind, Difference, Effect, Side
from netscript_kernel.contract_changes.limits import TooLargeError
from netscript_kernel.contract_changes.schemas import SchemaComparison
from netscript_kernel.contract_changes.snapshot import ContractSnapshot, OperationSnapshot
from netscript_kernel.contracts.paths import path_fields_of, place_of


def compare_contracts(old: ContractSnapshot, new: ContractSnapshot) -> tuple[Change, ...]:
    """Return every change, the breaking ones first.

    A change is breaking where somebody who calls the old contract, by the client that follows from it or by
    hand, can get another answer than before, or one that they do not understand. What cannot be judged is.
    """
    changes = list(_changes(old, new))
    return tuple(sorted(changes, key=lambda change: not change.is_breaking))


def _changes(old: ContractSnapshot, new: ContractSnapshot) -> Iterator[Change]:
    before = {each.name: each for each in old.operations}
    after = {each.name: each for each in new.operations}
    if old.name != new.name:
        yield _told(ChangeKind.NAME_CHANGED, old.name, f"is called {new.name}")
    if old.version != new.version:
        yield _told(ChangeKind.VERSION_CHANGED, old.name, f"was {old.version}, and is {new.version}")
    if old.prefix != new.prefix:
        # Another version stands beside the old one, where callers still find what they know.
        moved = _told if old.version != new.version else _broken
        words = f"was below {old.prefix or '/'}, and is below {new.prefix or '/'}"
        yield moved(ChangeKind.PREFIX_CHANGED, old.name, words)
    for name, operation in before.items():
        if name in after:
            one, other = _below(old, operation), _below(new, after[name])
            yield from _of_operation(one, other)
        else:
            yield _broken(ChangeKind.OPERATION_REMOVED, name, "is there no more")
    for name in after:
        if name not in before:
            yield _told(ChangeKind.OPERATION_ADDED, name, "is new")


def _below(contract: ContractSnapshot, operation: OperationSnapshot) -> OperationSnapshot:
    """Return an operation with its path below the contract's prefix, which is judged once for all."""
    return operation.model_copy(update={"path": operation.path.removeprefix(contract.prefix)})


def _of_operation(old: OperationSnapshot, new: OperationSnapshot) -> Iterator[Change]:
    name = old.name
    if old.method != new.method:
        yield _broken(ChangeKind.METHOD_CHANGED, name, f"was {old.method}, and is {new.method}")
    if place_of(old.path) != place_of(new.path):
        yield _broken(ChangeKind.PATH_CHANGED, name, f"was at {old.path}, and is at {new.path}")
    if old.status != new.status:
        yield _broken(ChangeKind.STATUS_CHANGED, name, f"answered {old.status}, and answers {new.status}")
    if (old.redirects, old.stream_type) != (new.redirects, new.stream_type):
        words = f"answered {_answer(old)}, and answers {_answer(new)}"
        yield _broken(ChangeKind.ANSWER_CHANGED, name, words)
    yield from _of_media_types(old, new)
    yield from _of_problems(old, new)
    yield from _of_schemas(old, new)


def _of_media_types(old: OperationSnapshot, new: OperationSnapshot) -> Iterator[Change]:
    for each in sorted(set(old.body_types) - set(new.body_types)):
        yield _broken(ChangeKind.MEDIA_TYPE_REMOVED, old.name, f"reads {each} no more")
    for each in sorted(set(new.body_types) - set(old.body_types)):
        yield _told(ChangeKind.MEDIA_TYPE_ADDED, old.name, f"reads {each}, too")


def _of_problems(old: OperationSnapshot, new: OperationSnapshot) -> Iterator[Change]:
    before = {(each.code, each.status) for each in old.problems}
    after = {(each.code, each.status) for each in new.problems}
    kept = {code for code, _ in before} & {code for code, _ in after}
    for code in sorted(kept):
        was, will_be = (sorted(status for each, status in both if each == code) for both in (before, after))
        if was != will_be:
            words = f"answered {code} with {_listed(was)}, and does with {_listed(will_be)}"
            yield _broken(ChangeKind.PROBLEM_STATUS_CHANGED, old.name, words)
    # Clients meet any problem as one error with a code, so a further code is none that they cannot read.
    for code, status in sorted(after):
        if code not in kept:
            yield _told(ChangeKind.PROBLEM_ADDED, old.name, f"may answer {status} {code}")
    for code, status in sorted(before):
        if code not in kept:
            yield _told(ChangeKind.PROBLEM_REMOVED, old.name, f"answers {status} {code} no more")


def _of_schemas(old: OperationSnapshot, new: OperationSnapshot) -> Iterator[Change]:
    for side, found in ((Side.INPUT, _of_input(old, new)), (Side.OUTPUT, _of_output(old, new))):
        try:
            for each in found:
                yield Change(each.kind, each.place, each.words, each.effect.breaks(side))
        except (TooLargeError, RecursionError):
            yield _broken(ChangeKind.TYPE_CHANGED, f"{old.name}: {side}", "is too large to be judged")


def _of_input(old: OperationSnapshot, new: OperationSnapshot) -> Iterator[Difference]:
    """Compare fields of the path by position, since on the wire they have no name, and the rest by name."""
    comparison, place = SchemaComparison(Side.INPUT, old.input, new.input), f"{old.name}: {Side.INPUT}"
    before, after = path_fields_of(old.path), path_fields_of(new.path)
    one, other = _fields_of(old.input), _fields_of(new.input)
    if not before or place_of(old.path) != place_of(new.path) or one is None or other is None:
        yield from comparison.compare(old.input, new.input, place)
        return
    for name, later in zip(before, after, strict=True):
        where = f"{place}.{name}"
        if name != later and (name in after or later in before):
            words = f"is where {later} is now, in the path"
            yield Difference(ChangeKind.PATH_CHANGED, Effect.REPLACES, where, words)
        yield from comparison.compare(_field(one, name), _field(other, later), where)
    yield from comparison.compare(_without(one, before), _without(other, after), place)


def _of_output(old: OperationSnapshot, new: OperationSnapshot) -> Iterator[Difference]:
    comparison = SchemaComparison(Side.OUTPUT, old.output, new.output)
    yield from comparison.compare(old.output, new.output, f"{old.name}: {Side.OUTPUT}")


def _fields_of(schema: Schema) -> Schema | None:
    """Return the object that a schema is, be it said elsewhere in it; ``None`` for what is no object."""
    shapes = Definitions(schema).alternatives(schema)
    return dict(shapes[0].schema) if len(shapes) == 1 and shapes[0].kind == "object" else None


def _field(schema: Schema, name: str) -> Any:
    return schema.get("properties", {}).get(name, True)


def _without(schema: Schema, names: Collection[str]) -> Schema:
    """Return an object's schema without some of its fields."""
    properties = {name: each for name, each in schema.get("properties", {}).items() if name not in names}
    required = [name for name in schema.get("required", ()) if name not in names]
    return {**schema, "properties": properties, "required": required}


def _answer(operation: OperationSnapshot) -> str:
    if operation.redirects:
        return "by sending elsewhere"
    return f"a stream of {operation.stream_type}" if operation.stream_type else "JSON"


def _listed(statuses: list[int]) -> str:
    return " and ".join(map(str, statuses))


def _broken(kind: ChangeKind, place: str, words: str) -> Change:
    return Change(kind, place, words, is_breaking=True)


def _told(kind: ChangeKind, place: str, words: str) -> Change:
    return Change(kind, place, words, is_breaking=False)
