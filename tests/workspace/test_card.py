"""The packages of the design card live in one environment, and each works there (docs/decisions/0003)."""

# Authlib and redis leave some parameters and results untyped; mypy, which trusts them, checks this file, too.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Annotated

import fastapi
import httpx
import httpx2
import itsdangerous
import pytest
import respx
import workos
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc6749.parameters import parse_authorization_code_response, prepare_grant_uri
from jose import jwt as jose_jwt
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import ECKey
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from redis.asyncio import Redis

CARD = "authlib, fastapi, itsdangerous, jose, pydantic_settings, redis, respx, workos"
USERS = "https://api.example.test/user_management/users"


@pytest.fixture
def provider() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        yield router


def test_all_of_them_import_into_one_process_without_a_warning() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import {CARD}"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_authlib_writes_the_authorization_url_and_reads_the_answer() -> None:
    url = prepare_grant_uri("https://id.example.test/auth", "me", "code", state="s1", code_challenge="c1")

    answer = parse_authorization_code_response("https://app.example.test/callback?code=abc&state=s1", "s1")

    assert httpx.URL(url).params["code_challenge"] == "c1"
    assert answer["code"] == "abc"


async def test_respx_answers_our_http_client_while_the_workos_sdk_is_loaded(
    provider: respx.MockRouter,
) -> None:
    provider.post("https://id.example.test/token").respond(json={"access_token": "a"})

    async with httpx.AsyncClient() as client:
        answer = await client.post("https://id.example.test/token", data={"code": "abc"})

    assert answer.json() == {"access_token": "a"}
    assert httpx2.__name__ in sys.modules


async def test_the_http_client_that_authlib_would_use_passes_respx_by(provider: respx.MockRouter) -> None:
    route = provider.post("http://127.0.0.1:1/token").respond(
        json={"access_token": "a", "token_type": "bearer"}
    )

    async with AsyncOAuth2Client("me", "secret", trust_env=False) as client:
        with pytest.raises(httpx2.ConnectError):
            await client.fetch_token("http://127.0.0.1:1/token", code="abc")

    assert issubclass(AsyncOAuth2Client, httpx2.AsyncClient)
    assert not route.called


async def test_the_workos_sdk_sends_through_a_client_of_ours_when_given_one(
    provider: respx.MockRouter,
) -> None:
    user = dict.fromkeys(("first_name", "last_name", "profile_picture_url", "last_sign_in_at", "external_id"))
    times = dict.fromkeys(("created_at", "updated_at"), "2026-11-01T00:00:00.000Z")
    known = {"object": "user", "id": "user_1", "email": "a@example.test", "email_verified": True}
    provider.get(f"{USERS}/user_1").respond(json=user | times | known)

    async with httpx.AsyncClient() as client:
        sdk = workos.AsyncWorkOSClient(
            api_key="sk_test", client_id="me", base_url="https://api.example.test", http_client=client
        )
        found = await sdk.user_management.get_user("user_1")

    assert found.email == "a@example.test"


def test_itsdangerous_reads_what_an_older_key_signed() -> None:
    signed = itsdangerous.URLSafeTimedSerializer(["old"], salt="flow").dumps({"state": "s1"})

    read = itsdangerous.URLSafeTimedSerializer(["old", "new"], salt="flow").loads(signed, max_age=600)

    assert read == {"state": "s1"}


async def test_redis_keeps_a_record_on_a_real_server_until_it_expires(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as client:
        await client.set("session", b"sealed", px=60_000, nx=True)

        again = await client.set("session", b"other", px=60_000, nx=True)

        assert again is None
        assert await client.get("session") == b"sealed"
        assert 0 < await client.pttl("session") <= 60_000


async def test_fastapi_answers_over_asgi_and_refuses_what_does_not_fit() -> None:
    app = fastapi.FastAPI()

    @app.get("/double")
    async def double(number: Annotated[int, fastapi.Query()]) -> dict[str, int]:
        return {"result": number * 2}

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
        good, bad = await client.get("/double?number=21"), await client.get("/double?number=x")

    assert good.json() == {"result": 42}
    assert bad.status_code == httpx.codes.UNPROCESSABLE_ENTITY


def test_pydantic_settings_reads_the_environment_and_hides_the_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Settings(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="CARD_", frozen=True)

        client_id: str
        client_secret: SecretStr

    monkeypatch.setenv("CARD_CLIENT_ID", "me")
    monkeypatch.setenv("CARD_CLIENT_SECRET", "hunter2")

    settings = Settings.model_validate({})

    assert settings.client_id == "me"
    assert "hunter2" not in repr(settings)


def test_joserfc_verifies_what_python_jose_signed() -> None:
    key = ECKey.generate_key("P-256")
    claims = {"iss": "https://auth.example.test", "sub": "user_1", "exp": int(time.time()) + 60}

    token = jose_jwt.encode(claims, key.as_pem(private=True).decode(), algorithm="ES256")

    assert joserfc_jwt.decode(token, key, algorithms=["ES256"]).claims == claims
