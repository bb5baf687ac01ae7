"""A contract as plain JSON: what two versions of it are compared by, and what can be kept of one."""

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, Field
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import DataclassField, ModelField, TypedDictField
from typing_extensions import override

from netscript_kernel.contracts import AnyOperation, Contract, Redirect, WireModel

FORMAT: Final = 1


class _Shape(BaseModel):
    """What a schema has to be like for anybody to compare it; all else in it may be anything."""

    properties: "dict[str, _Shape | bool]" = {}
    definitions: "dict[str, _Shape | bool]" = Field(default={}, alias="$defs")
    required: list[str] = []
    any_of: "list[_Shape | bool]" = Field(default=[], alias="anyOf")
    one_of: "list[_Shape | bool]" = Field(default=[], alias="oneOf")
    enum: list[Any] = []
    items: "_Shape | bool" = True
    prefix_items: "list[_Shape | bool]" = Field(default=[], alias="prefixItems")
    rest: "_Shape | bool" = Field(default=True, alias="additionalProperties")


def _shaped(schema: dict[str, Any]) -> dict[str, Any]:
    _Shape.model_validate(schema, strict=True)
    return schema


Schema: TypeAlias = Annotated[dict[str, Any], AfterValidator(_shaped)]
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


class ContractSnapshot(WireModel):
    """One version of a contract.

    Attributes:
        format: Of this document.
    """

    format: Literal[1] = FORMAT
    name: str
    version: str
    prefix: str
    operations: tuple[OperationSnapshot, ...] = Field(default=())


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
    path = operation.path
    for name in operation.path_fields:
        path = path.replace(f"{{{name}}}", f"{{{operation.input_model.model_fields[name].alias or name}}}")
    return path


class _AsServed(GenerateJsonSchema):
    """What an operation sends: a field with a default is there, too, as long as it is not ``null``."""

    @override
    def field_is_required(self, field: ModelField | DataclassField | TypedDictField, total: bool) -> bool:
        if self.mode == "serialization":
            return not field.get("serialization_exclude")
        return super().field_is_required(field, total)


def _schema(model: type[BaseModel], mode: Mode) -> Schema:
    return model.model_json_schema(by_alias=True, mode=mode, schema_generator=_AsServed)
