"""The one interface of the modes ``ask`` and ``local``: whoever can say who calls."""

from typing import Protocol

from netscript_auth_client.asgi import Scope
from netscript_auth_client.caller import Outcome
from netscript_kernel.clock import Clock


class Authority(Protocol):
    """Finds out who calls; ``AskAuthority`` and ``LocalAuthority`` keep it.

    Attributes:
        clock: By which whatever is judged by time is judged.
    """

    @property
    def clock(self) -> Clock:
        """Tells the time."""
        ...

    async def authenticate(self, scope: Scope) -> Outcome:
        """Find out who sent a request. Only headers are read, and no identity header of anybody.

        Args:
            scope: Of an ASGI request or websocket.

        Raises:
            BackendUnavailableError: could not find out. Nobody is let in then, and nobody is signed out.
        """
        ...

    async def start(self) -> None:
        """Begin what works behind the requests; :class:`AuthMiddleware` calls it with the application."""
        ...

    async def aclose(self) -> None:
        """End that, and close connections."""
        ...
