"""The reference backend keeps every sentence of the port."""

from collections.abc import AsyncGenerator

import pytest

from netscript_auth_core.testing import AuthBackendConformance, BackendUnderTest
from netscript_auth_core.testing.memory_subject import memory_subject


class TestMemoryBackend(AuthBackendConformance):
    @pytest.fixture
    async def subject(self) -> AsyncGenerator[BackendUnderTest, None]:
        async with memory_subject() as subject:
            yield subject
