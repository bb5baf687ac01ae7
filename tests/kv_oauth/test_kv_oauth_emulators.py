"""Presets at somebody else's emulators of their providers.

The emulators stand at addresses of their own, so a preset is moved there; nothing else of it is changed but
what ``MOVED`` says; okta's is moved as an operator would, by its issuer. They prove the shape of requests and
answers. Not proven by them: PKCE at github and apple, apple's client secret, and whether a made-up access
token is refused, by any but okta's.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pydantic import SecretStr

from netscript_auth_core.errors import FlowRefusedError
from netscript_auth_core.ports import CallbackRequest, IssuedSession, SigninRequest
from netscript_auth_core.reasons import FlowReason
from netscript_auth_kv_oauth import KvOAuthBackend, ProviderConfig, create_kv_oauth_backend
from netscript_auth_kv_oauth.configuration.provider_config import make_config
from netscript_auth_kv_oauth.presets.files import get_preset
from netscript_auth_kv_oauth.presets.schema import ProviderPreset
from tests.kv_oauth.preset_peers import PEM
from tests.kv_oauth.pretend import KEYS
from tests.kv_oauth.proofs import RUN_AT_AN_EMULATOR
from tests.support.emulators import CALLBACK, TENANT, Emulators

pytestmark = pytest.mark.peer

CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"


def _google(preset: ProviderPreset, url: str) -> dict[str, Any]:
    # Its metadata offers Basic, and its token endpoint does not take it.
    return {"issuer": url, "client_auth": "client_secret_post"}


def _github(preset: ProviderPreset, url: str) -> dict[str, Any]:
    moved = {
        "authorization": f"{url}/login/oauth/authorize",
        "token": f"{url}/login/oauth/access_token",
        "userinfo": f"{url}/user",
    }
    call = preset.email_call
    assert call is not None
    # It separates granted scopes by spaces, where GitHub has commas.
    return {
        "endpoints": moved,
        "email_call": {**call.model_dump(), "endpoint": f"{url}/user/emails"},
        "token_response": {**preset.token_response.model_dump(), "scope_separator": " "},
    }


def _microsoft(preset: ProviderPreset, url: str) -> dict[str, Any]:
    tenants = preset.id_token.tenants
    assert tenants is not None
    # The metadata of common names the tenant of consumers, where Entra has a template.
    moved = {
        **tenants.model_dump(),
        "issuer": f"{url}/{{tid}}/v2.0",
        "many": {"common": f"{url}/{CONSUMERS}/v2.0"},
    }
    return {
        "issuer": f"{url}/{{tenant}}/v2.0",
        "id_token": {**preset.id_token.model_dump(), "tenants": moved},
    }


MOVED: dict[str, Callable[[ProviderPreset, str], dict[str, Any]]] = {
    "apple": lambda _, url: {"issuer": url},
    "github": _github,
    "google": _google,
    "microsoft": _microsoft,
    "okta": lambda _, __: {},
}
SAID: dict[str, dict[str, str | SecretStr]] = {
    "apple": {"team_id": "DEF123GHIJ", "key_id": "ABC123DEFG", "private_key": SecretStr(PEM)},
    "microsoft": {"tenant": TENANT},
}
VERIFIED = {"apple": True, "github": True, "google": True, "microsoft": False, "okta": True}


def _config(emulators: Emulators, preset_id: str, **said: str) -> ProviderConfig:
    url, preset = emulators.urls[preset_id], get_preset(preset_id)
    moved = MOVED[preset_id](preset, url)
    return make_config(
        ProviderPreset.model_validate({**preset.model_dump(), **moved}),
        client_id=emulators.client_id,
        client_secret=None if preset_id == "apple" else SecretStr(emulators.client_secret),
        redirect_uri=CALLBACK,
        issuer=url if preset_id == "okta" else None,
        parameters={**SAID.get(preset_id, {}), **said},
    )


async def _sign_in(backend: KvOAuthBackend, emulators: Emulators, login: str) -> IssuedSession:
    started = await backend.interactive.start(SigninRequest(None, "/"))
    parameters: Sequence[tuple[str, str]] = await emulators.sign_in(started.redirect_url, login)
    cookies = {started.cookie.flow_id: started.cookie.value}
    return (await backend.interactive.complete(CallbackRequest(parameters, flow_cookies=cookies))).issued


@pytest.mark.parametrize("preset_id", RUN_AT_AN_EMULATOR)
async def test_two_people_sign_in_and_are_told_apart(emulators: Emulators, preset_id: str) -> None:
    config = _config(emulators, preset_id)
    backend = create_kv_oauth_backend(config, keys=KEYS, is_production=False)

    alice = await _sign_in(backend, emulators, "alice")
    bob = await _sign_in(backend, emulators, "bob")
    again = await _sign_in(backend, emulators, "alice")

    assert (alice.user.email, bob.user.email) == ("alice@example.test", "bob@example.test")
    assert alice.user.email_verified is VERIFIED[preset_id]
    assert (alice.user.name, bob.user.name) == ("Alice Adams", "Bob Brown")
    assert (again.user.id == alice.user.id, bob.user.id == alice.user.id) == (True, False)
    assert alice.user.accounts[0].issuer == config.issuer
    await backend.aclose()


@pytest.mark.parametrize("preset_id", [each for each in RUN_AT_AN_EMULATOR if each != "apple"])
async def test_a_wrong_secret_signs_nobody_in(emulators: Emulators, preset_id: str) -> None:
    wrong = Emulators(emulators.urls, client_secret="not-the-one")
    backend = create_kv_oauth_backend(_config(wrong, preset_id), keys=KEYS, is_production=False)

    with pytest.raises(FlowRefusedError) as refusal:
        await _sign_in(backend, emulators, "alice")

    assert refusal.value.code is FlowReason.CODE_REFUSED
    await backend.aclose()


@pytest.mark.parametrize(("allowed", "comes_in"), [(TENANT, True), ("any", True), (CONSUMERS, False)])
async def test_of_many_tenants_only_the_allowed_ones_come_in(
    emulators: Emulators, allowed: str, comes_in: bool
) -> None:
    config = _config(emulators, "microsoft", tenant="common", allowed_tenants=allowed)
    backend = create_kv_oauth_backend(config, keys=KEYS, is_production=False)

    if comes_in:
        (account,) = (await _sign_in(backend, emulators, "alice")).user.accounts
        assert account.issuer == f"{emulators.urls['microsoft']}/{TENANT}/v2.0"
    else:
        with pytest.raises(FlowRefusedError):
            await _sign_in(backend, emulators, "alice")
    await backend.aclose()


async def test_apple_posts_the_answer_with_the_name_in_it(emulators: Emulators) -> None:
    backend = create_kv_oauth_backend(_config(emulators, "apple"), keys=KEYS, is_production=False)
    started = await backend.interactive.start(SigninRequest(None, "/"))

    posted = dict(await emulators.sign_in(started.redirect_url, "bob"))

    assert posted.keys() >= {"code", "state"}
    assert "user" not in posted or json.loads(posted["user"])["name"]["firstName"] == "Bob"
    await backend.aclose()
