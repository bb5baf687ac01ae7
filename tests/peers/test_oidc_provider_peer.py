"""The certified provider does what the tests that use it count on."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.support.oidc_provider import OidcClient, OidcProvider, run_oidc_provider

pytestmark = pytest.mark.peer

CALLBACK = "http://127.0.0.1:1/callback"
VERIFIER = secrets.token_urlsafe(48)


async def _metadata(provider: OidcProvider) -> dict[str, str]:
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{provider.address}/.well-known/openid-configuration")
    document: dict[str, str] = answer.json()
    return document


def _authorization_url(provider: OidcProvider, client: OidcClient, **more: str) -> str:
    parameters = {
        "client_id": client.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid email offline_access",
        "prompt": "consent",
        "state": "a-state",
    }
    return f"{provider.issuer}/auth?{urlencode(parameters | more)}"


def _challenge() -> dict[str, str]:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    return {
        "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }


async def _token(provider: OidcProvider, client: OidcClient, **form: str) -> httpx.Response:
    async with httpx.AsyncClient(auth=(client.client_id, client.client_secret)) as http:
        return await http.post(f"{provider.issuer}/token", data=form)


def _query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def test_discovery_names_the_issuer_that_the_tests_were_given(oidc_provider: OidcProvider) -> None:
    document = await _metadata(oidc_provider)

    assert document["issuer"] == oidc_provider.issuer
    assert document["authorization_endpoint"] == f"{oidc_provider.issuer}/auth"


async def test_an_issuer_may_have_a_name_of_its_own() -> None:
    with run_oidc_provider(hostname="id.acme.localhost") as provider:
        document = await _metadata(provider)

    assert document["issuer"] == provider.issuer
    assert urlsplit(provider.issuer).hostname == "id.acme.localhost"


async def test_a_person_signs_in_and_the_refresh_token_rotates(oidc_provider: OidcProvider) -> None:
    client = await oidc_provider.register([CALLBACK])

    back = await oidc_provider.sign_in(_authorization_url(oidc_provider, client, **_challenge()), "bob")

    answer = _query(back)
    assert back.startswith(CALLBACK)
    assert (answer["iss"], answer["state"]) == (oidc_provider.issuer, "a-state")
    code = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": CALLBACK}
    first = (await _token(oidc_provider, client, **code, code_verifier=VERIFIER)).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = (await _token(oidc_provider, client, **refresh)).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert (await _token(oidc_provider, client, **refresh)).json()["error"] == "invalid_grant"


async def test_a_request_without_pkce_is_refused(oidc_provider: OidcProvider) -> None:
    client = await oidc_provider.register([CALLBACK])

    back = await oidc_provider.sign_in(_authorization_url(oidc_provider, client))

    assert _query(back)["error"] == "invalid_request"


async def test_the_provider_ends_when_the_block_does() -> None:
    with run_oidc_provider() as provider:
        address = provider.address

    async with httpx.AsyncClient() as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(address)
