"""What watches auth-api: a collector of OpenTelemetry that keeps every span, and the token of Prometheus."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from typing_extensions import override

METRICS_TOKEN = "prometheus-reads-with-this"  # of tests alone


class Collector:
    """What has arrived.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        batches: Each as it was sent.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.batches: list[ExportTraceServiceRequest] = []

    @property
    def address(self) -> str:
        """As OTEL_EXPORTER_OTLP_ENDPOINT wants it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def spans(self) -> list[Span]:
        """All of them."""
        return [
            span
            for batch in tuple(self.batches)
            for resource in batch.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def text(self) -> str:
        """All that was said, to be searched."""
        return "".join(map(str, tuple(self.batches)))


@contextmanager
def run_collector() -> Generator[Collector]:
    """Collect while the block lasts."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the standard library's name
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path == "/v1/traces":
                collector.batches.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    collector = Collector(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
