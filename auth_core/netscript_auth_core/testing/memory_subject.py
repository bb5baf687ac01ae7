"""The memory backend as the kit wants it: an example of what an adapter gives."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.memory import MemoryAuthBackend, PretendProvider, Storage
from netscript_auth_core.testing.backend_under_test import BackendUnderTest
from netscript_auth_core.testing.recorded_events import RecordedEvents
from netscript_auth_core.testing.store_outage import InterruptibleKvStore
from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.memory import MemoryKvStore


@asynccontextmanager
async def memory_subject(
    backend_type: type[MemoryAuthBackend] = MemoryAuthBackend,
) -> AsyncGenerator[BackendUnderTest, None]:
    """Open a memory backend, or one derived from it, with everything around it."""
    clock, provider, storage, events = SettableClock(), PretendProvider(), Storage(), RecordedEvents()
    store = InterruptibleKvStore(MemoryKvStore(clock))
    users = UserDirectory(store, clock)

    async def open_backend() -> MemoryAuthBackend:
        backend = backend_type(users, clock, provider=provider, storage=storage, events=events, store=store)
        await backend.start()
        return backend

    @asynccontextmanager
    async def store_outage() -> AsyncGenerator[None, None]:
        storage.is_away = True
        try:
            async with store.outage():
                yield
        finally:
            storage.is_away = False

    backend = await open_backend()
    try:
        yield BackendUnderTest(
            backend=backend,
            clock=clock,
            store=store,
            store_outage=store_outage,
            identity_provider=provider,
            paused_refresh=provider.paused_refresh,
            logout_tokens=provider,
            remembered_sign_in=provider.remembered_sign_in,
            reopen=open_backend,
            events=events,
        )
    finally:
        await backend.aclose()
