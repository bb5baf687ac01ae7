"""What a request says of who asks, in the words of the auth port."""

from collections.abc import Iterator, Mapping, Sequence

from starlette.requests import Request
from starlette.types import Scope

from netscript_auth_core.domain import Device
from netscript_auth_core.ports import AuthBackendPort, Authenticated, AuthRequest, Denied
from netscript_kernel.contracts import FORBIDDEN, UNAUTHORIZED
from netscript_kernel.service.problems import ProblemError
from netscript_plugin_auth.cookie_header import CookieReader

_USER_AGENT = b"user-agent"
_LONGEST_USER_AGENT = 255


class HeaderView(Mapping[str, str]):
    """Headers by lower-case name, read out of the raw ones only when somebody asks.

    A header that was sent several times is one value: joined by ``; `` for cookies, by ``, `` for all others
    (RFC 9113 section 8.2.3, RFC 9110 section 5.2).
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self._raw = raw

    def __getitem__(self, name: str) -> str:
        wanted = name.lower().encode("latin-1", "replace")
        values = [value for key, value in self._raw if key == wanted]
        if not values:
            raise KeyError(name)
        return (b"; " if wanted == b"cookie" else b", ").join(values).decode("latin-1")

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(key.decode("latin-1") for key, _ in self._raw))

    def __len__(self) -> int:
        return len({key for key, _ in self._raw})


class Visitors:
    """Reads requests.

    Args:
        session_reader: Finds our session cookie.
    """

    def __init__(self, session_reader: CookieReader) -> None:
        self._reader = session_reader

    def read(self, scope: Scope) -> AuthRequest:
        """Return what a backend may look at."""
        headers, client = scope["headers"], scope.get("client")
        peer = (client[0] or None) if client else None  # granian has an empty one for a Unix socket
        # By position: with names it takes twice as long, and this is done for every request.
        return AuthRequest(self._reader.values(headers), HeaderView(headers), peer)

    def tokens(self, scope: Scope) -> tuple[str, ...]:
        """Return the values of our session cookie, at most two."""
        return self._reader.values(scope["headers"])


async def require_visitor(backend: AuthBackendPort, visitors: Visitors, request: Request) -> Authenticated:
    """Return who asks.

    Raises:
        ProblemError: 401 for nobody, 403 for somebody who may not come in.
        BackendUnavailableError: could not find out.
    """
    outcome = await backend.authenticate(visitors.read(request.scope))
    if isinstance(outcome, Authenticated):
        return outcome
    spec = FORBIDDEN if isinstance(outcome, Denied) else UNAUTHORIZED
    raise ProblemError(spec, data={"reason": outcome.reason.value})


def device_of(scope: Scope) -> Device:
    """Return what the browser says of itself, capped; bytes outside ASCII are replaced."""
    for name, value in scope["headers"]:
        if name == _USER_AGENT:
            text = value[:_LONGEST_USER_AGENT].decode("ascii", "replace").replace("\ufffd", "?")
            return Device(user_agent=text or None)
    return Device()
