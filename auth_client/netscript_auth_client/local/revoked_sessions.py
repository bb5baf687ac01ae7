"""Sessions that were revoked, remembered for as long as a token of theirs could live."""

from typing import Final

from netscript_auth_client.local.token_claims import LEEWAY, LONGEST_LIFE

# The leeway twice, for a token whose issuer's clock was ahead; and for what is heard before it is dated.
REMEMBERED: Final = LONGEST_LIFE + 2 * LEEWAY + 60
MOST_SESSIONS: Final = 1_000_000
MOST_CHARACTERS: Final = 128


class TooManyRevokedError(Exception):
    """More sessions were revoked than are remembered; to forget one of them would let somebody in."""

    def __init__(self) -> None:
        super().__init__("more sessions were revoked than are remembered")


class RevokedSessions:
    """The handles.

    Args:
        most: How many are remembered.
    """

    def __init__(self, most: int = MOST_SESSIONS) -> None:
        self._most = most
        # In the order in which they are forgotten.
        self._forgotten_at: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._forgotten_at)

    def __contains__(self, handle: str) -> bool:
        return handle in self._forgotten_at

    def add(self, handle: str, now: float) -> None:
        """Remember a session that was revoked at this time or before.

        Raises:
            TooManyRevokedError: nothing may be forgotten yet, and there is no room.
        """
        self._forget(now)
        self._forgotten_at.pop(handle, None)
        if len(self._forgotten_at) >= self._most:
            raise TooManyRevokedError
        self._forgotten_at[handle] = now + REMEMBERED

    def _forget(self, now: float) -> None:
        while self._forgotten_at:
            oldest = next(iter(self._forgotten_at))
            if now < self._forgotten_at[oldest]:
                return
            del self._forgotten_at[oldest]
