"""One attempt to renew what a provider granted, and whatever may become of it.

Before the provider is asked, the store says that this refresh token is being redeemed. All that follows from
the answer is written in one commit, against what was said. A revocation that happens meanwhile wins; an
outage changes nothing; where an earlier answer got lost, a refusal proves nothing, and signs nobody out.
"""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.domain import AuthSession
from netscript_auth_core.errors import (
    BackendUnavailableError,
    FlowRefusedError,
    ProviderProtocolError,
    SessionEndedError,
)
from netscript_auth_core.ports import Identity
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth.audit import Audit
from netscript_auth_kv_oauth.grants import Grants, grant_key
from netscript_auth_kv_oauth.outages import LOG, AnswerLostError, provider_away
from netscript_auth_kv_oauth.refusals import TokenRefusedError, UnusableTokensError
from netscript_auth_kv_oauth.renewal_leases import AttemptState, Lease, RenewalLeases, lease_key, put_attempt
from netscript_auth_kv_oauth.renewal_turns import RenewalTurns, Turn
from netscript_auth_kv_oauth.session_records import NEVER
from netscript_auth_kv_oauth.session_store import ATTEMPTS, SessionStore, too_busy
from netscript_kernel.kv.port import Check

if TYPE_CHECKING:
    from netscript_auth_kv_oauth.provider_client import Renewed

# The only answer that says that the grant is over; all others may be a passing trouble, or ours.
FINAL: Final = "invalid_grant"
# Shorter than the lease, so that two attempts do not overlap.
LONGEST: Final = timedelta(seconds=45)


class Renewal:
    """Makes attempts. Store outages pass through as they are."""

    def __init__(
        self,
        turns: RenewalTurns,
        leases: RenewalLeases,
        sessions: SessionStore,
        grants: Grants,
        users: UserDirectory,
        audit: Audit,
    ) -> None:
        self._turns = turns
        self._leases = leases
        self._sessions = sessions
        self._grants = grants
        self._users = users
        self._audit = audit

    async def attempt(self, handle: str, *, lazily: bool) -> AuthSession | Lease:
        """Renew the grant of a session, unless somebody else does, or did within the last minute.

        Args:
            handle: Of the session.
            lazily: Whether only a grant that is due is to be renewed.

        Returns:
            The session, renewed where there was something to renew; or the lease of the other attempt.

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
                renewed = await turn.client.renew(turn.grant)
        except TokenRefusedError as error:
            return await self._refused(turn, error)
        except (FlowRefusedError, UnusableTokensError) as error:
            # It took the refresh token, but what it gave for it cannot be believed or read.
            await self._give_back(turn, is_in_doubt=True)
            raise _unusable(provider_id, error) from error
        except ProviderProtocolError as error:
            await self._give_back(turn)
            raise _unusable(provider_id, error) from error
        except (AnswerLostError, TimeoutError) as error:
            await self._give_back(turn, is_in_doubt=True)
            raise provider_away(provider_id, "the answer to a refresh did not arrive") from error
        except BackendUnavailableError:
            await self._give_back(turn)
            raise
        return await self._keep(turn, renewed)

    async def _give_back(self, turn: Turn, *, is_in_doubt: bool = False) -> None:
        """Note that nothing came of the attempt; the next one is a minute after it."""
        before = turn.lease.attempt
        changes = {"state": AttemptState.FAILED, "is_in_doubt": before.is_in_doubt or is_in_doubt}
        await self._leases.close(turn.lease, before.model_copy(update=changes), turn.kept_until)

    async def _keep(self, turn: Turn, renewed: "Renewed") -> AuthSession:
        until = turn.lease.attempt.until
        renew_from = max(renewed.grant.renew_from, until.timestamp())
        attempt = turn.lease.attempt.model_copy(
            update={"state": AttemptState.RENEWED, "serial": renewed.grant.serial, "is_in_doubt": False}
        )
        for _ in range(ATTEMPTS):
            # Revoked meanwhile: this raises, and the fresh tokens are dropped.
            session = await self._sessions.read_active(turn.handle)
            entry = await self._grants.read(turn.handle)
            if entry is None or not await self._is_last(turn):
                return self._sessions.decode(session)
            identity = await self._renewed_identity(session.identity, renewed)
            is_kept = await self._sessions.replace(
                session,
                identity,
                turn.lease.check,
                put_attempt(turn.handle, attempt, turn.kept_until),
                # Not as it was when it was opened: it may have been sealed anew since.
                Check(entry.key, entry.version),
                self._grants.put(turn.handle, renewed.grant, turn.kept_until),
                renew_from=renew_from,
            )
            if is_kept is not None:
                self._audit.refreshed(renewed.grant.provider_id)
                return identity.session
        raise too_busy()

    async def _refused(self, turn: Turn, error: TokenRefusedError) -> AuthSession:
        provider_id = turn.grant.provider_id
        if error.error != FINAL:
            LOG.error(
                "provider %s refuses to refresh: %s; check our registration there", provider_id, error.error
            )
            self._audit.refused(provider_id, error.error)
            await self._give_back(turn)
            raise provider_away(provider_id, f"it refuses to refresh ({error.error})") from error
        if turn.lease.attempt.is_in_doubt:
            return await self._do_without(turn)
        for _ in range(ATTEMPTS):
            session = await self._sessions.read_active(turn.handle)
            if await self._sessions.revoke(session, turn.lease.check):
                self._audit.revoked(provider_id, error.error)
                raise SessionEndedError(AnonymousReason.SESSION_REVOKED)
            if not await self._is_last(turn):
                # Another process came after all: what it found out counts.
                return self._sessions.decode(await self._sessions.read_active(turn.handle))
        raise too_busy()

    async def _do_without(self, turn: Turn) -> AuthSession:
        """Keep the session to its own limits, and drop the grant: its successor went to nobody."""
        for _ in range(ATTEMPTS):
            session = await self._sessions.read_active(turn.handle)
            version = await self._sessions.replace(
                session,
                session.identity,
                turn.lease.check,
                renew_from=NEVER,
                deletes=(grant_key(turn.handle), lease_key(turn.handle)),
            )
            if version is not None:
                LOG.warning(
                    "provider %s refuses a refresh token after an answer of its own was lost, which proves "
                    "nothing: the session goes on to its limits, without renewal",
                    turn.grant.provider_id,
                )
                self._audit.grant_lost(turn.grant.provider_id)
            if version is not None or not await self._is_last(turn):
                return self._sessions.decode(await self._sessions.read_active(turn.handle))
        raise too_busy()

    async def _is_last(self, turn: Turn) -> bool:
        """Whether nobody else has begun an attempt since, as somebody may after a lease."""
        lease = await self._leases.read(turn.handle)
        return lease is not None and lease.check == turn.lease.check

    async def _renewed_identity(self, before: Identity, renewed: "Renewed") -> Identity:
        user = before.user
        if renewed.identity is not None:
            fresh = await self._users.resolve(renewed.identity)
            # Linked to somebody else since: that is for the linking to carry into sessions, not for us.
            user = fresh if fresh.id == user.id else user
        return Identity(before.session.model_copy(update={"scopes": renewed.grant.scopes}), user)


def _unusable(provider_id: str, error: FlowRefusedError | ProviderProtocolError) -> BackendUnavailableError:
    if isinstance(error, FlowRefusedError):
        told = f"{error.code.value}, expected {error.expected}, saw {error.seen}"
    else:
        told = error.problem
    LOG.error("provider %s: a refresh brought something that cannot be used: %s", provider_id, told)
    return provider_away(provider_id, "its answer cannot be used")
