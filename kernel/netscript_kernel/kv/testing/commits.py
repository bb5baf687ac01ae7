"""Several keys at once, under conditions."""

import asyncio

import pytest

from netscript_kernel.kv.port import Check, Commit, IndexEntry, KvStorePort, Put


class CommitRules:
    """All or nothing."""

    async def test_a_check_holds_while_the_version_is_the_same(self, store: KvStorePort) -> None:
        """Compare and set succeeds."""
        version = await store.commit(puts=[Put("key", b"old")])

        later = await store.commit(checks=[Check("key", version)], puts=[Put("key", b"new")])

        assert later is not None
        assert await _value(store, "key") == b"new"

    async def test_a_check_fails_once_the_record_was_written_again(self, store: KvStorePort) -> None:
        """Even if the value is the same."""
        version = await store.commit(puts=[Put("key", b"same")])
        await store.commit(puts=[Put("key", b"same")])

        assert await store.commit(checks=[Check("key", version)], puts=[Put("key", b"lost")]) is None
        assert await _value(store, "key") == b"same"

    async def test_a_check_fails_once_the_record_was_deleted(self, store: KvStorePort) -> None:
        """No record has no version."""
        version = await store.commit(puts=[Put("key", b"old")])
        await store.commit(deletes=["key"])

        assert await store.commit(checks=[Check("key", version)], puts=[Put("key", b"lost")]) is None
        assert await store.get("key") is None

    async def test_a_check_for_absence_holds_only_for_what_is_not_there(self, store: KvStorePort) -> None:
        """The way to create without overwriting."""
        first = await store.commit(checks=[Check("key", None)], puts=[Put("key", b"first")])
        second = await store.commit(checks=[Check("key", None)], puts=[Put("key", b"second")])

        assert first is not None
        assert second is None
        assert await _value(store, "key") == b"first"

    async def test_a_check_may_look_at_a_key_that_is_not_written(self, store: KvStorePort) -> None:
        """For example: write the session only while the user is the same."""
        version = await store.commit(puts=[Put("user", b"1")])

        assert await store.commit(checks=[Check("user", version)], puts=[Put("session", b"1")]) is not None
        assert await _value(store, "user") == b"1"

    async def test_a_failed_check_lets_nothing_through(self, store: KvStorePort) -> None:
        """No put, no delete, no place in an index."""
        version = await store.commit(puts=[Put("kept", b"old", index=[IndexEntry("owner", 1)])])

        result = await store.commit(
            checks=[Check("kept", version), Check("missing", 1)],
            puts=[Put("new", b"", index=[IndexEntry("owner", 2)]), Put("other", b"")],
            deletes=["kept"],
        )

        assert result is None
        assert await store.get("new") is None
        assert await store.get("other") is None
        assert [entry.key for entry in await store.list_owned("owner")] == ["kept"]

    async def test_puts_and_deletes_happen_together(self, store: KvStorePort) -> None:
        """A move is one commit."""
        await store.commit(puts=[Put("old", b"value")])

        await store.commit(puts=[Put("new", b"value")], deletes=["old"])

        assert await store.get("old") is None
        assert await _value(store, "new") == b"value"

    async def test_a_commit_of_checks_alone_tells_whether_they_hold(self, store: KvStorePort) -> None:
        """And writes nothing."""
        version = await store.commit(puts=[Put("key", b"value")])

        assert await store.commit(checks=[Check("key", version)]) is not None
        assert await store.commit(checks=[Check("key", None)]) is None
        assert await store.commit() is not None
        assert await _value(store, "key") == b"value"

    @pytest.mark.parametrize(
        ("puts", "deletes"),
        [
            ([Put("key", b"1"), Put("key", b"2")], []),
            ([Put("key", b"1")], ["key"]),
            ([], ["key", "key"]),
        ],
        ids=["put twice", "put and deleted", "deleted twice"],
    )
    async def test_a_key_named_twice_is_refused(
        self, store: KvStorePort, puts: list[Put], deletes: list[str]
    ) -> None:
        """Which of the two was meant cannot be known; nothing is written."""
        before = await store.commit(puts=[Put("key", b"before")])

        with pytest.raises(ValueError, match="key"):
            await store.commit(puts=puts, deletes=deletes)

        entry = await store.get("key")
        assert entry is not None
        assert entry.version == before

    async def test_of_ten_concurrent_creations_one_wins(self, store: KvStorePort) -> None:
        """The losers have written nothing."""
        versions = await asyncio.gather(
            *(
                store.commit(
                    checks=[Check("key", None)], puts=[Put("key", b"%d" % number), Put(f"{number}", b"")]
                )
                for number in range(10)
            )
        )

        winners = [number for number, version in enumerate(versions) if version is not None]
        assert len(winners) == 1
        assert await _value(store, "key") == b"%d" % winners[0]
        assert [number for number in range(10) if await store.get(f"{number}")] == winners

    async def test_concurrent_increments_are_all_counted(self, store: KvStorePort) -> None:
        """Compare and set, tried again on conflict, loses nothing."""
        await store.commit(puts=[Put("count", b"0")])

        await asyncio.gather(*(_increment(store, "count") for _ in range(10)))

        assert await _value(store, "count") == b"10"

    async def test_concurrent_commits_have_versions_of_their_own(self, store: KvStorePort) -> None:
        """However many are written to the disk together."""
        versions = await asyncio.gather(*(store.commit(puts=[Put(f"{n}", b"")]) for n in range(20)))

        assert None not in versions
        assert len(set(versions)) == 20

    async def test_of_many_commits_each_is_done_or_not_for_itself(self, store: KvStorePort) -> None:
        """One whose check fails takes no other along."""
        version = await store.commit(puts=[Put("key", b"1")])

        versions = await store.commit_each(
            [
                Commit(checks=[Check("key", None)], puts=[Put("lost", b"")]),
                Commit(checks=[Check("key", version)], puts=[Put("key", b"2")]),
                Commit(checks=[Check("key", version)], puts=[Put("late", b"")], deletes=["key"]),
                Commit(puts=[Put("other", b"")]),
            ]
        )

        assert [written is not None for written in versions] == [False, True, False, True]
        assert await _value(store, "key") == b"2"
        assert await store.get("lost") is None
        assert await store.get("late") is None
        assert await store.get("other") is not None

    async def test_of_many_commits_each_has_a_version_of_its_own(self, store: KvStorePort) -> None:
        """As if they had come one after the other, however many there are."""
        versions = await store.commit_each([Commit(puts=[Put(f"{n}", b"%d" % n)]) for n in range(250)])

        known = [version for version in versions if version is not None]
        assert len(known) == 250
        assert known == sorted(set(known))
        assert [await _value(store, f"{n}") for n in (0, 99, 249)] == [b"0", b"99", b"249"]

    async def test_no_commits_are_done_at_once(self, store: KvStorePort) -> None:
        """An empty list has an empty answer."""
        assert list(await store.commit_each([])) == []

    async def test_of_many_commits_none_is_done_where_one_is_refused(self, store: KvStorePort) -> None:
        """They are read before the first is done."""
        with pytest.raises(ValueError, match="key"):
            await store.commit_each([Commit(puts=[Put("good", b"")]), Commit(deletes=["key", "key"])])

        assert await store.get("good") is None


async def _value(store: KvStorePort, key: str) -> bytes | None:
    entry = await store.get(key)
    return entry.value if entry else None


async def _increment(store: KvStorePort, key: str) -> None:
    while True:
        entry = await store.get(key)
        assert entry is not None
        more = b"%d" % (int(entry.value) + 1)
        if await store.commit(checks=[Check(key, entry.version)], puts=[Put(key, more)]) is not None:
            return
