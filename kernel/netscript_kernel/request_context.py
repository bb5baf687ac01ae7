"""Which request the running code works for: logs name it, and calls to other services pass it on."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TraceIds:
    """Where the running code stands in a distributed trace (W3C Trace Context).

    Attributes:
        trace_id: 32 hexadecimal digits.
        traceparent: The header that makes the next service's work part of the same trace.
    """

    trace_id: str
    traceparent: str


class Traced(Protocol):
    """A piece of work that is being traced."""

    def within(self, name: str, facts: Mapping[str, str | int]) -> AbstractContextManager[None]:
        """Trace a part of it while the block lasts.

        Args:
            name: Of few values, such as ``GET``: no identifier.
            facts: Attributes by their OpenTelemetry names; no subject, token or secret.
        """
        ...


REQUEST_ID: ContextVar[str | None] = ContextVar("netscript_request_id", default=None)
TRACE_IDS: ContextVar[TraceIds | None] = ContextVar("netscript_trace_ids", default=None)
TRACED: ContextVar[Traced | None] = ContextVar("netscript_traced", default=None)


def outgoing_headers() -> Mapping[str, str]:
    """Return the headers by which another service learns of the request that is being worked on."""
    headers: dict[str, str] = {}
    request_id, trace = REQUEST_ID.get(), TRACE_IDS.get()
    if request_id is not None:
        headers["X-Request-ID"] = request_id
    if trace is not None:
        headers["traceparent"] = trace.traceparent
    return headers


def traced(name: str, facts: Mapping[str, str | int]) -> AbstractContextManager[None]:
    """Trace a part of what is being worked on; nothing happens where nobody traces. See :class:`Traced`."""
    work = TRACED.get()
    return nullcontext() if work is None else work.within(name, facts)
