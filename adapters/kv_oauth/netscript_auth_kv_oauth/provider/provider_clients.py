"""The clients of all configured providers, made when the first sign-in needs one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from netscript_auth_core.background import Background, SingleFlight
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_kernel.clock import Clock

if TYPE_CHECKING:
    import httpx

    from netscript_auth_kv_oauth.provider.provider_client import ProviderClient
    from netscript_auth_kv_oauth.provider.provider_http import ProviderHttp


@dataclass(frozen=True, slots=True)
class _Made:
    http: "ProviderHttp"
    clients: "dict[str, ProviderClient]"


class ProviderClients:
    """Clients by provider id.

    httpx, joserfc and Authlib take some 300 ms to import. Telling whether somebody is signed in needs none of
    them, so they are imported by the first sign-in, in a thread, while checks go on.

    Args:
        configs: The providers, in the order configured.
        clock: Theirs.
        background: Holds their fetches.
        http: Instead of our own client.
        is_production: Whether providers must be spoken to by https.
    """

    def __init__(
        self,
        configs: Sequence[ProviderConfig],
        clock: Clock,
        background: Background,
        *,
        http: "httpx.AsyncClient | None",
        is_production: bool,
    ) -> None:
        self._configs = {config.id: config for config in configs}
        self._clock = clock
        self._background = background
        self._http = http
        self._is_production = is_production
        self._flight: SingleFlight[_Made] = SingleFlight(background)
        self._made: _Made | None = None

    @property
    def configs(self) -> dict[str, ProviderConfig]:
        """The providers by id, in the order configured."""
        return self._configs

    async def get(self, provider_id: str) -> "ProviderClient | None":
        """Return the client of a provider, or ``None`` where none has this id."""
        if provider_id not in self._configs:
            return None
        made = self._made or await self._flight.run("", self._make)
        return made.clients[provider_id]

    async def get_for(self, provider_id: str, issuer: str) -> "ProviderClient | None":
        """The same, if it still has this issuer: what one issued is never sent to another."""
        config = self._configs.get(provider_id)
        return await self.get(provider_id) if config is not None and config.issuer == issuer else None

    async def aclose(self) -> None:
        """Let go of the connections."""
        if self._made is not None:
            await self._made.http.aclose()

    async def _make(self) -> _Made:
        self._made = await asyncio.to_thread(self._make_now)
        return self._made

    def _make_now(self) -> _Made:
        # Here and not at the top: see the class.
        from netscript_auth_kv_oauth.provider.provider_client import ProviderClient
        from netscript_auth_kv_oauth.provider.provider_http import ProviderHttp

        http = ProviderHttp(self._http)
        clients = {
            config.id: ProviderClient(
                config, http, self._clock, self._background, is_production=self._is_production
            )
            for config in self._configs.values()
        }
        return _Made(http, clients)
