"""What a store says of itself, and its end."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.port import Commit, KvStorePort, Put

USES: dict[str, Callable[[KvStorePort], Awaitable[object]]] = {
    "get": lambda store: store.get("key"),
    "commit": lambda store: store.commit(puts=[Put("key", b"")]),
    "commit_each": lambda store: store.commit_each([Commit(puts=[Put("key", b"")])]),
    "take": lambda store: store.take("key"),
    "list_owned": lambda store: store.list_owned("owner"),
    "sweep": lambda store: store.sweep(),
    "check_health": lambda store: store.check_health(),
}


class LifeRules:
    """From open to closed."""

    async def test_it_is_the_port(self, store: KvStorePort) -> None:
        """It has a name for messages and says whether it is durable."""
        assert isinstance(store, KvStorePort)
        assert store.name
        assert store.durable in (True, False)

    async def test_an_open_store_is_healthy(self, store: KvStorePort) -> None:
        """Asking leaves no trace."""
        await store.check_health()

        assert await store.sweep() == 0

    async def test_closing_twice_is_no_fault(self, store: KvStorePort) -> None:
        """One after the other, or at the same time."""
        await store.commit(puts=[Put("key", b"")])

        await asyncio.gather(store.aclose(), store.aclose())
        await store.aclose()

        with pytest.raises(StoreUnavailableError):
            await store.get("key")

    async def test_closing_finishes_the_writes_under_way(self, store: KvStorePort) -> None:
        """Each of them was accepted, so each has its answer."""
        writes = [asyncio.ensure_future(store.commit(puts=[Put(f"{n}", b"")])) for n in range(20)]
        await asyncio.sleep(0)

        await store.aclose()

        assert None not in await asyncio.gather(*writes)

    @pytest.mark.parametrize("use", USES)
    async def test_a_closed_store_does_not_answer(self, store: KvStorePort, use: str) -> None:
        """That is an error, never "not there"."""
        await store.aclose()

        with pytest.raises(StoreUnavailableError):
            await USES[use](store)
