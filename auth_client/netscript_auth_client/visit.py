"""Who calls, kept with the request: asked once, and answered to whoever wants to know."""

from typing import Final

from netscript_auth_client.asgi import Scope
from netscript_auth_client.authority import Authority
from netscript_auth_client.caller import Caller, Denied, Outcome
from netscript_auth_client.refusals import RefusedError, for_denied, for_outage
from netscript_auth_core.domain import Principal
from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.clock import Clock

_KEY: Final = "netscript.auth"


class Visit:
    """One request, and what is known of who sent it.

    Args:
        authority: Finds out.
        scope: Of the request; the visit is kept in it.
    """

    __slots__ = ("_authority", "_scope", "outcome")

    def __init__(self, authority: Authority, scope: Scope) -> None:
        self._authority = authority
        self._scope = scope
        self.outcome: Outcome | None = None
        scope[_KEY] = self

    @property
    def clock(self) -> Clock:
        """Tells the time."""
        return self._authority.clock

    async def ask(self) -> Outcome:
        """Find out, the first time.

        Raises:
            RefusedError: could not find out.
        """
        if self.outcome is None:
            try:
                self.outcome = await self._authority.authenticate(self._scope)
            except BackendUnavailableError as error:
                raise RefusedError(for_outage(error)) from error
            self._tell()
        return self.outcome

    def _tell(self) -> None:
        """Let ``request.state`` of Starlette and its like have it too."""
        caller = self.outcome if isinstance(self.outcome, Caller) else None
        state = self._scope.setdefault("state", {})
        state["caller"] = caller
        state["principal"] = caller.principal if caller is not None else None


def visit_of(scope: Scope) -> Visit:
    """Return the visit of a request.

    Raises:
        LookupError: the middleware is not in front, so that nobody knows who calls.
    """
    visit = scope.get(_KEY)
    if not isinstance(visit, Visit):
        raise LookupError("AuthMiddleware is not in front of this: add it to the application")
    return visit


def caller_of(scope: Scope) -> Caller | None:
    """Return who sent a request, or ``None`` where that is nobody.

    Raises:
        LookupError: the middleware is not in front, or the path is public, where nobody is asked until
            :func:`find_caller` does.
    """
    outcome = visit_of(scope).outcome
    if outcome is None:
        raise LookupError("the path is public, so nobody was asked who calls: use find_caller")
    return outcome if isinstance(outcome, Caller) else None


def principal_of(scope: Scope) -> Principal | None:
    """Return who acts, or ``None`` where that is nobody. As :func:`caller_of`."""
    caller = caller_of(scope)
    return caller.principal if caller is not None else None


async def find_caller(scope: Scope) -> Caller | None:
    """Return who sent a request, on a public path too, or ``None`` where that is nobody.

    Raises:
        RefusedError: could not find out, or the caller is denied. The middleware answers with it.
        LookupError: the middleware is not in front.
    """
    outcome = await visit_of(scope).ask()
    if isinstance(outcome, Denied):
        raise RefusedError(for_denied(outcome))
    return outcome if isinstance(outcome, Caller) else None
