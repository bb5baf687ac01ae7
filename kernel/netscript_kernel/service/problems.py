"""The one error body of every service: ``application/problem+json`` (RFC 9457) with a stable ``code``."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from netscript_kernel.contracts import ProblemSpec
from netscript_kernel.errors import NetScriptError
from netscript_kernel.problem_documents import PROBLEM_MEDIA_TYPE, problem_document
from netscript_kernel.service.answers import HotAnswer, raw_response


class ProblemError(NetScriptError):
    """Raised to answer with a problem.

    Args:
        spec: Code, status and title.
        detail: What is special about this occurrence, for people. Never a secret, never the input.
        data: The same for programs; must be JSON.
        headers: Response headers, such as ``Retry-After`` or ``Allow``.
    """

    reason: ClassVar[str] = "problem"

    def __init__(
        self,
        spec: ProblemSpec,
        *,
        detail: str | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.spec = spec
        self.detail = detail
        self.data = data
        self.headers: Mapping[str, str] = headers or {}
        super().__init__(f"{spec.code}: {detail or spec.title}")


ProblemMapper: TypeAlias = Callable[[Exception], ProblemError | None]
"""Says which problem an error is on the wire, or ``None`` where it does not know the error."""


class Problem(BaseModel):
    """The body of every refusal; what the OpenAPI document shows."""

    model_config = ConfigDict(frozen=True)

    type: Literal["about:blank"] = "about:blank"
    title: str = Field(description="Short, the same for every occurrence.")
    status: int = Field(description="The HTTP status, repeated.")
    code: str = Field(description="Stable, for programs.")
    detail: str | None = Field(default=None, description="What is special about this occurrence.")
    data: dict[str, Any] | None = Field(default=None, description="The same for programs.")
    request_id: str | None = Field(default=None, description="Names this request in the service's logs.")
    trace_id: str | None = Field(default=None, description="Names it in traces, where tracing is on.")


def encode_problem(problem: ProblemError) -> HotAnswer:
    """Encode a problem of the current request, with its request id, and its trace id where there is one."""
    headers = [(b"content-type", PROBLEM_MEDIA_TYPE.encode())]
    headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in problem.headers.items()]
    body = problem_document(problem.spec, detail=problem.detail, data=problem.data)
    return HotAnswer(problem.spec.status, headers, body)


def problem_response(problem: ProblemError) -> Response:
    """Return a problem as a Starlette response, for a handler that answers with it instead of raising."""
    return raw_response(encode_problem(problem))
