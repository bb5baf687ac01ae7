"""Plain OAuth 2.0 at a certified provider, of which only addresses are known."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from netscript_auth_core.errors import FlowRefusedError, SessionEndedError
from netscript_auth_core.ports import CallbackRequest, IssuedSession, SigninRequest
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth import KvOAuthBackend, ProviderConfig, create_kv_oauth_backend, providers
from netscript_auth_kv_oauth.grants.grants import grant_key
from netscript_auth_kv_oauth.grants.refresh_leases import LEASE
from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import Put
from tests.kv_oauth.pretend import KEYS
from tests.support.oidc_provider import OidcProvider

pytestmark = pytest.mark.peer

CALLBACK = "http://127.0.0.1:1/callback"


async def _config(provider: OidcProvider, secret: str | None = None) -> ProviderConfig:
    client = await provider.register([CALLBACK])
    # Its userinfo opens only where the scope openid was asked for; the id token is not looked at.
    return providers.preset(
        "oauth2",
        {
            "authorization_endpoint": f"{provider.issuer}/auth",
            "token_endpoint": f"{provider.issuer}/token",
            "userinfo_endpoint": f"{provider.issuer}/me",
        },
        issuer=provider.issuer,
        client_id=client.client_id,
        client_secret=secret or client.client_secret,
        redirect_uri=CALLBACK,
        scopes=("openid", "email", "profile", "offline_access"),
    )


async def _sign_in(backend: KvOAuthBackend, provider: OidcProvider) -> IssuedSession:
    started = await backend.interactive.start(SigninRequest(None, "/"))
    back = await provider.sign_in(started.redirect_url, "alice")
    cookies = {started.cookie.flow_id: started.cookie.value}
    request = CallbackRequest(parse_qsl(urlsplit(back).query), flow_cookies=cookies)
    return (await backend.interactive.complete(request)).issued


async def test_a_person_signs_in_and_the_grant_is_refreshed_until_an_old_token_is_used(
    oidc_provider: OidcProvider,
) -> None:
    clock = SettableClock(datetime.now(UTC))
    store = MemoryKvStore(clock)
    config = await _config(oidc_provider)
    backend = create_kv_oauth_backend(config, store=store, clock=clock, keys=KEYS, is_production=False)

    issued = await _sign_in(backend, oidc_provider)
    first = await store.get(grant_key(issued.session.handle))
    await backend.sessions.refresh(issued.session.handle)

    assert (issued.user.name, issued.user.email) == ("Alice Adams", "alice@example.test")
    assert [(each.issuer, each.subject) for each in issued.user.accounts] == [(oidc_provider.issuer, "alice")]
    assert first is not None
    await store.commit(puts=[Put(first.key, first.value)])
    clock.advance(LEASE)
    with pytest.raises(SessionEndedError):
        await backend.sessions.refresh(issued.session.handle)
    await backend.aclose()


async def test_a_wrong_secret_signs_nobody_in(oidc_provider: OidcProvider) -> None:
    config = await _config(oidc_provider, secret="not-the-one")
    backend = create_kv_oauth_backend(config, keys=KEYS, is_production=False)

    with pytest.raises(FlowRefusedError) as refusal:
        await _sign_in(backend, oidc_provider)

    assert refusal.value.code is FlowReason.CODE_REFUSED
    await backend.aclose()
