"""What FastAPI is told of an operation, so that the OpenAPI document shows it as it is served."""

from collections.abc import Callable, Sequence
from copy import copy
from inspect import Parameter, Signature
from itertools import groupby
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo

from netscript_kernel.contracts import (
    BAD_REQUEST,
    CONTENT_TOO_LARGE,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    REQUEST_TIMEOUT,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    VALIDATION_ERROR,
    AnyOperation,
    Nothing,
    ProblemSpec,
    Redirect,
)
from netscript_kernel.problem_documents import PROBLEM_MEDIA_TYPE
from netscript_kernel.service.inputs import BODILESS_METHODS, wire_name

PROBLEM_SCHEMA = "#/components/schemas/Problem"
_ALWAYS = (BAD_REQUEST, NOT_FOUND, METHOD_NOT_ALLOWED, CONTENT_TOO_LARGE, INTERNAL, UNAVAILABLE)


def wire_path(operation: AnyOperation) -> str:
    """Return the path with its fields' names as on the wire."""
    path = operation.path
    for name in operation.path_fields:
        path = path.replace(f"{{{name}}}", f"{{{wire_name(name, operation.input_model.model_fields[name])}}}")
    return path


def signature_of(operation: AnyOperation) -> Callable[..., None]:
    """Return a function that is never called, with the signature from which FastAPI documents the input."""

    def documented() -> None:
        """Only its signature counts."""

    parameters = [*_path_parameters(operation), *_other_parameters(operation)]
    documented.__name__ = operation.name
    documented.__doc__ = None
    documented.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # read by inspect.signature
    return documented


def responses_of(operation: AnyOperation, common: Sequence[ProblemSpec]) -> dict[int | str, dict[str, Any]]:
    """Return every refusal and every redirect that an operation may answer, one entry for each status."""
    responses = {
        status: _refusal(list(specs), has_page=operation.is_for_browsers)
        for status, specs in groupby(_problems(operation, common), key=lambda spec: spec.status)
    }
    found: dict[int | str, dict[str, Any]] = {**responses}
    if operation.output_model is Redirect:
        found[operation.status] = _elsewhere("Goes elsewhere")
    if operation.browser_status is not None:
        found[operation.browser_status] = _elsewhere("Sends a browser elsewhere")
    return found


def _elsewhere(description: str) -> dict[str, Any]:
    location = {"description": "Where to.", "schema": {"type": "string"}}
    return {"description": description, "headers": {"Location": location}}


def _problems(operation: AnyOperation, common: Sequence[ProblemSpec]) -> list[ProblemSpec]:
    specs = [*_ALWAYS, *common, *operation.problem_specs]
    if operation.input_model is not Nothing:
        specs.append(VALIDATION_ERROR)
    if operation.method not in BODILESS_METHODS:
        specs += [REQUEST_TIMEOUT, UNSUPPORTED_MEDIA_TYPE]
    return sorted(dict.fromkeys(specs), key=lambda spec: spec.status)


def _refusal(specs: list[ProblemSpec], *, has_page: bool) -> dict[str, Any]:
    codes = {"properties": {"code": {"enum": [spec.code for spec in specs]}}}
    content: dict[str, Any] = {PROBLEM_MEDIA_TYPE: {"schema": {"allOf": [{"$ref": PROBLEM_SCHEMA}, codes]}}}
    if has_page:
        content["text/html"] = {"schema": {"type": "string"}}
    return {"description": "; or: ".join(spec.title for spec in specs), "content": content}


def _path_parameters(operation: AnyOperation) -> list[Parameter]:
    fields = operation.input_model.model_fields
    return [_path_parameter(wire_name(name, fields[name]), fields[name]) for name in operation.path_fields]


def _path_parameter(name: str, field: FieldInfo) -> Parameter:
    annotation: Any = field.annotation
    for entry in (*field.metadata, Path()):
        annotation = Annotated[annotation, entry]
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation)


def _other_parameters(operation: AnyOperation) -> list[Parameter]:
    model = _without_path_fields(operation)
    if model is None:
        return []
    if operation.method in BODILESS_METHODS:
        return [Parameter("query", Parameter.KEYWORD_ONLY, annotation=Annotated[model, Query()])]
    return [Parameter("body", Parameter.KEYWORD_ONLY, annotation=model)]


def _without_path_fields(operation: AnyOperation) -> type[BaseModel] | None:
    model: type[BaseModel] = operation.input_model
    rest = {
        name: (field.annotation, copy(field))
        for name, field in model.model_fields.items()
        if name not in operation.path_fields
    }
    if not rest:
        return None
    if len(rest) == len(model.model_fields):
        return model
    fields: dict[str, Any] = rest
    return create_model(
        f"{model.__name__}Rest", __config__=model.model_config, __doc__=model.__doc__, **fields
    )
