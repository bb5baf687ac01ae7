"""Spans of requests and of what is asked of others, by OpenTelemetry. Needs the extra ``tracing``.

What a span says of a request is its method, the template of its route and its status. No path, query, header,
address, name of a person, or text of an error is in one.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry import context as otel_context
from opentelemetry import trace as otel
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    DEFAULT_OFF,
    DEFAULT_ON,
    ParentBasedTraceIdRatio,
    Sampler,
    TraceIdRatioBased,
)
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import Scope

from netscript_kernel.request_context import TraceIds
from netscript_kernel.service.settings import ServiceInfo
from netscript_kernel.telemetry.methods import method_label
from netscript_kernel.telemetry.settings import TelemetrySettings

_SERVER_ERROR: Final = 500
_PROPAGATOR: Final = TraceContextTextMapPropagator()


class OpenTelemetry:
    """A :class:`TraceHook`: a span for each request, and within it one for each call to another system.

    Args:
        provider: Makes spans; shut down with :meth:`aclose`.
        is_trusted: Whether a request's ``traceparent`` counts. That of anybody else is linked to, so that
            nobody outside decides which trace of ours a request is in, or that it is in none.
    """

    def __init__(self, provider: TracerProvider, is_trusted: Callable[[Scope], bool]) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("netscript")
        self._is_trusted = is_trusted

    def __call__(self, scope: Scope) -> "RequestSpan":
        """Begin the span of a request."""
        given = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope["headers"]
            if name in {b"traceparent", b"tracestate"}
        }
        parent = _PROPAGATOR.extract(given, context=otel_context.Context())
        remote = otel.get_current_span(parent).get_span_context()
        is_ours = remote.is_valid and self._is_trusted(scope)
        links = [Link(remote)] if remote.is_valid and not is_ours else None
        method = method_label(scope["method"])
        span = self._tracer.start_span(
            method,
            context=parent if is_ours else otel_context.Context(),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method},
            links=links,
        )
        return RequestSpan(span, method, self._tracer)

    def aclose(self) -> None:
        """Send what has not been sent, for a few seconds at most."""
        self._provider.shutdown()


class RequestSpan:
    """The span of one request; it is the current one until it ends."""

    def __init__(self, span: Span, method: str, tracer: Tracer) -> None:
        self._span = span
        self._method = method
        self._tracer = tracer
        self._token = otel_context.attach(otel.set_span_in_context(span))
        self.ids = _ids(span.get_span_context())

    @contextmanager
    def within(self, name: str, facts: Mapping[str, str | int]) -> Generator[None]:
        """Within the block something else is asked; see :class:`RequestTrace`."""
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=facts)
        try:
            yield
        except BaseException as error:
            _failed(span, error)
            raise
        finally:
            span.end()

    def end(self, *, route: str | None, status: int, error: BaseException | None) -> None:
        """Say what came of it, and end."""
        span = self._span
        span.set_attribute("http.response.status_code", status)
        if route is not None:
            span.update_name(f"{self._method} {route}")
            span.set_attribute("http.route", route)
        if error is not None:
            _failed(span, error)
        elif status >= _SERVER_ERROR:
            span.set_status(Status(StatusCode.ERROR))
        span.end()
        otel_context.detach(self._token)


def open_telemetry(
    settings: TelemetrySettings, info: ServiceInfo, is_trusted: Callable[[Scope], bool]
) -> OpenTelemetry:
    """Return what traces requests as the settings say; spans are sent from a thread, and wait for nobody."""
    named = {"service.name": settings.service_name or info.name, "service.version": info.version}
    resource = Resource.create({**named, **settings.attributes})
    provider = TracerProvider(sampler=_sampler(settings), resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(_exporter(settings)))
    return OpenTelemetry(provider, is_trusted)


def _exporter(settings: TelemetrySettings) -> SpanExporter:
    if settings.exporter == "console":
        return ConsoleSpanExporter()
    # Why here: it brings a HTTP client and protocol buffers.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=settings.address, headers=settings.sent_headers)


def _sampler(settings: TelemetrySettings) -> Sampler:
    share = settings.sampler_arg
    samplers: Mapping[str, Callable[[], Sampler]] = {
        "always_on": lambda: ALWAYS_ON,
        "always_off": lambda: ALWAYS_OFF,
        "traceidratio": lambda: TraceIdRatioBased(share),
        "parentbased_always_on": lambda: DEFAULT_ON,
        "parentbased_always_off": lambda: DEFAULT_OFF,
        "parentbased_traceidratio": lambda: ParentBasedTraceIdRatio(share),
    }
    return samplers[settings.sampler]()


def _ids(context: SpanContext) -> TraceIds:
    trace_id, flags = otel.format_trace_id(context.trace_id), int(context.trace_flags)
    return TraceIds(trace_id, f"00-{trace_id}-{otel.format_span_id(context.span_id)}-{flags:02x}")


def _failed(span: Span, error: BaseException) -> None:
    # Its class alone: the text of an error may hold what the request held.
    span.set_attribute("error.type", type(error).__name__)
    span.set_status(Status(StatusCode.ERROR))
