"""Reads the input of a contract's operation strictly: one meaning per request, or a clear refusal."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast, get_args, get_origin
from urllib.parse import parse_qsl

import orjson
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from starlette.requests import Request

from netscript_kernel.contracts import (
    BAD_REQUEST,
    UNSUPPORTED_MEDIA_TYPE,
    AnyOperation,
    Nothing,
)
from netscript_kernel.service.faults import InputFaults, input_problem
from netscript_kernel.service.problems import ProblemError

Model = TypeVar("Model", bound=BaseModel)

_MOST_QUERY_FIELDS = 100
_SEQUENCES = (list, tuple, set, frozenset)
BODILESS_METHODS = frozenset({"GET", "DELETE"})


async def read_input(operation: AnyOperation, request: Request) -> Any:
    """Return the validated input of an operation.

    Raises:
        ProblemError: 415 for another media type than JSON, 400 for what cannot be decoded, 422 with
            ``{formErrors, fieldErrors}`` for the rest.
    """
    model = operation.input_model
    if model is Nothing:
        return Nothing()
    if operation.method in BODILESS_METHODS:
        fields = _query_fields(model, request.scope["query_string"])
    else:
        fields = await _body_fields(request)
    return validated(model, fields, request.path_params)


def validated(model: type[Model], fields: Mapping[str, Any], path: Mapping[str, Any]) -> Model:
    """Validate fields by their wire names; those of the path cannot be given a second time.

    Raises:
        ProblemError: 422.
    """
    faults = InputFaults()
    for name in fields.keys() & path.keys():
        faults.add("This field is given by the path", name)
    if faults:
        raise faults.problem()
    try:
        return model.model_validate({**fields, **path}, by_alias=True, by_name=False)
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False, include_context=False)
    raise input_problem(told)


def wire_name(name: str, field: FieldInfo) -> str:
    """Return the name that a field has on the wire."""
    return field.alias or name


def _query_fields(model: type[BaseModel], query: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_QUERY_FIELDS,
        )
    except ValueError:
        raise ProblemError(BAD_REQUEST, detail="The query is not valid form encoding of UTF-8") from None
    several = {wire_name(name, field) for name, field in model.model_fields.items() if _takes_several(field)}
    fields: dict[str, Any] = {}
    faults = InputFaults()
    for name, value in pairs:
        if name in several:
            fields.setdefault(name, []).append(value)
        elif name in fields:
            faults.add("This field is given more than once", name)
        else:
            fields[name] = value
    if faults:
        raise faults.problem()
    return fields


async def _body_fields(request: Request) -> dict[str, Any]:
    _require_json(request)
    body = await request.body()
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ProblemError(BAD_REQUEST, detail="The body is not valid JSON in UTF-8") from None
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    faults = InputFaults()
    faults.add("The body is not a JSON object")
    raise faults.problem()


def _require_json(request: Request) -> None:
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.replace(" ", "").lower()
    is_json = kind.strip().lower() == "application/json" and charset in {
        "",
        "charset=utf-8",
        'charset="utf-8"',
    }
    if not is_json:
        raise ProblemError(UNSUPPORTED_MEDIA_TYPE, detail="The body must be application/json")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise ProblemError(UNSUPPORTED_MEDIA_TYPE, detail="The body must not be compressed")


def _takes_several(field: FieldInfo) -> bool:
    annotation = field.annotation
    kinds = (annotation, *get_args(annotation))
    return any((get_origin(kind) or kind) in _SEQUENCES for kind in kinds)
