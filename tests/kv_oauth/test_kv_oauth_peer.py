"""kv-oauth and a certified OpenID provider, which shares no code with ours."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from netscript_auth_core.errors import FlowRefusedError, SessionEndedError
from netscript_auth_core.ports import (
    Anonymous,
    Authenticated,
    AuthRequest,
    CallbackRequest,
    SignedOut,
    SigninCompleted,
    SigninRequest,
    SignoutRequest,
    UpstreamStatus,
)
from netscript_auth_core.reasons import AnonymousReason, FlowReason
from netscript_auth_core.sealed_index import SealedIndex
from netscript_auth_kv_oauth import KvOAuthBackend, create_kv_oauth_backend, providers
from netscript_auth_kv_oauth.configuration.provider_config import ProviderConfig
from netscript_auth_kv_oauth.grants.grants import Grants, grant_key
from netscript_auth_kv_oauth.presets.protocol import ClientAuth
from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import Put
from tests.kv_oauth.pretend import KEYS
from tests.support.oidc_provider import OidcProvider

pytestmark = pytest.mark.peer

MINUTE = timedelta(minutes=1)
ACCESS_TOKEN_LIFE = timedelta(minutes=5)
CALLBACK = "http://127.0.0.1:1/callback"
SIGNED_OUT = "http://127.0.0.1:1/signed-out"


@dataclass
class Registered:
    """A backend that is registered at the provider."""

    backend: KvOAuthBackend
    provider: OidcProvider
    store: MemoryKvStore
    clock: SettableClock
    config: ProviderConfig

    async def refresh_token(self, handle: str) -> str:
        """Return the refresh token of a session."""
        entry = await self.store.get(grant_key(handle))
        assert entry is not None
        grants = Grants(self.store, KEYS, SealedIndex(self.store, KEYS, self.clock))
        grant = grants.open(handle, entry.value)
        assert grant is not None
        assert grant.refresh_token is not None
        return grant.refresh_token

    async def accepts(self, refresh_token: str) -> bool:
        """Use a refresh token up, and say whether it was good."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        secret = self.config.client_secret
        assert secret is not None
        async with httpx.AsyncClient(auth=(self.config.client_id, secret.get_secret_value())) as http:
            return (await http.post(f"{self.provider.issuer}/token", data=form)).is_success

    def open_another(self) -> KvOAuthBackend:
        """Open one more on the same store, as another process does."""
        return create_kv_oauth_backend(
            self.config, store=self.store, keys=KEYS, clock=self.clock, is_production=False
        )

    async def sign_in(
        self, login: str, *, browser: httpx.AsyncClient | None = None, max_age: timedelta | None = None
    ) -> SigninCompleted:
        """Sign in and consent, as a person at a browser would."""
        started = await self.backend.interactive.start(SigninRequest(None, "/", max_age=max_age))
        back = await self.provider.sign_in(started.redirect_url, login, browser=browser)
        cookies = {started.cookie.flow_id: started.cookie.value}
        return await self.backend.interactive.complete(
            CallbackRequest(parse_qsl(urlsplit(back).query), flow_cookies=cookies)
        )


@asynccontextmanager
async def _registered(
    provider: OidcProvider,
    client_secret: str | None = None,
    *,
    end_session: bool = False,
    **metadata: object,
) -> AsyncGenerator[Registered]:
    client = await provider.register([CALLBACK], **metadata)
    clock = SettableClock(datetime.now(UTC))
    store = MemoryKvStore(clock)
    config = providers.oidc(
        issuer=provider.issuer,
        client_id=client.client_id,
        client_secret=client_secret or client.client_secret,
        redirect_uri=CALLBACK,
        scopes=("openid", "email", "profile", "offline_access"),
        end_session=end_session,
    )
    if metadata.get("token_endpoint_auth_method") == "client_secret_post":
        config = replace(config, preset=config.preset.model_copy(update={"client_auth": ClientAuth.POST}))
    backend = create_kv_oauth_backend(config, store=store, keys=KEYS, clock=clock, is_production=False)
    try:
        yield Registered(backend, provider, store, clock, config)
    finally:
        await backend.aclose()


@pytest.mark.parametrize(("login", "is_verified"), [("alice", True), ("bob", False)])
async def test_a_person_signs_in(oidc_provider: OidcProvider, login: str, is_verified: bool) -> None:
    async with _registered(oidc_provider) as registered:
        issued = (await registered.sign_in(login)).issued

        assert issued.user.email == f"{login}@example.test"
        assert issued.user.email_verified is is_verified
        assert [(each.issuer, each.subject) for each in issued.user.accounts] == [
            (oidc_provider.issuer, login)
        ]
        outcome = await registered.backend.authenticate(AuthRequest((issued.token,)))
        assert isinstance(outcome, Authenticated)


