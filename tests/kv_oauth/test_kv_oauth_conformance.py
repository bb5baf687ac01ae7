"""The kit of the port: on the stores that last, and in memory with a provider of addresses only."""

import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from netscript_auth_core.ports import AuthBackendPort
from netscript_auth_core.testing import AuthBackendConformance, BackendUnderTest
from netscript_auth_kv_oauth import ProviderConfig
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from tests.kv_oauth.desks import open_desk, the_provider_as_plain_oauth2


@pytest.fixture(autouse=True)
def provider_says_nothing() -> Iterator[None]:
    """The provider lives in this process, and Authlib's server side tells the log what it issues."""
    log = logging.getLogger("authlib.oauth2.rfc6749.grants")
    log.setLevel(logging.INFO)
    yield
    log.setLevel(logging.NOTSET)


@asynccontextmanager
async def _subject(
    store_url: str = "memory://",
    provider: ProviderConfig | None = None,
    session_staleness: timedelta = timedelta(0),
) -> AsyncGenerator[BackendUnderTest]:
    key = generate_key()
    async with open_desk(store_url, provider, key, session_staleness) as desk:

        async def reopen() -> AuthBackendPort:
            return desk.open()

        async def change_key() -> AuthBackendPort:
            return desk.open(KeyRing(parse_keys(f"{generate_key()},{key}")))

        yield BackendUnderTest(
            backend=desk.backend,
            clock=desk.clock,
            store=desk.store,
            store_outage=desk.store.outage,
            identity_provider=desk.people,
            logout_tokens=desk.people,
            remembered_sign_in=desk.people.remembered_sign_in,
            paused_refresh=desk.people.wire.paused_refresh,
            reopen=reopen,
            change_key=change_key,
            settle=desk.settle,
            events=desk.events,
        )


@pytest.mark.parametrize(  # memory has its turn below
    "store_url", ["sqlite", pytest.param("redis", marks=pytest.mark.full)], indirect=True
)
class TestOnStoresThatLast(AuthBackendConformance):
    @pytest.fixture
    async def subject(self, store_url: str) -> AsyncGenerator[BackendUnderTest]:
        async with _subject(store_url) as subject:
            yield subject


class TestWithAnswersThatAreGivenAgain(AuthBackendConformance):
    """In memory, with a lag that is declared."""

    @pytest.fixture
    async def subject(self) -> AsyncGenerator[BackendUnderTest]:
        async with _subject(session_staleness=timedelta(seconds=30)) as subject:
            yield subject


@pytest.mark.full
class TestPlainOAuth2(AuthBackendConformance):
    """The same provider, of which we know addresses only; whoever it is, userinfo says. In memory."""

    @pytest.fixture
    async def subject(self) -> AsyncGenerator[BackendUnderTest]:
        async with _subject(provider=the_provider_as_plain_oauth2()) as subject:
            yield subject
