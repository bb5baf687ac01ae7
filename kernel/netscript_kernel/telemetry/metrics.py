"""Metrics in the words of Prometheus, read at ``/metrics`` by whoever has the token.

Labels are route templates, status codes and reason codes: of a fixed number, and nobody's. Needs the extra
``metrics``.
"""

import os
from collections.abc import Sequence
from hmac import compare_digest
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from netscript_kernel.contracts import UNAUTHORIZED
from netscript_kernel.service.problems import ProblemError
from netscript_kernel.telemetry.methods import method_label
from netscript_kernel.telemetry.shared import SHARED_FOLDER

# From a check that takes half a millisecond to a provider that keeps people waiting.
_BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counts what a service does.

    Args:
        token: Whoever sends it as a bearer token may read.
    """

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        self._registry = CollectorRegistry()
        self._durations = Histogram(
            "http_server_request_duration_seconds",
            "How long requests took, by the template of their route.",
            ("http_request_method", "http_route", "http_response_status_code"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._known: dict[tuple[str, str | None, int], Histogram] = {}
        if not os.environ.get(SHARED_FOLDER):
            ProcessCollector(registry=self._registry)

    def counter(self, name: str, words: str, labels: Sequence[str]) -> Counter:
        """Return a counter of the service's own, which is read with all others."""
        return Counter(name, words, labels, registry=self._registry)

    def gauge(self, name: str, words: str) -> Gauge:
        """Return a number of the service's own that goes up and down; those of all processes are added up."""
        return Gauge(name, words, registry=self._registry, multiprocess_mode="livesum")

    def answered(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Count a request that was answered; see :class:`RequestWatch`."""
        key = (method, route, status)
        known = self._known.get(key)
        if known is None:
            kind = method_label(method)
            known = self._durations.labels(kind, route or "", str(status))
            if kind == method:
                self._known[key] = known
        known.observe(seconds)

    def page(self) -> bytes:
        """Return everything in Prometheus' text format, of all processes where several share the work."""
        if not os.environ.get(SHARED_FOLDER):
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # it has no annotations
        return generate_latest(together)

    @property
    def route(self) -> Route:
        """``GET /metrics``."""
        return Route("/metrics", self._read, methods=["GET"], include_in_schema=False)

    async def _read(self, request: Request) -> Response:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not compare_digest(given.strip().encode(), self._token):
            raise ProblemError(UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
        headers = {"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"}
        return Response(self.page(), headers=headers)
