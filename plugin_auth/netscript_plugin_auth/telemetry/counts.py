"""Counts what is auth's own: what checks come to, and what happens to sign-ins and sessions."""

from typing import Final

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.events import AuthEvent
from netscript_auth_core.ports import Anonymous, Authenticated, AuthRequest, Outcome
from netscript_kernel.telemetry.metrics import Metrics
from netscript_plugin_auth.parts import Authenticate

_AUTHENTICATED: Final = ("authenticated", "")
_UNKNOWN: Final = ("unknown", "")


class AuthCounts:
    """The counters, each read with all others at ``/metrics``; an :class:`EventSink` itself."""

    def __init__(self, metrics: Metrics) -> None:
        self._checks = metrics.counter(
            "netscript_auth_checks",
            "What /session, /me and /verify found; unknown is an outage.",
            ("outcome", "reason"),
        )
        self._events = metrics.counter(
            "netscript_auth_events",
            "What happened to sign-ins and sessions.",
            ("event", "backend", "provider", "reason"),
        )
        self._listeners = metrics.gauge(
            "netscript_auth_revocation_listeners", "Streams of GET /revocations that are open."
        )

    def listeners(self, count: int) -> None:
        """Take note of how many services listen to this process."""
        self._listeners.set(count)

    def of_checks(self, authenticate: Authenticate) -> Authenticate:
        """Return the same check, counted."""
        checks = self._checks

        async def counted(request: AuthRequest) -> Outcome:
            try:
                outcome = await authenticate(request)
            except BackendUnavailableError:
                checks.labels(*_UNKNOWN).inc()
                raise
            checks.labels(*_labels(outcome)).inc()
            return outcome

        return counted

    def emit(self, event: AuthEvent) -> None:
        """Count one event. Its labels are names that the operator or this code gave, and nobody else."""
        told = (event.name.value, event.backend, event.provider_id or "", event.reason or "")
        self._events.labels(*told).inc()


def _labels(outcome: Outcome) -> tuple[str, str]:
    if isinstance(outcome, Authenticated):
        return _AUTHENTICATED
    kind = "anonymous" if isinstance(outcome, Anonymous) else "denied"
    return (kind, outcome.reason.value)
