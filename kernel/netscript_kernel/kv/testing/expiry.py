"""A record ends at its instant, by our clock, for every method."""

from datetime import datetime, timedelta, timezone

import pytest

from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.port import Check, IndexEntry, KvStorePort, Put

MINUTE = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


class ExpiryRules:
    """Whether the store has purged a record yet never shows."""

    async def test_a_record_is_there_until_its_instant(
        self, store: KvStorePort, clock: SettableClock
    ) -> None:
        """One microsecond before it, every method sees it."""
        version = await _put_for_a_minute(store, clock)

        clock.advance(MINUTE - MOMENT)

        assert await store.get("key") is not None
        assert await store.commit(checks=[Check("key", version)]) is not None
        assert await store.commit(checks=[Check("key", None)]) is None
        assert len(await store.list_owned("owner")) == 1
        assert await store.sweep() == 0
        assert await store.take("key") is not None

    async def test_a_record_is_gone_from_its_instant_on(
        self, store: KvStorePort, clock: SettableClock
    ) -> None:
        """At the very microsecond, no method sees it."""
        version = await _put_for_a_minute(store, clock)

        clock.advance(MINUTE)

        assert await store.get("key") is None
        assert await store.take("key") is None
        assert list(await store.list_owned("owner")) == []
        assert await store.commit(checks=[Check("key", version)]) is None
        assert await store.commit(checks=[Check("key", None)]) is not None

    async def test_an_expired_record_leaves_its_key_free(
        self, store: KvStorePort, clock: SettableClock
    ) -> None:
        """A new one does not inherit its end, nor its place in an index."""
        await _put_for_a_minute(store, clock)
        clock.advance(MINUTE)

        version = await store.commit(checks=[Check("key", None)], puts=[Put("key", b"new")])
        clock.advance(timedelta(days=3650))

        entry = await store.get("key")
        assert entry is not None
        assert (entry.value, entry.version) == (b"new", version)
        assert list(await store.list_owned("owner")) == []

    async def test_a_second_put_moves_the_end(self, store: KvStorePort, clock: SettableClock) -> None:
        """Later, or to never."""
        await _put_for_a_minute(store, clock)
        await store.commit(puts=[Put("key", b"", expires_at=clock.now() + 2 * MINUTE)])

        clock.advance(MINUTE)
        assert await store.get("key") is not None
        clock.advance(MINUTE)
        assert await store.get("key") is None

    async def test_a_second_put_may_bring_the_end_closer(
        self, store: KvStorePort, clock: SettableClock
    ) -> None:
        """The last commit counts."""
        await store.commit(puts=[Put("key", b"", expires_at=clock.now() + 9 * MINUTE)])
        await store.commit(puts=[Put("key", b"", expires_at=clock.now() + MINUTE)])

        clock.advance(MINUTE)

        assert await store.get("key") is None

    async def test_a_record_put_with_a_past_end_is_not_there(
        self, store: KvStorePort, clock: SettableClock
    ) -> None:
        """It replaces what was there all the same."""
        await store.commit(puts=[Put("key", b"old")])

        assert await store.commit(puts=[Put("key", b"new", expires_at=clock.now())]) is not None

        assert await store.get("key") is None

    async def test_an_end_in_another_time_zone_is_the_same_instant(
        self, store: KvStorePort, clock: SettableClock
    ) -> None:
        """Aware times are compared as instants."""
        elsewhere = (clock.now() + MINUTE).astimezone(timezone(timedelta(hours=-5)))
        await store.commit(puts=[Put("key", b"", expires_at=elsewhere)])

        clock.advance(MINUTE - MOMENT)
        assert await store.get("key") is not None
        clock.advance(MOMENT)
        assert await store.get("key") is None

    async def test_an_end_without_a_time_zone_is_refused(self, store: KvStorePort) -> None:
        """It would mean the machine's zone, which nobody meant."""
        naive = datetime(2030, 1, 1)  # noqa: DTZ001 - the mistake under test

        with pytest.raises(ValueError, match="time zone"):
            await store.commit(puts=[Put("key", b"", expires_at=naive)])

        assert await store.get("key") is None

    async def test_a_sweep_counts_what_has_expired_and_leaves_the_rest(
        self, store: KvStorePort, clock: SettableClock
    ) -> None:
        """What lives is untouched, indexes included."""
        end = clock.now() + MINUTE
        index = [IndexEntry("owner", 1)]
        await store.commit(puts=[Put(f"short/{n}", b"", end, index) for n in range(5)])
        await store.commit(puts=[Put("long", b"1", end + MOMENT, index), Put("kept", b"2", index=index)])
        clock.advance(MINUTE)

        swept = await store.sweep()

        assert swept == 5
        assert await store.sweep() == 0
        assert [entry.key for entry in await store.list_owned("owner")] == ["kept", "long"]
        assert await store.get("long") is not None

    async def test_a_sweep_stops_at_its_limit(self, store: KvStorePort, clock: SettableClock) -> None:
        """Calling until 0 ends the work."""
        await store.commit(puts=[Put(f"{n}", b"", clock.now()) for n in range(7)])

        assert [await store.sweep(limit=3) for _ in range(4)] == [3, 3, 1, 0]

    async def test_a_sweep_forgets_the_old_end_of_a_record_written_again(
        self, store: KvStorePort, clock: SettableClock
    ) -> None:
        """A session that was prolonged is not swept at its first end."""
        await _put_for_a_minute(store, clock)
        await store.commit(puts=[Put("key", b"longer", clock.now() + 2 * MINUTE)])
        clock.advance(MINUTE)

        assert await store.sweep() == 0
        assert await store.get("key") is not None

    async def test_a_sweep_of_nothing_at_a_time_is_refused(self, store: KvStorePort) -> None:
        """It could never end."""
        with pytest.raises(ValueError, match="limit"):
            await store.sweep(limit=0)


async def _put_for_a_minute(store: KvStorePort, clock: SettableClock) -> int | None:
    return await store.commit(puts=[Put("key", b"value", clock.now() + MINUTE, [IndexEntry("owner", 1)])])
