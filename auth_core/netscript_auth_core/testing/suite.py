"""The kit as a suite of its own, for ``--auth-backend``; see ``netscript_auth_core.testing.plugin``."""

import inspect
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import cast

import pytest

from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.conformance import AuthBackendConformance
from netscript_auth_core.testing.plugin import FACTORY, OPTION, REPORT, Factory
from netscript_auth_core.testing.report import describe


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Backends run on asyncio."""
    return "asyncio"


class TestAuthBackend(AuthBackendConformance):
    """The backend that ``--auth-backend`` names."""

    @pytest.fixture
    async def subject(self, request: pytest.FixtureRequest) -> AsyncGenerator[BackendUnderTest, None]:
        """Open it anew for each test."""
        factory = request.config.stash.get(FACTORY, None)
        if factory is None:
            pytest.exit(f"say what to judge: {OPTION} MODULE:FACTORY", returncode=pytest.ExitCode.USAGE_ERROR)
        async with opened(factory) as subject:
            # pytest leaves the type of the node open.
            item = cast("pytest.Item", request.node)  # pyright: ignore[reportUnknownMemberType]
            # Travels with the report of the test, also from a worker process of pytest-xdist.
            item.user_properties.append((REPORT, describe(subject)))
            yield subject


@asynccontextmanager
async def opened(factory: Factory) -> AsyncGenerator[BackendUnderTest, None]:
    """Call a factory of any of the three kinds; close what it does not close itself.

    Raises:
        pytest.UsageError: it gave something else.
    """
    async with AsyncExitStack() as stack:
        made = factory()
        if isinstance(made, AbstractAsyncContextManager):
            yield _subject(await stack.enter_async_context(cast("AbstractAsyncContextManager[object]", made)))
            return
        subject = _subject(await made if inspect.isawaitable(made) else made)
        stack.push_async_callback(subject.backend.aclose)
        yield subject


def _subject(value: object) -> BackendUnderTest:
    if isinstance(value, BackendUnderTest):
        return value
    raise pytest.UsageError(f"{OPTION}: the factory gave {type(value).__name__}, not a BackendUnderTest")
