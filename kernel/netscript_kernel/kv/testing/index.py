"""The ordered index of an owner."""

import math
from datetime import timedelta

import pytest

from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.port import Entry, IndexEntry, KvStorePort, Put


class IndexRules:
    """Listing what belongs to somebody."""

    async def test_an_owner_without_records_has_an_empty_list(self, store: KvStorePort) -> None:
        """A miss is a value."""
        assert list(await store.list_owned("nobody")) == []

    async def test_records_are_listed_by_rank(self, store: KvStorePort) -> None:
        """Whole entries, in ascending order, whatever the order of the puts."""
        ranks = [3.0, -1.5, math.inf, 0.0, 1.7e9, -math.inf, 2**53]
        version = await store.commit(puts=[_owned(f"{rank}", rank) for rank in ranks])

        listed = await store.list_owned("owner")

        assert version is not None
        assert list(listed) == [Entry(f"{rank}", b"value", version) for rank in sorted(ranks)]

    async def test_equal_ranks_stand_in_order_of_their_keys(self, store: KvStorePort) -> None:
        """By code point, as Python compares text."""
        keys = ["b", "a", "B", "é", "ab", "", "🔑", "\uffff", "10", "9"]
        await store.commit(puts=[_owned(key, 1) for key in keys])

        assert await _keys(store) == sorted(keys)

    async def test_pages_follow_one_another_without_gap_or_repeat(self, store: KvStorePort) -> None:
        """Across equal ranks too; after the last one comes an empty page."""
        await store.commit(puts=[_owned(f"{n:02}", n // 4) for n in range(10)])

        pages = [await _keys(store, limit=3)]
        for _ in range(4):
            pages.append(await _keys(store, limit=3, after=pages[-1][-1]))

        assert pages == [["00", "01", "02"], ["03", "04", "05"], ["06", "07", "08"], ["09"], []]

    async def test_a_page_after_an_unknown_key_is_empty(self, store: KvStorePort) -> None:
        """Unknown: never put, of another owner, or gone since."""
        await store.commit(puts=[_owned("a", 1), _owned("b", 2), _owned("z", 3)])
        await store.commit(puts=[Put("stranger", b"", index=[IndexEntry("other", 0)])])
        await store.commit(deletes=["a"])

        assert await _keys(store, after="never") == []
        assert await _keys(store, after="stranger") == []
        assert await _keys(store, after="a") == []

    async def test_a_page_after_an_expired_key_is_empty(
        self, store: KvStorePort, clock: SettableClock
    ) -> None:
        """Whether the store still has it makes no difference."""
        place = [IndexEntry("owner", 1)]
        await store.commit(puts=[Put("a", b"", clock.now() + timedelta(minutes=1), place), _owned("b", 2)])
        assert await _keys(store, after="a") == ["b"]

        clock.advance(timedelta(minutes=1))

        assert await _keys(store, after="a") == []

    async def test_a_limit_outside_of_1_to_1000_is_refused(self, store: KvStorePort) -> None:
        """Both ends are allowed."""
        await store.commit(puts=[_owned("a", 1), _owned("b", 2)])

        assert await _keys(store, limit=1) == ["a"]
        assert await _keys(store, limit=1000) == ["a", "b"]
        for limit in (-1, 0, 1001):
            with pytest.raises(ValueError, match="limit"):
                await store.list_owned("owner", limit=limit)

    async def test_a_list_without_a_limit_ends_at_100(self, store: KvStorePort) -> None:
        """The default of the port."""
        await store.commit(puts=[_owned(f"{n:03}", n) for n in range(101)])

        assert await _keys(store) == [f"{n:03}" for n in range(100)]

    async def test_owners_are_kept_apart(self, store: KvStorePort) -> None:
        """One name may begin with another."""
        owners = ["usr_1", "usr_10", "usr_", "USR_1", "usr%", ""]
        await store.commit(puts=[Put(f"of {owner}", b"", index=[IndexEntry(owner, 1)]) for owner in owners])

        for owner in owners:
            assert await _keys(store, owner) == [f"of {owner}"]

    async def test_a_record_may_stand_in_several_indexes(self, store: KvStorePort) -> None:
        """With a rank in each; deleting it takes it out of all."""
        both = [IndexEntry("first", 2), IndexEntry("second", 1)]
        await store.commit(puts=[Put("a", b"", index=both), Put("b", b"", index=[IndexEntry("first", 1)])])

        assert await _keys(store, "first") == ["b", "a"]
        assert await _keys(store, "second") == ["a"]

        await store.commit(deletes=["a"])

        assert await _keys(store, "first") == ["b"]
        assert await _keys(store, "second") == []

    async def test_a_second_put_gives_the_whole_new_place(self, store: KvStorePort) -> None:
        """What it does not name is taken out."""
        await store.commit(puts=[_owned("a", 1), _owned("b", 2)])

        await store.commit(puts=[_owned("a", 3)])
        assert await _keys(store) == ["b", "a"]

        await store.commit(puts=[Put("a", b"", index=[IndexEntry("other", 1)])])
        assert await _keys(store) == ["b"]
        assert await _keys(store, "other") == ["a"]

        await store.commit(puts=[Put("a", b"")])
        assert await _keys(store, "other") == []
        assert await store.get("a") is not None

    async def test_a_taken_record_leaves_its_index(self, store: KvStorePort) -> None:
        """And does not come back to it when it is put without one."""
        await store.commit(puts=[_owned("a", 1), _owned("b", 2)])

        await store.take("a")
        await store.commit(puts=[Put("a", b"again")])

        assert await _keys(store) == ["b"]

    async def test_an_owner_named_twice_in_one_put_is_refused(self, store: KvStorePort) -> None:
        """A record has one place in an index."""
        with pytest.raises(ValueError, match="owner"):
            await store.commit(puts=[Put("a", b"", index=[IndexEntry("owner", 1), IndexEntry("owner", 2)])])

        assert await store.get("a") is None

    async def test_a_rank_that_is_not_a_number_is_refused(self, store: KvStorePort) -> None:
        """It has no place in any order."""
        with pytest.raises(ValueError, match="rank"):
            await store.commit(puts=[_owned("a", math.nan)])

        assert await store.get("a") is None


def _owned(key: str, rank: float) -> Put:
    return Put(key, b"value", index=[IndexEntry("owner", rank)])


async def _keys(
    store: KvStorePort, owner: str = "owner", *, limit: int = 100, after: str | None = None
) -> list[str]:
    return [entry.key for entry in await store.list_owned(owner, limit=limit, after=after)]
