"""What every KvStore must do, as one pytest class to inherit from. Needs the extra ``testing``.

Example::

    class TestMyStore(KvStoreConformance):
        @pytest.fixture
        async def store(self, clock: SettableClock) -> AsyncIterator[KvStorePort]:
            store = await open_my_store(clock)
            yield store
            await store.aclose()
"""

import pytest

for _rules in ("records", "commits", "expiry", "index", "life"):
    pytest.register_assert_rewrite(f"{__name__}.{_rules}")

# After the lines above, so that a failed assertion shows both of its sides.
from netscript_kernel.kv.testing.conformance import KvStoreConformance  # noqa: E402

__all__ = ["KvStoreConformance"]
