"""The kit of the port, before WorkOS's own emulator."""

from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest

from netscript_auth_core.ports import AuthBackendPort, AuthRequest
from netscript_auth_core.testing import AuthBackendConformance, BackendUnderTest
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from tests.support.workos_emulator import WorkOSEmulator
from tests.workos.workos_desk import Desk, open_desk

pytestmark = pytest.mark.peer


def _subject(desk: Desk, visit: Callable[[str], Awaitable[AuthRequest]]) -> BackendUnderTest:
    async def reopen() -> AuthBackendPort:
        backend = desk.open()
        await backend.start()
        return backend

    return BackendUnderTest(
        backend=desk.backend,
        clock=desk.clock,
        store=desk.store,
        store_outage=desk.store.outage,
        identity_provider=desk,
        paused_refresh=desk.wire.paused_refresh,
        upstream_session=visit,
        reopen=reopen,
        events=desk.events,
    )


class TestSealedCookie(AuthBackendConformance):
    """Sessions that an application with a WorkOS SDK keeps in a sealed cookie."""

    @pytest.fixture
    async def subject(self, workos_emulator: WorkOSEmulator) -> AsyncGenerator[BackendUnderTest]:
        async with open_desk(workos_emulator) as desk:
            yield _subject(desk, desk.visit)


@pytest.mark.full
class TestSignInThroughUs(AuthBackendConformance):
    """Sessions of our own, that begin at AuthKit."""

    @pytest.fixture
    async def subject(self, workos_emulator: WorkOSEmulator) -> AsyncGenerator[BackendUnderTest]:
        async with open_desk(workos_emulator) as desk:

            async def reopen(keys: KeyRing | None = None) -> AuthBackendPort:
                backend = desk.open_interactive(keys)
                await backend.start()
                return backend

            async def change_key() -> AuthBackendPort:
                return await reopen(KeyRing([*parse_keys(generate_key()), *parse_keys(desk.key)]))

            backend = await reopen()
            try:
                yield BackendUnderTest(
                    backend=backend,
                    clock=desk.clock,
                    store=desk.store,
                    store_outage=desk.store.outage,
                    identity_provider=desk,
                    paused_refresh=desk.wire.paused_refresh,
                    reopen=reopen,
                    change_key=change_key,
                    events=desk.events,
                )
            finally:
                await backend.aclose()
