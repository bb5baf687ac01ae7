"""Ends at providers what has ended here: once at the sign-out, then every five minutes for a day."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from netscript_auth_core.background import Background
from netscript_auth_core.errors import BackendUnavailableError, ProviderProtocolError
from netscript_auth_core.ports import UpstreamStatus
from netscript_auth_kv_oauth.audit import Audit
from netscript_auth_kv_oauth.grants.grants import Grant, Grants
from netscript_auth_kv_oauth.grants.refresh_leases import RefreshLeases
from netscript_auth_kv_oauth.outages import provider_away, store_outages
from netscript_auth_kv_oauth.patience import Patience
from netscript_auth_kv_oauth.presets.protocol import Revocation
from netscript_auth_kv_oauth.provider.provider_clients import ProviderClients
from netscript_auth_kv_oauth.provider.refusals import TokenRefusedError
from netscript_auth_kv_oauth.signout.pending_revocations import (
    RETRY,
    PendingRevocation,
    PendingRevocations,
    SignoutScope,
)
from netscript_kernel.clock import Clock
from netscript_kernel.kv.port import KvStorePort

_log = logging.getLogger("netscript.auth.kv_oauth")

MOST_A_ROUND: Final = 500
AT_ONCE: Final = 5


class UpstreamRevocations:
    """Tells providers. It is also the upkeep of the port: one round of what could not be told before."""

    def __init__(
        self,
        store: KvStorePort,
        pending: PendingRevocations,
        grants: Grants,
        leases: RefreshLeases,
        clients: ProviderClients,
        audit: Audit,
        background: Background,
        clock: Clock,
        patience: Patience,
    ) -> None:
        self._store = store
        self._pending = pending
        self._leases = leases
        self._grants = grants
        self._clients = clients
        self._audit = audit
        self._background = background
        self._clock = clock
        self._most_waiting = patience.most_signouts
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    def is_to_be_told(self, provider_id: str, scope: SignoutScope) -> bool:
        """Whether a provider is asked to forget what it granted, when this ends.

        One that forgets the person's whole consent is not, as long as other devices live by it; and one that
        ended it itself knows.
        """
        config = self._clients.configs.get(provider_id)
        if config is None or scope is SignoutScope.UPSTREAM:
            return False
        wanted = {Revocation.TOKEN: True, Revocation.CONSENT: scope is SignoutScope.PERSON}
        return wanted.get(config.revocation, False)

    def tell(self, handles: Iterable[str]) -> "list[asyncio.Task[UpstreamStatus]]":
        """Try those of these sessions now; that goes on where nobody waits for it."""
        return [self._background.start(self._first_try(handle)) for handle in handles]

    async def adopt(self, handle: str, grant: Grant) -> None:
        """End what a provider granted after its session had been signed out of; else it is just dropped."""
        lease = await self._leases.read(handle)
        if lease is None or lease.attempt.signed_out is None:
            return
        put = self._pending.new(
            handle, grant.provider_id, lease.attempt.signed_out, self._grants.seal(handle, grant)
        )
        version = await self._store.commit(checks=[lease.check], puts=[put], deletes=[lease.check.key])
        if version is not None:
            self.tell([handle])

    async def run(self) -> None:
        """Try again what is due; see :meth:`UpkeepPort.run`."""
        with store_outages():
            tried = 0
            while tried < MOST_A_ROUND and (due := await self._pending.due(AT_ONCE)):
                tried += len(due)
                # Held by the background: where one fails, or the round is cancelled, the others go on to
                # their end, and closing waits for them.
                tries = [self._background.start(self._try_again(pending)) for pending in due]
                await asyncio.wait(tries)
                for each in tries:
                    each.result()

    async def _first_try(self, handle: str) -> UpstreamStatus:
        if self._waiting >= self._most_waiting:
            return UpstreamStatus.PENDING  # the upkeep comes to it
        self._waiting += 1
        try:
            async with self._turns:
                with store_outages():
                    pending = await self._pending.read(handle)
                    return await self._try(pending) if pending is not None else UpstreamStatus.DONE
        finally:
            self._waiting -= 1

    async def _try_again(self, pending: PendingRevocation) -> None:
        taken = await self._pending.take_up(pending)
        if taken is not None:
            await self._try(taken)

    async def _try(self, pending: PendingRevocation) -> UpstreamStatus:
        try:
            status, why = await self._ask(pending)
        except BackendUnavailableError as error:
            return await self._put_off(pending, error)
        await self._pending.close(pending)
        if status is UpstreamStatus.REFUSED:
            _log.error("provider %s does not let us end what it granted: %s", pending.record.provider_id, why)
        if status is not UpstreamStatus.UNSUPPORTED:
            self._audit.ended_upstream(pending.record.provider_id, status, why, handle=pending.handle)
        return status

    async def _ask(self, pending: PendingRevocation) -> tuple[UpstreamStatus, str | None]:
        grant = self._grants.open(pending.handle, pending.record.grant)
        if grant is None:
            raise provider_away(pending.record.provider_id, "no configured key opens what it granted")
        if grant.refresh_token is None:
            return UpstreamStatus.DONE, None
        client = await self._clients.get_for(grant.provider_id, grant.issuer)
        if client is None:
            return UpstreamStatus.UNSUPPORTED, None
        try:
            is_told = await client.revoke(grant.refresh_token)
        except TokenRefusedError as error:
            return UpstreamStatus.REFUSED, error.error
        except ProviderProtocolError as error:
            return UpstreamStatus.REFUSED, error.problem
        return (UpstreamStatus.DONE if is_told else UpstreamStatus.UNSUPPORTED), None

    async def _put_off(self, pending: PendingRevocation, error: BackendUnavailableError) -> UpstreamStatus:
        """Leave it for the next round, or give it up where there is none."""
        provider_id = pending.record.provider_id
        if self._clock.now() + RETRY >= pending.record.ends_at:
            _log.warning("gave up ending what %s granted, after a day: %s", provider_id, error.problem)
            self._audit.ended_upstream(provider_id, UpstreamStatus.PENDING, "gave_up", handle=pending.handle)
            await self._pending.close(pending)
        elif await self._pending.report(pending):
            _log.warning("a sign-out is to be told to %s later: %s", provider_id, error.problem)
            self._audit.ended_upstream(
                provider_id, UpstreamStatus.PENDING, "unavailable", handle=pending.handle
            )
        return UpstreamStatus.PENDING
