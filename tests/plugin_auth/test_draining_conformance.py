"""Draining an earlier backend leaves the active one what it is: the port's kit holds both together to it."""

from collections.abc import AsyncGenerator

import pytest

from netscript_auth_core.testing import AuthBackendConformance, BackendUnderTest
from netscript_auth_core.testing.memory_subject import memory_subject
from tests.plugin_auth.draining import draining_subject


class TestDrainingBackend(AuthBackendConformance):
    @pytest.fixture
    async def subject(self) -> AsyncGenerator[BackendUnderTest]:
        async with memory_subject() as whole, draining_subject(whole) as subject:
            yield subject
