"""Whether WorkOS lists a session: asked once for all who want to know, and of a refusal once a minute."""

from dataclasses import dataclass, field

from workos.common.models.user_sessions_list_item import UserSessionsListItem

from netscript_auth_core.background import Background, SingleFlight
from netscript_auth_workos.api.calls import WorkOSCalls
from netscript_auth_workos.refusals import Refusals
from netscript_auth_workos.tokens.access_token import AccessToken
from netscript_kernel.clock import Clock


@dataclass(frozen=True, slots=True)
class Listed:
    """What WorkOS says of a session.

    Attributes:
        item: As it is listed; ``None`` where it is not.
    """

    item: UserSessionsListItem | None = field(repr=False)

    @property
    def is_refused(self) -> bool:
        """Whether nobody is let in by it."""
        return self.item is None or self.item.impersonator is not None


class Listings:
    """Asks for the sessions of tokens.

    Args:
        calls: Asks WorkOS.
        background: Holds what is under way.
        clock: Tells how long a refusal counts.
    """

    def __init__(self, calls: WorkOSCalls, background: Background, clock: Clock) -> None:
        self._calls = calls
        self._flights: SingleFlight[Listed] = SingleFlight(background)
        self._refused: Refusals[Listed] = Refusals(clock)

    async def find(self, token: AccessToken) -> UserSessionsListItem | None:
        """Return the active session of a token, or ``None`` where WorkOS does not list it.

        Raises:
            BackendUnavailableError: could not find out.
        """
        refused = self._refused.of(token.session_id)
        if refused is not None:
            return refused.item
        listed = await self._flights.run(token.session_id, lambda: self._ask(token))
        return listed.item

    async def _ask(self, token: AccessToken) -> Listed:
        listed = Listed(await self._calls.session(token.subject, token.session_id))
        if listed.is_refused:
            self._refused.note(token.session_id, listed)
        return listed
