"""Who calls: asked before anything behind a guard sees the request, and kept with it."""

import asyncio
import logging
import math
import re
from collections.abc import Sequence
from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from netscript_kernel.access.ports import (
    Anonymous,
    Authenticated,
    Authentication,
    AuthenticationUnavailableError,
    Denied,
    Principal,
)
from netscript_kernel.contracts import FORBIDDEN, UNAUTHORIZED, UNAVAILABLE
from netscript_kernel.errors import NetScriptError
from netscript_kernel.service.authn import Authn
from netscript_kernel.service.problems import ProblemError

_KEY: Final = "netscript.visit"
_RETRY_SECONDS: Final = "5"
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]+")  # RFC 9110 section 5.5

_log = logging.getLogger("netscript.service")


class Visit:
    """One request, and what is known of who sent it."""

    def __init__(self, authn: Authn, scope: Scope) -> None:
        self._authn = authn
        self._scope = scope
        self.outcome: Authentication | None = None

    async def principal(self) -> Principal | None:
        """Return who calls, or ``None`` where that is nobody; finds out the first time.

        Raises:
            ProblemError: 503 if that could not be found out, 403 if the caller is denied.
        """
        if self.outcome is None:
            self.outcome = await self._ask()
        if isinstance(self.outcome, Denied):
            raise ProblemError(FORBIDDEN, data={"reason": self.outcome.reason})
        return self.outcome.principal if isinstance(self.outcome, Authenticated) else None

    async def known_principal(self) -> Principal:
        """Return who calls.

        Raises:
            ProblemError: 401 if that is nobody; or as :meth:`principal`.
        """
        principal = await self.principal()
        if principal is not None:
            return principal
        assert isinstance(self.outcome, Anonymous)  # noqa: S101 - for the type checkers: all else has ended
        headers = {"WWW-Authenticate": self.outcome.challenge}
        raise ProblemError(UNAUTHORIZED, data={"reason": self.outcome.reason}, headers=headers)

    async def _ask(self) -> Authentication:
        try:
            async with asyncio.timeout(self._authn.limit.total_seconds()):
                outcome = await self._authn.authenticator.authenticate(self._scope)
            is_answer = _is_answer(outcome)
        except AuthenticationUnavailableError as error:
            _log.warning("could not find out who calls", extra={"cause": str(error)})
            seconds = max(1, math.ceil(error.retry_after.total_seconds()))
            raise _unavailable(str(seconds)) from error
        except NetScriptError as error:
            _log.warning("could not find out who calls", extra={"cause": str(error)})
            raise _unavailable() from error
        except Exception as error:
            _log.exception("the authenticator failed")
            raise _unavailable() from error
        if is_answer:
            return outcome
        _log.error("the authenticator said what is no answer", extra={"kind": type(outcome).__name__})
        raise _unavailable()


class Visits:
    """Middleware: begins the visit, and hands renewed credentials to the caller, whatever the answer is.

    Args:
        app: What comes next, problems included.
        authn: Finds out.
    """

    def __init__(self, app: ASGIApp, authn: Authn) -> None:
        self._app = app
        self._authn = authn

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        visit = scope[_KEY] = Visit(self._authn, scope)

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and visit.outcome is not None:
                cookies = visit.outcome.set_cookies
                message = _with_cookies(message, cookies) if cookies else message
            await send(message)

        await self._app(scope, receive, watched)


def visit_of(scope: Scope) -> Visit:
    """Return the visit of a request.

    Raises:
        LookupError: the service has no ``authn``.
    """
    visit = scope.get(_KEY)
    if not isinstance(visit, Visit):
        raise LookupError("the service does not find out who calls: give it authn=with_authn(...)")
    return visit


def principal_of(connection: HTTPConnection) -> Principal:
    """Return who sent a request, behind the guard.

    Raises:
        LookupError: the service has no ``authn``, or the path is open: use :func:`find_principal`.
    """
    outcome = visit_of(connection.scope).outcome
    if isinstance(outcome, Authenticated):
        return outcome.principal
    raise LookupError("nobody has to be known here, so perhaps nobody is: use find_principal")


async def find_principal(connection: HTTPConnection) -> Principal | None:
    """Return who sent a request, on an open path too, or ``None`` where that is nobody.

    Raises:
        ProblemError: 503 if that could not be found out, 403 if the caller is denied.
        LookupError: the service has no ``authn``.
    """
    return await visit_of(connection.scope).principal()


def _is_answer(outcome: object) -> bool:
    """Whether an authenticator kept to its port: what a stranger's returns may be anything."""
    if not isinstance(outcome, Authenticated | Anonymous | Denied):
        return False
    if _is_text(outcome.set_cookies) or not all(map(_can_be_sent, outcome.set_cookies)):
        return False
    if isinstance(outcome, Authenticated):
        subject = getattr(outcome.principal, "subject", None)
        return _is_text(subject) and subject != ""
    return _is_text(outcome.reason) and (isinstance(outcome, Denied) or _can_be_sent(outcome.challenge))


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _can_be_sent(value: object) -> bool:
    """Whether something can be the value of a header, and only of one."""
    return isinstance(value, str) and _HEADER_VALUE.fullmatch(value) is not None


def _unavailable(seconds: str = _RETRY_SECONDS) -> ProblemError:
    return ProblemError(UNAVAILABLE, headers={"Retry-After": seconds})


def _with_cookies(message: Message, cookies: Sequence[str]) -> Message:
    """Add cookies, and keep them out of every cache: another person could get what is kept there."""
    kept = [header for header in message.get("headers", ()) if not _rules_caches(header[0])]
    lines = [(b"set-cookie", line.encode("latin-1")) for line in cookies]
    return {**message, "headers": [*kept, (b"cache-control", b"no-store"), *lines]}


def _rules_caches(name: bytes) -> bool:
    lower = name.lower()
    return lower == b"surrogate-control" or lower.endswith(b"cache-control")
