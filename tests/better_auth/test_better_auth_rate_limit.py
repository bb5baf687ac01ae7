"""A real better-auth server that counts requests, as in production, and takes ours for one client's."""

from collections import Counter
from collections.abc import AsyncGenerator, Iterator

import pytest

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Authenticated, AuthRequest
from tests.better_auth.subjects import Setting, open_setting, request_of
from tests.support.better_auth import BetterAuthServer, run_better_auth

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def counting_server() -> Iterator[BetterAuthServer]:
    with run_better_auth(rate_limit=True) as server:
        yield server


@pytest.fixture(params=[True, False], ids=["with the secret", "without the secret"])
async def setting(
    counting_server: BetterAuthServer, request: pytest.FixtureRequest
) -> AsyncGenerator[Setting]:
    secret = counting_server.secret if request.param else None
    async with open_setting(counting_server, secret=secret) as setting:
        yield setting


async def _outcome(setting: Setting, request: AuthRequest) -> str:
    try:
        return type(await setting.backend.authenticate(request)).__name__
    except BackendUnavailableError:
        return "away"


async def test_a_strangers_made_up_tokens_do_not_use_up_what_signed_in_people_may_ask(
    setting: Setting,
) -> None:
    person = request_of(await setting.people.sign_in())
    await setting.backend.authenticate(person)

    junk = [AuthRequest(headers={"authorization": f"Bearer junk{number:028d}"}) for number in range(150)]
    strangers = Counter([await _outcome(setting, each) for each in junk])

    assert isinstance(await setting.backend.authenticate(person), Authenticated)
    assert "Authenticated" not in strangers
