"""Which ``Host`` headers are answered, so that no page can point a foreign name at the service."""

import logging

from starlette.types import ASGIApp, Receive, Scope, Send

from netscript_kernel.contracts import BAD_REQUEST
from netscript_kernel.service.problems import ProblemError, problem_response

_MOST_REMEMBERED = 256
_MOST_TOLD = 100
_REFUSAL = "This host is not served here"

_log = logging.getLogger("netscript.service")

# Orchestrators and Prometheus ask by address. These say nothing but yes or no, or want a token.
PROBE_PATHS = frozenset({"/health/live", "/health/ready", "/metrics"})


class HostRule:
    """Decides on raw ``Host`` headers; those already found good cost one look into a set.

    Args:
        allowed: See ``ServiceSettings.allowed_hosts``; ``None`` allows every host.
        advice: See ``ServiceSettings.host_advice``.
    """

    def __init__(self, allowed: frozenset[str] | None, advice: str = "") -> None:
        self._allowed = allowed
        self._advice = advice
        self._remembered: set[bytes] = set()

    def allows(self, host: bytes | None) -> bool:
        """Whether a request with this header is answered; ``None`` is a request without the header."""
        return host in self._remembered or self._find_out(host)

    def refusal(self, host: bytes | None) -> ProblemError:
        """Return the refusal of a request for a host that is not ours, and tell the operator which it was."""
        seen = "none" if host is None else host[:_MOST_TOLD].decode("ascii", "replace")
        told = {"fix": self._advice} if self._advice else {}
        _log.info("a request for a host that is not served here", extra={"seen": seen, **told})
        return ProblemError(BAD_REQUEST, detail=". ".join(filter(None, (_REFUSAL, self._advice))))

    def _find_out(self, host: bytes | None) -> bool:
        if self._allowed is None:
            return True
        if host is None:
            return False
        text = host.decode("latin-1").lower()
        name, _, port = text.rpartition(":")
        has_port = bool(name) and port.isdecimal() and port.isascii()
        is_good = text in self._allowed or (has_port and name in self._allowed)
        if is_good and len(self._remembered) < _MOST_REMEMBERED:
            self._remembered.add(host)
        return is_good


class AllowedHosts:
    """Middleware: answers 400 for hosts that the rule does not allow, and for more than one header."""

    def __init__(self, app: ASGIApp, rule: HostRule) -> None:
        self._app = app
        self._rule = rule

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        host = hosts[0] if hosts else None
        is_allowed = len(hosts) <= 1 and self._rule.allows(host)
        if is_allowed or own_path(scope) in PROBE_PATHS:
            await self._app(scope, receive, send)
            return
        await problem_response(self._rule.refusal(host))(scope, receive, send)


def own_path(scope: Scope) -> str:
    """Return the path below the prefix under which the service is mounted."""
    path: str = scope["path"]
    prefix: str = scope.get("root_path", "")
    if prefix and path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in {"", "/"}:
        return path[len(prefix) :]
    return path
