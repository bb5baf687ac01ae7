"""Somebody signs out at a certified OpenID provider, which tells auth-api so over the network."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest

from netscript_auth_core.testing import RecordedEvents
from netscript_auth_kv_oauth import create_kv_oauth_backend, providers
from netscript_kernel.clock import SettableClock
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.service.service import Service
from netscript_plugin_auth.composition import create_auth_service
from tests.support.asgi_server import serving
from tests.support.auth_api import NAVIGATING, PREFIX, PUBLIC_URL, client_of, settings_from
from tests.support.oidc_provider import OidcProvider
from tests.support.ports import unused_port

pytestmark = pytest.mark.peer

CALLBACK = f"{PUBLIC_URL}{PREFIX}/callback"


@dataclass
class Device:
    """Somebody's browser, as auth-api and as the provider know it."""

    provider: OidcProvider
    here: httpx.AsyncClient
    there: httpx.AsyncClient

    async def sign_in(self, login: str) -> None:
        """Sign in, through the provider."""
        begun = await self.here.get(f"{PREFIX}/signin")
        back = await self.provider.sign_in(begun.headers["location"], login, browser=self.there)
        assert (await self.here.get(back)).status_code == httpx.codes.SEE_OTHER

    async def sign_out_there(self) -> None:
        """Sign out at the provider, of which auth-api sees nothing."""
        url = f"{self.provider.issuer}/session/end"
        await self.provider.sign_out(url, browser=self.there)

    async def is_signed_in(self) -> bool:
        """Ask auth-api."""
        answer = await self.here.get(f"{PREFIX}/session")
        return bool(answer.json()["authenticated"])


@dataclass
class Place:
    """auth-api, which the provider reaches over the network."""

    provider: OidcProvider
    service: Service
    events: RecordedEvents

    @asynccontextmanager
    async def device(self) -> AsyncGenerator[Device]:
        """Lend somebody a browser."""
        async with client_of(self.service, NAVIGATING) as here, self.provider.new_browser() as there:
            yield Device(self.provider, here, there)


@asynccontextmanager
async def _place(provider: OidcProvider, *, with_sid: bool) -> AsyncGenerator[Place]:
    port, clock, events = unused_port(), SettableClock(datetime.now(UTC)), RecordedEvents()
    client = await provider.register(
        [CALLBACK],
        backchannel_logout_uri=f"http://127.0.0.1:{port}{PREFIX}/backchannel-logout/oidc",
        backchannel_logout_session_required=with_sid,
    )
    store, keys = MemoryKvStore(clock), KeyRing([bytes(range(32))])
    config = providers.oidc(
        issuer=provider.issuer,
        client_id=client.client_id,
        client_secret=client.client_secret,
        redirect_uri=CALLBACK,
    )
    backend = create_kv_oauth_backend(
        config, store=store, keys=keys, clock=clock, events=events, is_production=False
    )
    settings = settings_from(ALLOWED_HOSTS="127.0.0.1")
    service = create_auth_service(settings, backend, store, keys=keys, clock=clock, events=events)
    await service.start()
    try:
        async with serving(service.app, port):
            yield Place(provider, service, events)
    finally:
        await service.stop()


@pytest.mark.parametrize("with_sid", [True, False])
async def test_who_signs_out_at_the_provider_is_signed_out_here(
    oidc_provider: OidcProvider, with_sid: bool
) -> None:
    async with (
        _place(oidc_provider, with_sid=with_sid) as place,
        place.device() as desk,
        place.device() as phone,
        place.device() as of_bob,
    ):
        await desk.sign_in("alice")
        await phone.sign_in("alice")
        await of_bob.sign_in("bob")

        await desk.sign_out_there()

        assert not await desk.is_signed_in()
        assert await phone.is_signed_in() is with_sid, "a token without sid means all of the person's"
        assert await of_bob.is_signed_in()
        told = [event.reason for event in place.events.taken if event.reason is not None]
        assert told == ["upstream_logout"] * (1 if with_sid else 2)
