"""Structured logs for a process that is ours: called by the server's entry, never at import.

The service itself logs through the standard library with ``extra=``, so an application that embeds it keeps
its own logging. Here everything, third parties' records too, comes out in one form: a line of JSON in
production, readable in development.
"""

import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import Processor

from netscript_kernel.profile import Profile
from netscript_kernel.request_context import REQUEST_ID, TRACE_IDS
from netscript_kernel.service.redaction import redact

# These write whole URLs at INFO, and with them authorization codes.
_TALKATIVE = ("httpx", "httpcore", "httpx2", "httpcore2")


class _Handler(logging.StreamHandler[TextIO]):
    """Says that a record was lost, where the standard library would print it unredacted."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name
        with suppress(OSError, ValueError):
            sys.stderr.write(f"a log record of {record.name} could not be written\n")


def configure_logging(profile: Profile, stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Set up logging for the whole process.

    Args:
        profile: ``production`` writes JSON, ``development`` readable lines.
        stream: Where to; standard output by default.
        level: Of the root logger.
    """
    target = stream or sys.stdout
    handler = _Handler(target)
    before = _before_rendering()
    renderer = _renderer(profile, colors=target.isatty())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *before],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _before_rendering() -> list[Processor]:
    return [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request,
        structlog.processors.StackInfoRenderer(),
        # Rendered here, without the values of local variables, so that redaction sees the text.
        structlog.processors.format_exc_info,
    ]


def _add_request(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    request_id, trace = REQUEST_ID.get(), TRACE_IDS.get()
    if request_id is not None:
        event.setdefault("request_id", request_id)
    if trace is not None:
        event.setdefault("trace_id", trace.trace_id)
    return event


def _to_json(event: MutableMapping[str, Any], **_: object) -> str:
    return orjson.dumps(event, default=str).decode()


def _renderer(profile: Profile, *, colors: bool) -> Processor:
    if profile == "production":
        return structlog.processors.JSONRenderer(_to_json)
    return structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)
