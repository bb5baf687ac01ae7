"""Keeps one network, or one session, from asking too often for what costs or creates something.

Each worker process counts by itself.
"""

import logging
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import AuthBackendPort
from netscript_kernel.clock import Clock
from netscript_kernel.contracts import RATE_LIMITED
from netscript_kernel.service.problems import ProblemError
from netscript_plugin_auth.audit.asking_network import ASKING_NETWORK
from netscript_plugin_auth.journal import Journal
from netscript_plugin_auth.limits.buckets import Buckets
from netscript_plugin_auth.limits.clients import Client, Clients
from netscript_plugin_auth.limits.rate import Rate
from netscript_plugin_auth.visitor import Visitors

_log = logging.getLogger("netscript.auth.limits")

_MOST_KEPT: Final = 50_000
_PART_OF_A_SESSION: Final = 5
_TIMES_FOR_MANY: Final = 20

Handler = Callable[[Request], Awaitable[Response]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Rule:
    """Who is counted where, how the answer calls them, and the session that it is."""

    buckets: Buckets
    name: str
    called: str
    handle: str | None = None


class _Counts:
    """The buckets: of networks, of those behind which many may be, and of sessions."""

    def __init__(self, rate: Rate, clock: Clock) -> None:
        self._single = Buckets(rate, clock, _MOST_KEPT)
        self._many = Buckets(rate.times(_TIMES_FOR_MANY), clock, _MOST_KEPT)
        self._sessions = Buckets(rate.divided_by(_PART_OF_A_SESSION), clock, _MOST_KEPT)

    def of_network(self, client: Client) -> _Rule:
        return _Rule(self._many if client.may_be_many else self._single, client.block, "this network")

    def of_session(self, handle: str) -> _Rule:
        return _Rule(self._sessions, handle, "this session", handle)


class RateLimits:
    """Stands around handlers.

    Args:
        rate: What one network may; ``None`` limits nobody.
        clients: Finds the network.
        backend: Recognises the session.
        visitors: Reads the request for it.
        clock: Says when.
        journal: Is told who is refused, once in a period.
    """

    def __init__(
        self,
        rate: Rate | None,
        clients: Clients,
        backend: AuthBackendPort,
        visitors: Visitors,
        clock: Clock,
        journal: Journal,
    ) -> None:
        self._counts = _Counts(rate, clock) if rate is not None else None
        self._clients = clients
        self._backend = backend
        self._visitors = visitors
        self._journal = journal
        self._has_warned = False

    def kept(self, handler: Handler) -> Handler:
        """Return the handler for those who do not ask too often; all others are answered 429."""

        async def answer(request: Request) -> Response:
            with self.admitted(request.scope):
                return await handler(request)

        return answer

    def kept_with_input(
        self, handler: Callable[[T, Request], Awaitable[Response]]
    ) -> Callable[[T, Request], Awaitable[Response]]:
        """Return such a handler where it takes its input validated; see :meth:`kept`."""

        async def answer(value: T, request: Request) -> Response:
            with self.admitted(request.scope):
                return await handler(value, request)

        return answer

    def kept_for_refusals(self, handler: Handler) -> Handler:
        """Return such a handler that takes nothing where it refuses nothing; see :meth:`kept`."""

        async def answer(request: Request) -> Response:
            response = await admitted(request)
            if self._counts is not None:
                network = self._counts.of_network(self._clients.of(request.scope))
                network.buckets.give_back(network.name)
            return response

        admitted = self.kept(handler)
        return answer

    @contextmanager
    def admitted(self, scope: Scope) -> Generator[None]:
        """Within the block whoever asks did not ask too often, and events know the network.

        Raises:
            ProblemError: 429, with ``Retry-After``.
        """
        client = self._clients.of(scope)
        token = ASKING_NETWORK.set(client.block)
        try:
            self._warn_of(client, is_refused=False)
            if self._counts is not None:
                self._count(self._counts, client, scope)
            yield
        finally:
            ASKING_NETWORK.reset(token)

    def _count(self, counts: _Counts, client: Client, scope: Scope) -> None:
        network = counts.of_network(client)
        self._require_room(network, client)
        handle = self._session_of(scope)
        if handle is not None:
            session = counts.of_session(handle)
            self._require_room(session, client)
            session.buckets.take(session.name)
        network.buckets.take(network.name)

    def _require_room(self, rule: _Rule, client: Client) -> None:
        seconds = ceil(rule.buckets.wait(rule.name))
        if not seconds:
            return
        if rule.buckets.is_news(rule.name):
            self._journal.limited(rule.called, handle=rule.handle)
        self._warn_of(client, is_refused=True)
        detail = f"Too many requests came from {rule.called}. Try again in {seconds} s"
        raise ProblemError(RATE_LIMITED, detail=detail, headers={"Retry-After": str(seconds)})

    def _session_of(self, scope: Scope) -> str | None:
        """Return the handle of the request's credential, whether or not there is such a session."""
        try:
            handle = self._backend.tokens.recognise(self._visitors.read(scope))
        except BackendUnavailableError:
            return None  # whoever needs to know it says so
        return handle if isinstance(handle, str) else None

    def _warn_of(self, client: Client, *, is_refused: bool) -> None:
        """Tell the operator once of a proxy that nobody named: its clients cannot be told apart."""
        is_worth_it = client.is_unnamed_proxy or (is_refused and client.may_be_many)
        if self._counts is None or self._has_warned or not is_worth_it:
            return
        self._has_warned = True
        _log.warning(
            "requests come from %s, which may be a proxy: if it is yours, name it in "
            "NETSCRIPT_AUTH_TRUSTED_PROXIES and let it send X-Forwarded-For. Until then everybody behind it "
            "has one rate limit together, %d times that of one address",
            client.block,
            _TIMES_FOR_MANY,
        )
