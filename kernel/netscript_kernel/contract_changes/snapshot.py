"""A contract as plain JSON: what two versions of it are compared by, and what can be kept of one."""

from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import DataclassField, ModelField, TypedDictField
from typing_extensions import override

from netscript_kernel.contract_changes.shape import Schema, place_of_first
from netscript_kernel.contracts import AnyOperation, Contract, Redirect, WireModel
from netscript_kernel.contracts.paths import with_fields
from netscript_kernel.errors import NetScriptError

FORMAT: Final = 1

Mode: TypeAlias = Literal["validation", "serialization"]


class ProblemSnapshot(WireModel):
    """One way in which an operation says no."""

    code: str
    status: int
    title: str


class OperationSnapshot(WireModel):
    """One operation.

    Attributes:
        path: Whole, with the names of its fields as on the wire.
        input: JSON Schema of what is sent: fields of path, query and body.
        output: JSON Schema of what comes back.
        redirects: Whether success sends a browser elsewhere.
        body_types: Media types that are read, where there is a body.
        stream_type: Media type of an answer that goes on.
    """

    name: str
    method: str
    path: str
    status: int
    summary: str = ""
    input: Schema
    output: Schema
    problems: tuple[ProblemSnapshot, ...] = ()
    redirects: bool = False
    body_types: tuple[str, ...] = ()
    stream_type: str | None = None


def _named_apart(operations: tuple[OperationSnapshot, ...]) -> tuple[OperationSnapshot, ...]:
    if len({each.name for each in operations}) < len(operations):
        raise PydanticCustomError("named_twice", "two operations have one name")
    return operations


class ContractSnapshot(WireModel):
    """One version of a contract.

    Attributes:
        format: Of this document.
    """

    format: Literal[1] = FORMAT
    name: str
    version: str
    prefix: str
    operations: Annotated[tuple[OperationSnapshot, ...], AfterValidator(_named_apart)] = ()


class NoSnapshotError(NetScriptError):
    """A text is no snapshot of a contract.

    Attributes:
        place: Where in it; ``""`` for the whole.
    """

    reason: ClassVar[str] = "no_snapshot"

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(f"the text is no snapshot of a contract{f', by its {place}' if place else ''}")


def read_snapshot(text: bytes) -> ContractSnapshot:
    """Return a snapshot that was kept as JSON.

    Raises:
        NoSnapshotError: it is none.
    """
    try:
        return ContractSnapshot.model_validate_json(text)
    except ValidationError as error:
        raise NoSnapshotError(place_of_first(error)) from None


def snapshot_of(contract: type[Contract]) -> ContractSnapshot:
    """Return a contract as plain JSON.

    Raises:
        pydantic.errors.PydanticUserError: a model has a field that JSON Schema cannot say.
    """
    operations = contract.operations.values()
    return ContractSnapshot(
        name=contract.contract_name,
        version=contract.version,
        prefix=contract.prefix,
        operations=tuple(_operation(contract, each) for each in operations),
    )


def _operation(contract: type[Contract], operation: AnyOperation) -> OperationSnapshot:
    problems = tuple(
        ProblemSnapshot(code=each.code, status=each.status, title=each.title)
        for each in dict.fromkeys(operation.problem_specs)
    )
    return OperationSnapshot(
        name=operation.name,
        method=operation.method,
        path=contract.prefix + _wire_path(operation),
        status=operation.status,
        summary=operation.summary,
        input=_schema(operation.input_model, "validation"),
        output=_schema(operation.output_model, "serialization"),
        problems=problems,
        redirects=operation.output_model is Redirect,
        body_types=operation.body_types,
        stream_type=operation.stream_type,
    )


def _wire_path(operation: AnyOperation) -> str:
    fields = operation.input_model.model_fields
    return with_fields(operation.path, lambda name: f"{{{fields[name].alias or name}}}")


class _AsServed(GenerateJsonSchema):
    """What an operation sends: a field with a default is there, too, as long as it is not ``null``."""

    @override
    def field_is_required(self, field: ModelField | DataclassField | TypedDictField, total: bool) -> bool:
        if self.mode == "serialization":
            return not field.get("serialization_exclude")
        return super().field_is_required(field, total)


def _schema(model: type[BaseModel], mode: Mode) -> Schema:
    return model.model_json_schema(by_alias=True, mode=mode, schema_generator=_AsServed)
