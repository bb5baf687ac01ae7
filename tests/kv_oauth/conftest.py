"""The stores that a session may be kept in, by their URLs, and a desk in front of each of them."""

from collections.abc import AsyncGenerator

import pytest

from tests.kv_oauth.desks import Desk, open_desk


@pytest.fixture(params=["memory", "sqlite", "redis"])
def store_url(request: pytest.FixtureRequest) -> str:
    """A store that holds nothing when the test starts; tests of several processes leave memory out."""
    match request.param:
        case "memory":
            return "memory://"
        case "sqlite":
            # No test cuts the power, and waiting for the disk at each commit is half of what they take.
            return f"sqlite:///{request.getfixturevalue('tmp_path')}/auth.db?synchronous=normal"
        case _:
            url: str = request.getfixturevalue("redis_url")
            return url


@pytest.fixture
async def desk(store_url: str) -> AsyncGenerator[Desk]:
    """A desk on each store."""
    async with open_desk(store_url) as desk:
        yield desk
