"""Lets a callback pass to what it came for: its own flow, in its own browser, in time, and once."""

import hmac
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.flows.flow_cookies import FlowCookies
from netscript_auth_core.flows.transactions import (
    LIFETIME,
    Flow,
    FlowSecrets,
    PendingFlow,
    Transactions,
    binding_digest,
    flow_id,
)
from netscript_auth_core.ports import CallbackRequest
from netscript_auth_core.reasons import FlowReason
from netscript_kernel.clock import Clock


class ProviderClient(Protocol):
    """What redeems the code of a flow."""

    async def check_reachable(self) -> None:
        """Return if the provider can be asked now, as far as that is known."""
        ...


C = TypeVar("C", bound=ProviderClient)
C_co = TypeVar("C_co", bound=ProviderClient, covariant=True)


class ProviderClients(Protocol[C_co]):
    """Those of all configured providers."""

    @property
    def configs(self) -> Mapping[str, object]:
        """The providers by id."""
        ...

    async def get_for(self, provider_id: str, issuer: str) -> C_co | None:
        """Return the client of a provider, if it still has this issuer."""
        ...


@dataclass(frozen=True, slots=True)
class AdmittedFlow(Generic[C]):
    """A flow that is the caller's to finish, and nobody else's any more."""

    id: str
    pending: PendingFlow
    secrets: FlowSecrets = field(repr=False)
    client: C


class FlowGate(Generic[C]):
    """Checks callbacks against the flows that were begun.

    Args:
        clients: Redeem codes.
        transactions: The flows.
        cookies: Bind them to browsers.
        clock: Tells which are over.
        outages: Makes "did not answer" of a store into the backend's own "could not find out".
    """

    def __init__(
        self,
        clients: ProviderClients[C],
        transactions: Transactions,
        cookies: FlowCookies,
        clock: Clock,
        outages: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._clients = clients
        self._transactions = transactions
        self._cookies = cookies
        self._clock = clock
        self._outages = outages

    async def admit(self, request: CallbackRequest, state: str) -> AdmittedFlow[C]:
        """Use up the flow of a callback, and return it.

        What is refused before the flow is used up leaves it as it was: whoever sees a state cannot spoil
        somebody else's sign-in, and when the provider is away it can be tried again.

        Raises:
            FlowRefusedError: unknown, used, late, of another browser, or of another provider.
            BackendUnavailableError: store or provider did not answer.
        """
        with self._outages():
            flow, pending = await self._find(request, state)
            self._check_binding(request, flow, pending)
            self._check_provider(request, pending)
            client, secrets = await self._reopen(state, pending)
            await client.check_reachable()
            if not await self._transactions.use_up(flow):
                raise FlowRefusedError(FlowReason.FLOW_USED, provider_id=pending.provider_id)
        return AdmittedFlow(flow.id, pending, secrets, client)

    async def _find(self, request: CallbackRequest, state: str) -> tuple[Flow, PendingFlow]:
        flow = await self._transactions.read(state)
        if flow is None:
            raise self._unknown(request, state)
        if flow.pending is None:
            raise FlowRefusedError(FlowReason.FLOW_USED)
        # Before the binding: a browser that comes late has dropped its cookie, and is told the true reason.
        if self._clock.now() >= flow.pending.expires_at:
            raise FlowRefusedError(FlowReason.FLOW_EXPIRED, provider_id=flow.pending.provider_id)
        return flow, flow.pending

    async def _reopen(self, state: str, pending: PendingFlow) -> tuple[C, FlowSecrets]:
        client = await self._clients.get_for(pending.provider_id, pending.issuer)
        secrets = self._transactions.open(state, pending.sealed)
        if client is None or secrets is None:
            # The operator took away the provider or the key in the last ten minutes.
            raise FlowRefusedError(FlowReason.FLOW_EXPIRED, provider_id=pending.provider_id)
        return client, secrets

    def _unknown(self, request: CallbackRequest, state: str) -> FlowRefusedError:
        own = flow_id(state)
        ticket = self._cookies.read(request.flow_cookies.get(own, ""))
        if ticket is not None and ticket.flow_id == own:
            # Ours and this browser's, so long ago that the store has forgotten it.
            return FlowRefusedError(FlowReason.FLOW_EXPIRED, provider_id=ticket.provider_id)
        if request.flow_cookies:
            return FlowRefusedError(
                FlowReason.STATE_MISMATCH, expected="the state of a sign-in of this browser", seen="another"
            )
        return FlowRefusedError(FlowReason.FLOW_NOT_BOUND, expected="a flow cookie", seen="none")

    def _check_binding(self, request: CallbackRequest, flow: Flow, pending: PendingFlow) -> None:
        cookie = request.flow_cookies.get(flow.id)
        ticket = self._cookies.read(cookie) if cookie is not None else None
        if ticket is None or not hmac.compare_digest(binding_digest(ticket.binding), pending.binding_digest):
            raise FlowRefusedError(
                FlowReason.FLOW_NOT_BOUND,
                expected="the cookie of this flow",
                seen="none" if cookie is None else "another",
                provider_id=pending.provider_id,
            )
        if (ticket.provider_id, ticket.issuer) != (pending.provider_id, pending.issuer):
            raise FlowRefusedError(FlowReason.PROVIDER_MISMATCH, provider_id=pending.provider_id)
        if ticket.age >= LIFETIME:
            raise FlowRefusedError(FlowReason.FLOW_EXPIRED, provider_id=pending.provider_id)

    def _check_provider(self, request: CallbackRequest, pending: PendingFlow) -> None:
        is_alone = len(self._clients.configs) == 1
        if request.provider_id == pending.provider_id or (request.provider_id is None and is_alone):
            return
        # RFC 9700 section 4.4.2: without ``iss``, only the callback's path tells providers apart.
        raise FlowRefusedError(
            FlowReason.PROVIDER_MISMATCH,
            expected=pending.provider_id,
            seen=request.provider_id or "none",
            provider_id=pending.provider_id,
        )
