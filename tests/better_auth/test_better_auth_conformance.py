"""The kit of the port before a real better-auth server, in each mode."""

from collections.abc import AsyncGenerator

import pytest

from netscript_auth_better_auth import Mode
from netscript_auth_core.testing import AuthBackendConformance, BackendUnderTest
from tests.better_auth.subjects import open_subject
from tests.support.better_auth import BetterAuthServer

pytestmark = pytest.mark.peer


class TestBetterAuthRemote(AuthBackendConformance):
    """Cookies, signed with a secret that only the server knows."""

    @pytest.fixture
    async def subject(self, better_auth: BetterAuthServer) -> AsyncGenerator[BackendUnderTest]:
        async with open_subject(better_auth) as subject:
            yield subject


@pytest.mark.full
class TestBetterAuthRemoteWithTheSecret(AuthBackendConformance):
    """The same, with the secret here as well."""

    @pytest.fixture
    async def subject(self, better_auth: BetterAuthServer) -> AsyncGenerator[BackendUnderTest]:
        async with open_subject(better_auth, secret=better_auth.secret) as subject:
            yield subject


class TestBetterAuthTokens(AuthBackendConformance):
    """Tokens of the jwt plugin."""

    @pytest.fixture
    async def subject(self, better_auth: BetterAuthServer) -> AsyncGenerator[BackendUnderTest]:
        async with open_subject(better_auth, Mode.JWT) as subject:
            yield subject
