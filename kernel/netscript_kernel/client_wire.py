"""How a call looks on the wire: where each field goes, and what an answer means."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter, ValidationError

from netscript_kernel.client_errors import CallUnavailableError, OutOfContractError, ProblemReply
from netscript_kernel.contracts import AnyOperation, Nothing, Redirect

UNAVAILABLE_STATUSES = frozenset({502, 503, 504})
_BODILESS_METHODS = frozenset({"GET", "DELETE"})
_NO_CONTENT = 204
_OBJECT = TypeAdapter(dict[str, Any])


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request to be sent.

    Attributes:
        path: Below the base URL, with the contract's prefix; already percent-encoded.
        query: Names and texts, repeated where a field holds several.
        body: JSON, or ``None`` for no body.
    """

    path: str
    query: Sequence[tuple[str, str]]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Incoming:
    """An answer, read completely."""

    status: int
    media_type: str
    location: str | None
    retry_after: str | None
    body: bytes


def outgoing(prefix: str, operation: AnyOperation, value: BaseModel) -> Outgoing:
    """Place the fields of an input in path, query and body.

    Raises:
        ValueError: a field of the path is empty, ``.`` or ``..``, which would name another resource; or a
            field of the query is an object.
    """
    fields: dict[str, Any] = value.model_dump(mode="json", by_alias=True, exclude_none=True)
    path = operation.path
    for name in operation.path_fields:
        wire = operation.input_model.model_fields[name].alias or name
        path = path.replace(f"{{{name}}}", _segment(name, fields.pop(wire, "")))
    if operation.method in _BODILESS_METHODS:
        return Outgoing(prefix + path, _query(fields), None)
    if operation.input_model is Nothing:
        return Outgoing(prefix + path, [], None)
    return Outgoing(prefix + path, [], _OBJECT.dump_json(fields))


def output_of(name: str, operation: AnyOperation, answer: Incoming) -> Any:
    """Return the output that an answer carries.

    Raises:
        ProblemReply: the service said no.
        CallUnavailableError: it, or something in front of it, cannot answer now.
        OutOfContractError: anything that the contract does not know.
    """
    status = answer.status
    if status == operation.status:
        return _success(name, operation, answer)
    reply = _problem(name, answer)
    if status in UNAVAILABLE_STATUSES:
        raise CallUnavailableError(name, f"the service cannot answer now ({status})", reply) from reply
    if reply is not None:
        raise reply
    raise OutOfContractError(
        name, status, f"neither the output nor a problem ({answer.media_type or 'no type'})"
    )


def retry_delay(header: str | None, now: datetime) -> timedelta | None:
    """Return how long ``Retry-After`` asks to wait, from now; ``None`` without a readable header.

    Source: RFC 9110 section 10.2.3: seconds or an HTTP date.
    """
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return timedelta(seconds=min(int(header[:9]), 86400))
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(aware - now, timedelta(0))


def _segment(name: str, value: object) -> str:
    text = str(value)
    if text in {"", ".", ".."}:
        raise ValueError(f"{name} is part of the path and cannot be empty or dots")
    return quote(text, safe="")


def _query(fields: dict[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in fields.items():
        several = cast("list[object]", value) if isinstance(value, list) else [value]
        pairs.extend((name, _text(name, each)) for each in several)
    return pairs


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError(f"{name} cannot be sent in a query: only texts, numbers, truth values and lists of them")


def _success(name: str, operation: AnyOperation, answer: Incoming) -> Any:
    if operation.output_model is Redirect:
        if answer.location is None:
            raise OutOfContractError(name, answer.status, "a redirect without Location")
        return Redirect(location=answer.location)
    if operation.output_model is Nothing and (answer.status == _NO_CONTENT or not answer.body):
        return Nothing()
    if answer.media_type != "application/json":
        raise OutOfContractError(name, answer.status, f"not JSON but {answer.media_type or 'no type'}")
    try:
        return operation.output_model.model_validate_json(answer.body, by_alias=True, by_name=False)
    except ValidationError as error:
        places = {
            ".".join(map(str, each["loc"])) or "the whole" for each in error.errors(include_input=False)
        }
    raise OutOfContractError(name, answer.status, f"not valid: {', '.join(sorted(places)[:10])}")


def _problem(name: str, answer: Incoming) -> ProblemReply | None:
    if answer.media_type != "application/problem+json":
        return None
    try:
        fields = _OBJECT.validate_json(answer.body)
    except ValidationError:
        return None
    code, title = fields.get("code"), fields.get("title")
    detail, data, request_id = fields.get("detail"), fields.get("data"), fields.get("request_id")
    return ProblemReply(
        name,
        status=answer.status,
        code=code if isinstance(code, str) else f"HTTP_{answer.status}",
        title=title if isinstance(title, str) else "",
        detail=detail if isinstance(detail, str) else None,
        data=cast("dict[str, Any]", data) if isinstance(data, dict) else None,
        request_id=request_id if isinstance(request_id, str) else None,
        retry_after=retry_delay(answer.retry_after, datetime.now(UTC)),
    )
