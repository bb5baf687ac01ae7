"""The upstream says that somebody signed out there: their sessions here end, too."""

from typing import Protocol


class UpstreamLogoutPort(Protocol):
    """Takes logout tokens (OpenID Connect Back-Channel Logout 1.0).

    Anybody may send one: nothing but the token itself shows that it is the upstream's.
    """

    async def end(self, provider_id: str, logout_token: str) -> int:
        """End the sessions that a logout token means, as by any other ending, and return how many.

        None is no fault: whom it means may be signed out already. A token is good once; one whose work could
        not be finished may be sent again. Each ended session is told to the audit, with the reason
        ``upstream_logout``. The upstream is told nothing: it knows.

        Args:
            provider_id: Whose token it is said to be.
            logout_token: As it arrived; anything.

        Raises:
            LogoutRefusedError: it is not, or was used before. No session has ended by it.
            BackendUnavailableError: could not find out, or the store did not answer: the upstream has to send
                it again.
        """
        ...
