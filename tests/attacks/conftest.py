"""The world that most attacks happen in."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.attacks.opening import open_world
from tests.attacks.world import World
from tests.support.web_browser import WebBrowser


class Worlds:
    """Lends one world after the other; building a service anew takes longer than most attacks."""

    def __init__(self) -> None:
        self._open = AsyncExitStack()
        self._free: World | None = None

    async def take(self) -> World:
        """Return a world in which nothing has happened yet."""
        if self._free is None:
            await self.close()
            self._free = await self._open.enter_async_context(open_world())
        taken, self._free = self._free, None
        return taken

    async def give_back(self, world: World) -> None:
        """Keep it for the next one, unless something was done to it that sticks."""
        await world.settle()
        if world.can_begin_anew:
            world.begin_anew()
            self._free = world

    async def close(self) -> None:
        """Let go of it."""
        await self._open.aclose()


@pytest.fixture(scope="module")
async def worlds() -> AsyncGenerator[Worlds]:
    kept = Worlds()
    yield kept
    await kept.close()


@pytest.fixture
async def world(worlds: Worlds) -> AsyncGenerator[World]:
    taken = await worlds.take()
    yield taken
    await worlds.give_back(taken)


@pytest.fixture(params=["memory", "sqlite"])
async def either_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[World]:
    async with open_world(sqlite=tmp_path / "kv.db" if request.param == "sqlite" else None) as running:
        yield running


@pytest.fixture
async def two_providers() -> AsyncGenerator[World]:
    async with open_world(several=True) as running:
        yield running


@pytest.fixture
def victim(world: World) -> WebBrowser:
    """Somebody's browser."""
    return world.browser()


@pytest.fixture
def attacker(world: World) -> WebBrowser:
    """The browser of somebody who wants to be somebody else."""
    return world.browser()