@pytest.mark.parametrize(
    "metadata",
    [{"token_endpoint_auth_method": "client_secret_post"}, {"id_token_signed_response_alg": "ES256"}],
)
async def test_a_registration_may_differ(oidc_provider: OidcProvider, metadata: dict[str, Any]) -> None:
    async with _registered(oidc_provider, **metadata) as registered:
        assert (await registered.sign_in("alice")).issued.user.name == "Alice Adams"


async def test_a_wrong_secret_signs_nobody_in(oidc_provider: OidcProvider) -> None:
    async with _registered(oidc_provider, client_secret="not-the-one") as registered:
        with pytest.raises(FlowRefusedError) as refusal:
            await registered.sign_in("alice")

    assert refusal.value.code is FlowReason.CODE_REFUSED


async def test_a_grant_rotates_and_ends_the_session_when_an_old_one_is_used_again(
    oidc_provider: OidcProvider,
) -> None:
    async with _registered(oidc_provider) as registered:
        issued = (await registered.sign_in("alice")).issued
        key = grant_key(issued.session.handle)
        first = await registered.store.get(key)
        assert first is not None

        for _ in range(2):
            await registered.backend.sessions.refresh(issued.session.handle)
            registered.clock.advance(MINUTE)
        second = await registered.store.get(key)
        await registered.store.commit(puts=[Put(key, first.value)])

        with pytest.raises(SessionEndedError):
            await registered.backend.sessions.refresh(issued.session.handle)

        assert second is not None
        assert second.value != first.value
        outcome = await registered.backend.authenticate(AuthRequest((issued.token,)))
        assert outcome == Anonymous(AnonymousReason.SESSION_REVOKED)


async def test_reads_of_two_processes_after_the_tokens_expiry_redeem_the_refresh_token_once(
    oidc_provider: OidcProvider,
) -> None:
    async with _registered(oidc_provider) as registered:
        issued = (await registered.sign_in("alice")).issued
        first = await registered.refresh_token(issued.session.handle)
        backends = [registered.backend, registered.open_another()]
        registered.clock.advance(ACCESS_TOKEN_LIFE)

        outcomes = await asyncio.gather(
            *(backend.authenticate(AuthRequest((issued.token,))) for backend in backends * 25)
        )
        for backend in backends:
            await backend.settle()
        await backends[1].aclose()

        assert {type(outcome) for outcome in outcomes} == {Authenticated}
        successor = await registered.refresh_token(issued.session.handle)
        assert successor != first
        assert await registered.accepts(successor), "a second use would have ended all of them"


async def test_a_sign_out_is_told_to_the_provider(oidc_provider: OidcProvider) -> None:
    async with _registered(oidc_provider) as registered:
        here, there = [(await registered.sign_in("alice")).issued.session.handle for _ in range(2)]
        tokens = [await registered.refresh_token(handle) for handle in (here, there)]

        signed_out = await registered.backend.signout.end(SignoutRequest(here, SIGNED_OUT, "a-state"))

        assert signed_out == SignedOut(1, UpstreamStatus.DONE)
        assert [await registered.accepts(token) for token in tokens] == [False, True]


async def test_a_browser_is_signed_out_at_the_provider_and_comes_back_with_its_state(
    oidc_provider: OidcProvider,
) -> None:
    async with _registered(
        oidc_provider, end_session=True, post_logout_redirect_uris=[SIGNED_OUT]
    ) as registered:
        handle = (await registered.sign_in("alice")).issued.session.handle
        token = await registered.refresh_token(handle)

        signed_out = await registered.backend.signout.end(SignoutRequest(handle, SIGNED_OUT, "a-state"))

        assert signed_out.end_session_url is not None
        assert await oidc_provider.sign_out(signed_out.end_session_url) == f"{SIGNED_OUT}?state=a-state"
        registered.clock.advance(5 * MINUTE)
        await registered.backend.upkeep.run()
        assert not await registered.accepts(token)


async def test_who_is_remembered_by_the_provider_has_to_sign_in_again_where_that_is_wished(
    oidc_provider: OidcProvider,
) -> None:
    asked: list[httpx.URL] = []

    async def note(request: httpx.Request) -> None:
        if b"prompt=login" in request.content:
            asked.append(request.url)

    async with _registered(oidc_provider) as registered, oidc_provider.new_browser() as browser:
        browser.event_hooks = {"request": [note]}
        await registered.sign_in("alice", browser=browser)

        await registered.sign_in("alice", browser=browser, max_age=60 * MINUTE)
        remembered = len(asked)
        await registered.sign_in("alice", browser=browser, max_age=timedelta(0))

        assert (remembered, len(asked)) == (1, 2), "each of the three has proven what was wished"
