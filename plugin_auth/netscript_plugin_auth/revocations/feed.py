"""``GET /revocations``: services hear of sessions that end, as they end."""

import re
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from netscript_auth_core.errors import OperationUnsupportedError
from netscript_kernel.contracts import UNAUTHORIZED
from netscript_kernel.service.problems import ProblemError
from netscript_plugin_auth.limits.limiter import RateLimits
from netscript_plugin_auth.revocations.credentials import ServiceCredentials
from netscript_plugin_auth.revocations.event_stream import EventStream
from netscript_plugin_auth.revocations.watch import RevocationWatch

_WHY_NOT: Final = "no service may listen; NETSCRIPT_AUTH_SERVICE_CREDENTIALS names those that do"
_DETAIL: Final = (
    "This is for services: Authorization: Bearer with a secret of NETSCRIPT_AUTH_SERVICE_CREDENTIALS"
)
_SPAN: Final = re.compile(r"[0-9]{1,10}")


class RevocationFeed:
    """The handler. Neither a session nor anything but the one header lets anybody listen.

    Args:
        backend: Named where nobody may listen.
        credentials: Of services that may; ``None`` where there are none.
        watch: What they listen to.
        limits: Counts those who come with no such secret. Whoever has one may come again as often as it must.
    """

    def __init__(
        self,
        backend: str,
        credentials: ServiceCredentials | None,
        watch: RevocationWatch,
        limits: RateLimits,
    ) -> None:
        self._backend = backend
        self._credentials = credentials
        self._limits = limits
        self.watch = watch

    @property
    def is_open(self) -> bool:
        """Whether anybody may listen."""
        return self._credentials is not None

    async def opened(self, request: Request) -> Response:
        """Answer a stream of events that ends when the service cannot see any more, or stops.

        Raises:
            OperationUnsupportedError: no service may listen.
            ProblemError: 401 for whoever is none of them, 429 for one of those who asks too often, 503 where
                too many listen.
            BackendUnavailableError: what has ended cannot be found out.
        """
        if self._credentials is None:
            raise OperationUnsupportedError(self._backend, "revocations", _WHY_NOT)
        if self._credentials.name_of(request.headers.getlist("authorization")) is None:
            with self._limits.admitted(request.scope):
                raise ProblemError(UNAUTHORIZED, detail=_DETAIL, headers={"WWW-Authenticate": "Bearer"})
        listener = self.watch.join(_last_heard(request.headers))
        try:
            await listener.begun()
        except BaseException:
            self.watch.leave(listener)
            raise
        return EventStream(listener, self.watch.leave)


def _last_heard(headers: Headers) -> int | None:
    """Return the span that a listener has heard of last, if it says so in a way that is ours."""
    told = headers.getlist("last-event-id")
    return int(told[0]) if len(told) == 1 and _SPAN.fullmatch(told[0]) else None
