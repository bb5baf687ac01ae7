"""Requests made from the OpenAPI document, and what the answers to them must be."""

# schemathesis leaves the parameters of its generic classes open, as only its own code knows them.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeAlias

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from netscript_kernel.contracts import FORM
from netscript_kernel.service.service import Service
from tests.support.auth_api import PUBLIC_URL

Operation: TypeAlias = APIOperation[Any, Any, Any, Any]
AnyCase: TypeAlias = Case[Any]
# Requests that break a rule are hard to make up, and made all the same.
_PATIENT = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
_FIELDS = re.compile(r"\{(\w+)\}")
_CONFORMS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def schema_of(service: Service) -> OpenApiSchema:
    """Return what schemathesis makes of a service's document."""
    schema = schemathesis.openapi.from_dict(service.openapi())
    assert isinstance(schema, OpenApiSchema)
    return schema


def operations_of(schema: OpenApiSchema) -> dict[str, Operation]:
    """Return the operations by method and path."""
    results = list(schema.get_all_operations())
    found = [result.ok() for result in results if isinstance(result, Ok)]
    assert len(found) == len(results), "an operation whose documentation makes no sense"
    return {operation.label: operation for operation in found}


def operation_at(schema: OpenApiSchema, request: httpx.Request) -> Operation | None:
    """Return the operation that a request is for, or ``None`` where it is for something else."""
    path = request.url.path
    return schema.find_operation_by_path(request.method, path) if path.startswith("/api/v1/") else None


def cases_of(operation: Operation, mode: GenerationMode, most: int) -> list[AnyCase]:
    """Return requests that fit the document, or that do not; the same ones each time."""
    cases: list[AnyCase] = []

    # Gathered here and sent later, since a generator runs no event loop.
    @settings(
        max_examples=most,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=_PATIENT,
    )
    @given(operation.as_strategy(generation_mode=mode))
    def gather(case: AnyCase) -> None:
        cases.append(case)

    try:
        gather()
    except Unsatisfiable:
        return []  # an operation without input can be asked in no wrong way
    return cases


def request_of(case: AnyCase, headers: Mapping[str, str]) -> httpx.Request:
    """Return a case as a request, with headers besides."""
    own: dict[str, Any] = case.as_transport_kwargs(base_url=PUBLIC_URL)
    known = ("method", "url", "headers", "params", "json", "data", "files", "cookies")
    prepared = requests.Request(**{name: own[name] for name in known if name in own}).prepare()
    assert prepared.method is not None
    assert prepared.url is not None
    body = prepared.body or b""
    assert isinstance(body, str | bytes)
    sent = {name: str(value) for name, value in prepared.headers.items()} | dict(headers)
    return httpx.Request(prepared.method, prepared.url, headers=sent, content=body)


async def answer_of(service: Service, request: httpx.Request) -> httpx.Response:
    """Send a request to a service in this process."""
    answer = await httpx.ASGITransport(service.app).handle_async_request(request)
    await answer.aread()
    answer.request, answer.elapsed = request, timedelta(0)
    return answer


def expect_documented(case: AnyCase, answer: httpx.Response) -> None:
    """Make sure that an answer is one that the document promises, and no fault of ours."""
    # A form carries text alone: of what was made up to be wrong, only the good part may arrive.
    judges = [] if case.media_type == FORM else [negative_data_rejection]
    case.validate_response(answer, checks=[not_a_server_error, *_CONFORMS, *judges])


def expect_fits(operation: Operation, answer: httpx.Response) -> None:
    """Make sure that an answer of any request is one that the document promises."""
    assert answer.status_code != httpx.codes.INTERNAL_SERVER_ERROR
    answer.elapsed = timedelta(0)
    case: AnyCase = operation.Case(path_parameters=dict.fromkeys(_FIELDS.findall(operation.path), "x"))
    case.validate_response(answer, checks=_CONFORMS)
