"""Those whom nobody vouched for here: few of them are asked about at a time.

The server takes all that comes from us for one client's. Where only it can tell what it signed, whoever makes
up credentials would have it refuse us, or keep it busy, and so sign everybody out.
"""

from datetime import datetime, timedelta
from typing import Final

from netscript_auth_better_auth.outages import server_away
from netscript_auth_better_auth.remote.latest import Latest
from netscript_auth_core.domain import SessionState
from netscript_auth_core.upstream_sessions import UpstreamSessions
from netscript_kernel.clock import Clock

# Half of what better-auth lets a client ask by default. As many wait for a server that is slow, at most.
WINDOW: Final = timedelta(seconds=10)
MOST: Final = 50
# And so few for a while after the server said that it is too much.
FEW: Final = 5
CAREFUL_FOR: Final = timedelta(minutes=1)
_MOST_VOUCHED: Final = 10_000


class Strangers:
    """Lets them pass, or turns them away. Who turns out to be somebody takes no place from the others.

    Args:
        known: Tells who was here before.
        clock: Tells when a stranger came.
    """

    def __init__(self, known: UpstreamSessions, clock: Clock) -> None:
        self._known = known
        self._clock = clock
        self._vouched: Latest[bool] = Latest(_MOST_VOUCHED)
        self._asked_about: list[tuple[str, datetime]] = []
        self._asked_too_often: datetime | None = None

    async def let_pass(self, handle: str) -> None:
        """Return if the server may be asked about the session of this handle.

        Raises:
            BackendUnavailableError: it is a stranger's, and too many were asked about; or the store is away.
        """
        if self._vouched.get(handle) or await self._was_here(handle):
            return
        self._asked_about = [each for each in self._asked_about if self._is_within(WINDOW, each[1])]
        if len(self._asked_about) >= (FEW if self._is_careful() else MOST):
            raise server_away("not asked: too many come for whom it never vouched", WINDOW)
        self._asked_about.append((handle, self._clock.now()))

    def vouch(self, handle: str) -> None:
        """Learn that the server knows this session."""
        self._vouched.put(handle, value=True)
        self._asked_about = [each for each in self._asked_about if each[0] != handle]

    def disown(self, handle: str) -> None:
        """Learn that the server does not know this session, or not any more."""
        self._vouched.drop(handle)

    def be_careful(self) -> None:
        """Learn that the server was asked too often."""
        self._asked_too_often = self._clock.now()

    async def _was_here(self, handle: str) -> bool:
        session = await self._known.get(handle)
        return session is not None and session.state is SessionState.ACTIVE

    def _is_careful(self) -> bool:
        return self._asked_too_often is not None and self._is_within(CAREFUL_FOR, self._asked_too_often)

    def _is_within(self, span: timedelta, since: datetime) -> bool:
        # Nobody is turned away for longer because a clock was set back.
        return timedelta(0) <= self._clock.now() - since < span
