"""The text of the one error body, ``application/problem+json`` (RFC 9457), for whoever answers with it."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from netscript_kernel.contracts import ProblemSpec
from netscript_kernel.request_context import REQUEST_ID, TRACE_IDS

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"


def problem_document(
    spec: ProblemSpec, *, detail: str | None = None, data: Mapping[str, Any] | None = None
) -> bytes:
    """Encode a problem of the current request, with its request id, and its trace id where there is one.

    Args:
        spec: Code, status and title.
        detail: What is special about this occurrence, for people. Never a secret, never the input.
        data: The same for programs; must be JSON.
    """
    trace = TRACE_IDS.get()
    fields: dict[str, Any] = {
        "type": "about:blank",
        "title": spec.title,
        "status": spec.status,
        "code": spec.code,
    }
    optional = {
        "detail": detail,
        "data": data,
        "request_id": REQUEST_ID.get(),
        "trace_id": trace.trace_id if trace else None,
    }
    fields.update((key, value) for key, value in optional.items() if value is not None)
    return orjson.dumps(fields)
