"""Spans of requests and of what is asked of others, and what they do not say."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanContext, StatusCode
from starlette.types import Scope

from netscript_kernel.errors import ConfigurationError
from netscript_kernel.outbound import outbound_client
from netscript_kernel.request_context import traced
from netscript_kernel.service.hot import HotAnswer, HotRoute
from netscript_kernel.telemetry.settings import TelemetrySettings
from netscript_kernel.telemetry.tracing import OpenTelemetry
from tests.kernel.sample_service import browsing, sample_service
from tests.support.ports import unused_port

TRACE = "ab" * 16
CALLER = f"00-{TRACE}-{'cd' * 8}-01"
SECRET = "code-that-nobody-may-learn"  # made up


async def asks_somebody(scope: Scope) -> HotAnswer:
    with traced("GET", {"server.address": "idp.example"}):
        return HotAnswer(200, (), b"{}")


async def is_broken(scope: Scope) -> HotAnswer:
    raise ValueError(SECRET)


ROUTES = (HotRoute("GET", "/hot", asks_somebody), HotRoute("GET", "/broken", is_broken))


async def spans_of(
    path: str, is_trusted: Callable[[Scope], bool] = lambda _: True, **headers: str
) -> list[ReadableSpan]:
    """Every span of one request, the innermost first."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    service = sample_service(hot_routes=ROUTES, trace_hook=OpenTelemetry(provider, is_trusted))
    async with browsing(service.app) as http:
        await http.get(path, headers=headers)
    return list(exporter.get_finished_spans())


def place_of(span: ReadableSpan) -> SpanContext:
    """Where it stands in its trace."""
    context: SpanContext | None = span.context
    assert context is not None
    return context


@pytest.mark.parametrize(
    ("path", "name", "facts"),
    [
        (
            f"/api/v1/notes/n1?withHistory=true&code={SECRET}",
            "GET /api/v1/notes/{noteId}",
            {"http.route": "/api/v1/notes/{noteId}", "http.response.status_code": 200},
        ),
        (f"/nowhere/{SECRET}", "GET", {"http.response.status_code": 404}),
        ("/broken", "GET /broken", {"http.route": "/broken", "http.response.status_code": 500}),
    ],
)
async def test_a_span_names_the_route_and_nothing_that_somebody_sent(
    path: str, name: str, facts: dict[str, object]
) -> None:
    (span,) = await spans_of(path, cookie=f"session={SECRET}")

    assert span.name == name
    assert dict(span.attributes or {}) == {"http.request.method": "GET", **facts}
    assert span.events == ()
    assert SECRET not in span.to_json()
    assert (span.status.status_code is StatusCode.ERROR) is (facts["http.response.status_code"] == 500)


async def test_what_is_asked_of_others_is_a_part_of_the_request() -> None:
    asked, request = await spans_of("/hot")

    assert asked.name == "GET"
    assert asked.parent is not None
    assert asked.parent.span_id == place_of(request).span_id
    assert asked.attributes == {"server.address": "idp.example"}


async def test_the_trace_of_a_trusted_caller_goes_on() -> None:
    _, request = await spans_of("/hot", traceparent=CALLER)

    assert f"{place_of(request).trace_id:032x}" == TRACE


async def test_nobody_else_decides_which_trace_a_request_is_in() -> None:
    hidden = f"00-{TRACE}-{'cd' * 8}-00"  # not sampled: it wishes not to be seen

    _, request = await spans_of("/hot", lambda _: False, traceparent=hidden)

    assert f"{place_of(request).trace_id:032x}" != TRACE
    assert [f"{link.context.trace_id:032x}" for link in request.links] == [TRACE]


async def test_of_another_system_the_trace_has_the_host_alone() -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    limit = timedelta(seconds=5)

    async def asks(scope: Scope) -> HotAnswer:
        async with outbound_client(total=limit, connect=limit) as http:
            await http.get(f"http://127.0.0.1:{unused_port()}/users/{SECRET}?code={SECRET}")
        return HotAnswer(200, (), b"")

    service = sample_service(
        hot_routes=[HotRoute("GET", "/asks", asks)], trace_hook=OpenTelemetry(provider, lambda _: True)
    )
    async with browsing(service.app) as http:
        await http.get("/asks")
    asked, request = exporter.get_finished_spans()

    assert asked.attributes == {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "error.type": "ConnectError",
    }
    assert request.status.status_code is StatusCode.ERROR
    assert SECRET not in asked.to_json() + request.to_json()


@pytest.mark.parametrize(
    ("environment", "is_on"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, False),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"}, False),
    ],
)
def test_nothing_is_traced_until_somebody_asks_for_it(environment: dict[str, str], is_on: bool) -> None:
    assert TelemetrySettings.from_environment(environment).is_on is is_on


def test_an_address_of_all_signals_gets_the_path_of_traces() -> None:
    settings = TelemetrySettings.from_environment(
        {
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318/",
            "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%2Cb,x=y",
        }
    )

    assert settings.address == "http://collector:4318/v1/traces"
    assert settings.sent_headers == {"api-key": "a,b", "x": "y"}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "hush-hush"),
        ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5"),
    ],
)
def test_what_cannot_be_meant_is_told_without_its_value(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        TelemetrySettings.from_environment({variable: value})

    assert [fault.variable for fault in refused.value.faults] == [variable]
    assert value not in str(refused.value)
