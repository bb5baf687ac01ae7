"""What the backend stands on, whoever signs people in: how it begins, is well, and ends."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from netscript_auth_core.backends import BackendContext
from netscript_auth_core.background import Background
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.key_set import KeySet
from netscript_auth_workos.api.calls import WorkOSCalls
from netscript_auth_workos.api.http import WorkOSHttp
from netscript_auth_workos.configuration.settings import WorkOSSettings
from netscript_auth_workos.outages import store_outages
from netscript_auth_workos.renewal.renewal_records import RenewalRecords
from netscript_auth_workos.renewal.renewals import Patience, Renewals
from netscript_auth_workos.tokens.access_token import TokenRules
from netscript_auth_workos.tokens.access_tokens import AccessTokens
from netscript_kernel.jose.keys import Keys

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Foundation:
    """The same for both ways to use WorkOS."""

    settings: WorkOSSettings
    context: BackendContext
    calls: WorkOSCalls
    keys: KeySet[Keys]
    tokens: AccessTokens
    renewals: Renewals
    background: Background

    async def start(self) -> None:
        """Ask for the keys, without waiting for them."""
        self.background.start(self._fetch_keys())

    async def check_health(self) -> None:
        """Return if the store answers; without WorkOS, sessions answer for a while."""
        with store_outages():
            await self.context.store.check_health()

    async def aclose(self) -> None:
        """Finish what is under way and let go of the connections."""
        await self.background.drain()
        await self.calls.aclose()

    async def _fetch_keys(self) -> None:
        try:
            await self.keys.get()
        except BackendUnavailableError:
            return  # whoever needs them asks again, and is told


def prepare(
    settings: WorkOSSettings,
    context: BackendContext,
    *,
    http: "httpx.AsyncClient | None" = None,
    patience: Patience | None = None,
) -> Foundation:
    """Check the settings, and make what is the same whoever signs people in.

    Args:
        settings: What is configured.
        context: What it stands on.
        http: Speaks to WorkOS, and stays the caller's to close; our own if left out.
        patience: With other processes.

    Raises:
        ConfigurationError: with every fault of the settings.
    """
    settings.check(is_production=context.is_production)
    clock, background = context.clock, Background()
    calls = WorkOSCalls(
        WorkOSHttp(http),
        api_key=settings.api_key.get_secret_value(),
        client_id=settings.client_id,
        base_url=settings.api,
    )
    keys = KeySet(calls.keys, clock, background)
    rules = TokenRules(settings.client_id, settings.accepted_issuers, settings.access_token_life)
    records = RenewalRecords(context.store, context.keys, clock, settings.access_token_life)
    renewals = Renewals(calls, records, background, patience or Patience())
    return Foundation(settings, context, calls, keys, AccessTokens(keys, rules, clock), renewals, background)
