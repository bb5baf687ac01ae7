"""One attempt to refresh what a provider granted.

Before the provider is asked, the store says that this refresh token is being redeemed. A revocation that
happens meanwhile wins; an outage changes nothing; where an earlier answer got lost, a refusal proves nothing,
and signs nobody out.
"""

import asyncio
import logging

from netscript_auth_core.domain import AuthSession
from netscript_auth_core.errors import BackendUnavailableError, ProviderProtocolError
from netscript_auth_kv_oauth.grants.refresh_leases import LONGEST, Lease
from netscript_auth_kv_oauth.grants.refresh_outcomes import RefreshOutcomes
from netscript_auth_kv_oauth.grants.refresh_turns import RefreshTurns, Turn
from netscript_auth_kv_oauth.outages import AnswerLostError, provider_away
from netscript_auth_kv_oauth.provider.refusals import (
    AnotherPersonError,
    TokenRefusedError,
    UnusableTokensError,
)

_log = logging.getLogger("netscript.auth.kv_oauth")


class RefreshAttempts:
    """Makes attempts. Store outages pass through as they are."""

    def __init__(self, turns: RefreshTurns, outcomes: RefreshOutcomes) -> None:
        self._turns = turns
        self._outcomes = outcomes

    async def make(self, handle: str, *, lazily: bool) -> AuthSession | Lease:
        """Refresh the grant of a session, unless somebody else does, or did within the last minute.

        Args:
            handle: Of the session.
            lazily: Whether only a grant that is due is to be refreshed.

        Returns:
            The session, refreshed where there was something to refresh; or the lease of the other attempt.

        Raises:
            SessionEndedError: it has ended, ended meanwhile, or the provider ended it now.
            BackendUnavailableError: it is as before; the provider did not answer, or nothing of use.
        """
        turn = await self._turns.take(handle, lazily=lazily)
        return await self._use(turn) if isinstance(turn, Turn) else turn

    async def _use(self, turn: Turn) -> AuthSession:
        provider_id = turn.grant.provider_id
        try:
            async with asyncio.timeout(LONGEST.total_seconds()):
                refreshed = await turn.client.refresh(turn.grant)
        except TokenRefusedError as error:
            return await self._outcomes.refused(turn, error)
        except AnotherPersonError as error:
            return await self._outcomes.distrusted(turn, error)
        except UnusableTokensError as error:
            # It took the refresh token, but what it gave for it cannot be read.
            await self._outcomes.give_back(turn, is_in_doubt=True)
            raise _unusable(provider_id, error) from error
        except ProviderProtocolError as error:
            await self._outcomes.give_back(turn)
            raise _unusable(provider_id, error) from error
        except (AnswerLostError, TimeoutError) as error:
            await self._outcomes.give_back(turn, is_in_doubt=True)
            raise provider_away(provider_id, "the answer to a refresh did not arrive") from error
        except BackendUnavailableError:
            await self._outcomes.give_back(turn)
            raise
        return await self._outcomes.keep(turn, refreshed)


def _unusable(provider_id: str, error: ProviderProtocolError) -> BackendUnavailableError:
    _log.error("provider %s: a refresh brought something that cannot be used: %s", provider_id, error.problem)
    return provider_away(provider_id, "its answer cannot be used")
