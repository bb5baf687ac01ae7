"""A service that verifies tokens, with an auth-api beside it that publishes keys and revocations."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from netscript_auth_client import LocalAuthority, Outcome
from netscript_kernel.clock import SettableClock
from tests.auth_client.asgi_calls import http_scope
from tests.auth_client.pretend_auth_api import (
    PUBLIC_URL,
    READY,
    URL,
    Channel,
    PretendAuthApi,
    PretendFeed,
)
from tests.auth_client.token_signer import AUDIENCE, JWKS, TokenSigner, publish
from tests.support.pauses import until

SECRET = "c" * 43


@dataclass(frozen=True)
class LocalWorld:
    """All of it."""

    clock: SettableClock
    api: PretendAuthApi
    feed: PretendFeed
    signer: TokenSigner
    authority: LocalAuthority

    async def ask(self, token: str) -> Outcome:
        """Send a request with a token."""
        header = (b"authorization", f"Bearer {token}".encode())
        return await self.authority.authenticate(http_scope("/x", header))

    async def hear(self, channel: Channel, *pieces: bytes) -> None:
        """Let the feed say something, and be heard."""
        channel.send(*pieces)
        await until(lambda: channel.is_read)

    @property
    def key_requests(self) -> int:
        """How often the keys were fetched."""
        return sum(request.url.path == JWKS for request in self.api.requests)


@asynccontextmanager
async def local_world(*, is_ready: bool = True) -> AsyncGenerator[LocalWorld]:
    """Run the service's side while the block lasts."""
    clock, api = SettableClock(), PretendAuthApi()
    feed, signer = PretendFeed(api), TokenSigner(clock)
    publish(api, signer.public)
    authority = LocalAuthority(
        URL, audience=AUDIENCE, feed_secret=SECRET, public_url=PUBLIC_URL, http=api.http, clock=clock
    )
    world = LocalWorld(clock, api, feed, signer, authority)
    await authority.start()
    try:
        if is_ready:
            await world.hear(await feed.connected(), READY)
        yield world
    finally:
        await authority.aclose()
