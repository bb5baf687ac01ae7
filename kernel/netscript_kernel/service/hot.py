"""Routes that are asked on every page view, answered in front of the framework.

A hot route passes the same checks and gets the same headers as through the main chain, fused into one
function: host rule, request id, CORS, security headers, problems. What it leaves out: regular expressions,
validation, response classes, and a log line unless asked for. A test sends the same requests both ways.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from types import MappingProxyType
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from netscript_kernel.request_context import REQUEST_ID
from netscript_kernel.service.access_log import write_line
from netscript_kernel.service.answers import Header, HotAnswer, raw_response
from netscript_kernel.service.cors import HotCors
from netscript_kernel.service.error_mapping import ErrorMapping
from netscript_kernel.service.hosts import HostRule
from netscript_kernel.service.problems import encode_problem
from netscript_kernel.service.request_ids import request_id_from
from netscript_kernel.service.security_headers import SecurityHeaderRule
from netscript_kernel.service.tracing import TraceHook, Tracing
from netscript_kernel.service.watching import RequestWatch

__all__ = ["HotAnswer", "HotCount", "HotEntry", "HotFront", "HotHandler", "HotRoute", "HotRules", "HotTree"]

HotHandler: TypeAlias = Callable[[Scope], Awaitable[HotAnswer]]

_BODILESS = (204, 304)
_SERVER_ERROR = 500
_MOST_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class HotRoute:
    """One method and one exact path, below the prefix under which the service is mounted.

    Attributes:
        method: ``GET`` answers ``HEAD`` too.
        path: Without fields.
        handler: Gets the ASGI scope alone. It may raise whatever a handler of the main chain may.
    """

    method: str
    path: str
    handler: HotHandler


@dataclass(frozen=True, slots=True)
class HotTree:
    """Every method and every path below one: for who asks in the words of a request of somebody else's.

    It is always in front. In the main chain, a preflight among those requests would be taken for one to us.

    Attributes:
        path: Below the prefix under which the service is mounted; ends in a slash.
        handler: As that of a route.
    """

    path: str
    handler: HotHandler


@dataclass(slots=True)
class HotCount:
    """What one hot route has done since the start; hot routes write no log line that could be counted.

    Attributes:
        answered: Requests, whatever came of them.
        failed: Those among them that were answered with 5xx.
    """

    answered: int = 0
    failed: int = 0


@dataclass(slots=True)
class HotEntry:
    """A hot route with its count."""

    handler: HotHandler
    path: str
    count: HotCount = field(default_factory=HotCount)


@dataclass(frozen=True, slots=True)
class HotRules:
    """What the hot chain shares with the main chain, so that both decide alike.

    Attributes:
        hosts: Which hosts are answered.
        headers: Default headers.
        cors: ``None`` where no origin is configured.
        mapping: Which problem an error is.
        trace_hook: ``None`` where tracing is off.
        is_logged: Whether each request writes an access log line.
        watch: ``None`` where there are no metrics.
    """

    hosts: HostRule
    headers: SecurityHeaderRule
    cors: HotCors | None
    mapping: ErrorMapping
    trace_hook: TraceHook | None
    is_logged: bool
    watch: RequestWatch | None = None


class HotFront:
    """Finds and answers hot routes.

    Attributes:
        answer: Answers a request that :meth:`find` found an entry for.

    Args:
        routes: Which ones.
        rules: Shared with the main chain.
        trees: What is answered by the beginning of its path, where no route has that very path.
    """

    def __init__(self, routes: Sequence[HotRoute], rules: HotRules, trees: Sequence[HotTree] = ()) -> None:
        self._rules = rules
        self._is_timed = rules.is_logged or rules.watch is not None
        # Chosen once: each call of a coroutine in between would be paid on every request.
        self.answer = self._answer if rules.trace_hook is None else self._answer_traced
        self._remembered: dict[tuple[tuple[Header, ...], str], list[Header]] = {}
        self._entries: dict[str, dict[str, HotEntry]] = {}
        for route in routes:
            entry = HotEntry(route.handler, route.path)
            methods = ("GET", "HEAD") if route.method == "GET" else (route.method,)
            at_path = self._entries.setdefault(route.path, {})
            if not at_path.keys().isdisjoint(methods):
                raise TypeError(f"two hot routes are both {route.method} {route.path}")
            at_path.update(dict.fromkeys(methods, entry))
        self._trees = [(tree.path, HotEntry(tree.handler, f"{tree.path}*")) for tree in trees]

    @property
    def counts(self) -> Mapping[str, HotCount]:
        """Counts by method and path, such as ``GET /api/v1/auth/session``."""
        counts = {
            f"{method} {path}": entry.count
            for path, methods in self._entries.items()
            for method, entry in methods.items()
            if method != "HEAD"
        }
        counts.update({f"* {entry.path}": entry.count for _, entry in self._trees})
        return MappingProxyType(counts)

    def find(self, scope: Scope) -> HotEntry | None:
        """Return the entry of a request, or ``None`` where the main chain is to answer."""
        path: str = scope["path"]
        prefix: str = scope.get("root_path", "")
        if prefix and path.startswith(prefix):
            path = path[len(prefix) :]
        methods = self._entries.get(path)
        if methods is not None:
            return methods.get(scope["method"])
        return next((entry for beginning, entry in self._trees if path.startswith(beginning)), None)

    async def _answer(self, entry: HotEntry, scope: Scope, send: Send) -> None:
        rules = self._rules
        begun = perf_counter() if self._is_timed else 0.0
        host = origin = given_id = None
        has_one_host = True
        for name, value in scope["headers"]:
            if name == b"host":
                has_one_host = host is None
                host = value
            elif name == b"origin" and origin is None:
                origin = value
            elif name == b"x-request-id" and given_id is None:
                given_id = value
        request_id = request_id_from(given_id)
        token = REQUEST_ID.set(request_id.decode())
        try:
            if has_one_host and rules.hosts.allows(host):
                try:
                    answer = await entry.handler(scope)
                except Exception as error:  # noqa: BLE001 - every error becomes an answer, and is logged
                    answer = encode_problem(rules.mapping.problem_of(error))
                sent = self._completed(answer, scope.get("scheme", "http"), origin)
            else:
                answer = encode_problem(rules.hosts.refusal(host))
                sent = rules.headers.complete(answer.headers, scope.get("scheme", "http"))
            status, body = answer.status, answer.body
            sent += answer.more
            if status not in _BODILESS:
                sent.append((b"content-length", b"%d" % len(body)))
            sent.append((b"x-request-id", request_id))
            entry.count.answered += 1
            if status >= _SERVER_ERROR:
                entry.count.failed += 1
            await send({"type": "http.response.start", "status": status, "headers": sent})
            is_head = scope["method"] == "HEAD"
            await send({"type": "http.response.body", "body": b"" if is_head else body})
            if self._is_timed:
                self._tell(scope["method"], entry.path, status, begun)
        finally:
            REQUEST_ID.reset(token)

    def _tell(self, method: str, path: str, status: int, begun: float) -> None:
        """Tell log and metrics, as far as there are any, of a request that was answered."""
        if self._rules.is_logged:
            write_line(method, path, status, begun)
        if self._rules.watch is not None:
            self._rules.watch.answered(method, path, status, perf_counter() - begun)

    def _completed(self, answer: HotAnswer, scheme: str, origin: bytes | None) -> list[Header]:
        """Return the headers of an answer with all that the service adds to them."""
        given, rules = answer.headers, self._rules
        if origin is not None or not isinstance(given, tuple):
            with_cors = given if rules.cors is None else rules.cors.complete(given, origin)
            return rules.headers.complete(with_cors, scheme)
        remembered = self._remembered.get((given, scheme))
        return remembered.copy() if remembered is not None else self._remember(given, scheme)

    def _remember(self, given: tuple[Header, ...], scheme: str) -> list[Header]:
        """Complete headers that a handler gives each time, once."""
        rules = self._rules
        with_cors = given if rules.cors is None else rules.cors.complete(given, None)
        completed = rules.headers.complete(with_cors, scheme)
        if len(self._remembered) < _MOST_REMEMBERED:
            self._remembered[given, scheme] = completed.copy()
        return completed

    async def _answer_traced(self, entry: HotEntry, scope: Scope, send: Send) -> None:
        async def routes(scope: Scope, _: Receive, send: Send) -> None:
            await self._answer(entry, scope, send)

        if self._rules.trace_hook is not None:
            traced = Tracing(routes, self._rules.trace_hook, lambda _, __: entry.path)
            await traced(scope, _no_body, send)


def main_chain_route(route: HotRoute) -> Route:
    """Return the same route for the main chain, which answers it where nothing stands in front."""

    async def endpoint(request: Request) -> Response:
        return raw_response(await route.handler(request.scope))

    return Route(route.path, endpoint, methods=[route.method], include_in_schema=False)


async def _no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
