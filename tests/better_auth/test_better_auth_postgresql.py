"""The same before a better-auth server that keeps its sessions in PostgreSQL, as in production."""

from collections.abc import AsyncGenerator, Iterator

import pytest

from netscript_auth_better_auth import Mode
from netscript_auth_core.ports import Anonymous, Authenticated
from netscript_auth_core.testing import AuthBackendConformance, BackendUnderTest
from tests.better_auth.subjects import open_setting, open_subject
from tests.support.better_auth import BetterAuthServer, run_better_auth

pytestmark = [pytest.mark.peer, pytest.mark.slow]


@pytest.fixture(scope="module")
def better_auth_on_postgresql(postgresql_url: str) -> Iterator[BetterAuthServer]:
    with run_better_auth(database=postgresql_url) as server:
        yield server


async def test_sessions_in_postgresql_are_read_listed_and_ended(
    better_auth_on_postgresql: BetterAuthServer,
) -> None:
    server = better_auth_on_postgresql
    async with open_setting(server, secret=server.secret) as setting:
        here, there = await setting.request(), await setting.request()
        outcome = await setting.backend.authenticate(here)
        assert isinstance(outcome, Authenticated)
        user_id = outcome.identity.user.id

        listed = await setting.backend.sessions.list_for_user(user_id)
        ended = await setting.backend.sessions.revoke_all_for_user(user_id)

        assert (len(listed), ended) == (2, 2)
        for request in (here, there):
            assert isinstance(await setting.backend.authenticate(request), Anonymous)


@pytest.mark.full
class TestBetterAuthOnPostgresql(AuthBackendConformance):
    @pytest.fixture
    async def subject(self, better_auth_on_postgresql: BetterAuthServer) -> AsyncGenerator[BackendUnderTest]:
        async with open_subject(better_auth_on_postgresql) as subject:
            yield subject


@pytest.mark.full
class TestBetterAuthTokensOnPostgresql(AuthBackendConformance):
    @pytest.fixture
    async def subject(self, better_auth_on_postgresql: BetterAuthServer) -> AsyncGenerator[BackendUnderTest]:
        async with open_subject(better_auth_on_postgresql, Mode.JWT) as subject:
            yield subject
