"""The whole kit."""

import pytest

from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.testing.commits import CommitRules
from netscript_kernel.kv.testing.expiry import ExpiryRules
from netscript_kernel.kv.testing.index import IndexRules
from netscript_kernel.kv.testing.life import LifeRules
from netscript_kernel.kv.testing.records import RecordRules


@pytest.mark.anyio
class KvStoreConformance(RecordRules, CommitRules, ExpiryRules, IndexRules, LifeRules):
    """Judges a store by the sentences of ``KvStorePort``.

    A subclass gives the fixture ``store``: an empty store that goes by the fixture ``clock`` and is closed
    afterwards.
    """

    @pytest.fixture
    def clock(self) -> SettableClock:
        """Give the store's time, which the tests move."""
        return SettableClock()
