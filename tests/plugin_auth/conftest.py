"""A running auth-api for the tests of its endpoints."""

from collections.abc import AsyncGenerator

import httpx
import pytest

from tests.support.auth_api import AuthApi, running_auth_api


@pytest.fixture
async def api() -> AsyncGenerator[AuthApi]:
    async with running_auth_api() as running:
        yield running


@pytest.fixture
async def browser(api: AuthApi) -> AsyncGenerator[httpx.AsyncClient]:
    async with api.browser() as client:
        yield client


@pytest.fixture
async def program(api: AuthApi) -> AsyncGenerator[httpx.AsyncClient]:
    async with api.program() as client:
        yield client
