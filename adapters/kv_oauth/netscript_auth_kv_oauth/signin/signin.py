"""The first half of a sign-in: a flow is kept, bound to this browser, and the browser is sent on."""

import re
import secrets
from datetime import timedelta
from typing import Final

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.errors import InvalidInputError
from netscript_auth_core.flows.flow_cookies import FlowCookies
from netscript_auth_core.flows.transactions import (
    LIFETIME,
    FlowSecrets,
    PendingFlow,
    Transactions,
    binding_digest,
    flow_id,
)
from netscript_auth_core.ports import SigninRequest, SigninStarted
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.naming import BACKEND
from netscript_auth_kv_oauth.offered import capabilities_with
from netscript_auth_kv_oauth.outages import store_outages
from netscript_auth_kv_oauth.provider.provider_clients import ProviderClients
from netscript_kernel.clock import Clock
from netscript_kernel.ids import new_token

MOST_HINT_CHARACTERS: Final = 320
_HALF_CHARACTER: Final = re.compile(r"[\ud800-\udfff]")
_VERIFIER_BYTES: Final = 48  # 64 characters; RFC 7636 section 4.1 wants 43 to 128


class Signin:
    """Begins sign-ins."""

    def __init__(
        self, clients: ProviderClients, transactions: Transactions, cookies: FlowCookies, clock: Clock
    ) -> None:
        self._clients = clients
        self._transactions = transactions
        self._cookies = cookies
        self._clock = clock

    async def start(self, request: SigninRequest) -> SigninStarted:
        """Begin a sign-in; see :meth:`InteractivePort.start`."""
        config = self._choose(request.provider_id)
        scopes = _scopes(config, request.scopes)
        _check_hint(request.login_hint)
        self._check_age(config, request)
        client = await self._clients.get(config.id)
        if client is None:
            raise _unknown_provider(self._clients)
        state, binding = new_token(), new_token()
        secret = FlowSecrets(
            verifier=secrets.token_urlsafe(_VERIFIER_BYTES),
            nonce=new_token(),
            max_age=_seconds(request.max_age),
        )
        url = await client.authorization_url(state, secret, scopes, request.login_hint)
        flow = PendingFlow(
            provider_id=config.id,
            issuer=config.issuer,
            binding_digest=binding_digest(binding),
            sealed=self._transactions.seal(state, secret),
            redirect_uri=config.redirect_uri,
            return_to=request.return_to,
            scopes=scopes,
            expires_at=self._clock.now() + LIFETIME,
        )
        with store_outages():
            await self._transactions.add(state, flow)
        cookie = self._cookies.issue(flow_id(state), binding, config.id, config.issuer)
        return SigninStarted(config.id, url, state, cookie)

    def _check_age(self, config: ProviderConfig, request: SigninRequest) -> None:
        if request.max_age is None:
            return
        offered = capabilities_with(self._clients.configs.values())
        if Capability.STEP_UP not in offered:
            raise offered.refusal(BACKEND, Capability.STEP_UP)
        if not config.preset.can_step_up:
            raise InvalidInputError("max_age", f"{config.id} cannot prove when somebody signed in there")
        if request.max_age < timedelta(0):
            raise InvalidInputError("max_age", "is negative")

    def _choose(self, provider_id: str | None) -> ProviderConfig:
        configs = self._clients.configs
        if provider_id is None and len(configs) == 1:
            return next(iter(configs.values()))
        if provider_id is None or provider_id not in configs:
            raise _unknown_provider(self._clients)
        return configs[provider_id]


def _seconds(age: timedelta | None) -> int | None:
    return int(age.total_seconds()) if age is not None else None


def _scopes(config: ProviderConfig, wanted: tuple[str, ...]) -> tuple[str, ...]:
    beyond = set(wanted) - set(config.scopes)
    if beyond:
        raise InvalidInputError("scopes", f"are more than the configured ones: {' '.join(config.scopes)}")
    if not wanted:
        return config.scopes
    # Without some the provider would not tell who it is.
    kept = {*wanted, *config.preset.required_scopes}
    return tuple(scope for scope in config.scopes if scope in kept)


def _check_hint(hint: str | None) -> None:
    # Any other text is percent-encoded into the one value that it is.
    if hint is not None and (len(hint) > MOST_HINT_CHARACTERS or _HALF_CHARACTER.search(hint)):
        raise InvalidInputError("login_hint", f"is not text of at most {MOST_HINT_CHARACTERS} characters")


def _unknown_provider(clients: ProviderClients) -> InvalidInputError:
    return InvalidInputError("provider_id", f"is not one of {', '.join(clients.configs)}")
