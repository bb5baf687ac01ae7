"""The example of an application that has auth-api mounted beside it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI

from examples.greeting import create_app
from netscript_auth_core.domain import Device, ExternalIdentity
from netscript_auth_kv_oauth import create_kv_oauth_backend, providers
from netscript_kernel.clock import SystemClock
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.sqlite import open_sqlite_store

ISSUER = "http://localhost:9094"


def environment(folder: Path) -> dict[str, str]:
    return {
        "NETSCRIPT_PROFILE": "development",
        "NETSCRIPT_DATA_DIR": str(folder),
        "NETSCRIPT_AUTH_ISSUER": ISSUER,
        "NETSCRIPT_AUTH_CLIENT_ID": "netscript-dev",
    }


@asynccontextmanager
async def running(app: FastAPI) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost:8094") as browser,
    ):
        yield browser


async def session_of(name: str, folder: Path) -> str:
    """Start a session beside the service, on its store, and return its token."""
    clock = SystemClock()
    store = await open_sqlite_store(folder / "kv.db", clock)
    provider = providers.oidc(issuer=ISSUER, client_id="netscript-dev", redirect_uri="http://localhost:8094/")
    keys = KeyRing([bytes(range(32))])
    backend = create_kv_oauth_backend(provider, store=store, keys=keys, clock=clock, is_production=False)
    identity = ExternalIdentity(issuer=ISSUER, subject="1", provider_id="oidc", name=name)
    issued = await backend.sessions.create(identity, Device())
    await backend.aclose()
    await store.aclose()
    return issued.token


async def test_the_application_and_auth_api_answer_on_one_host(tmp_path: Path) -> None:
    async with running(create_app(environment(tmp_path))) as browser:
        nobody = await browser.get("/hello")
        page = await browser.get("/account", headers={"accept": "text/html"})

    assert (nobody.status_code, nobody.text) == (401, "Hello, whoever you are.")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")


async def test_it_greets_whoever_is_signed_in(tmp_path: Path) -> None:
    async with running(create_app(environment(tmp_path))) as browser:
        token = await session_of("Alice", tmp_path)

        answer = await browser.get("/hello", headers={"cookie": f"netscript-session={token}"})

    assert (answer.status_code, answer.text) == (200, "Hello, Alice.")
