"""Several keys at once, under conditions."""

import asyncio

import pytest

from netscript_kernel.kv.port import Check, IndexEntry, KvStorePort, Put


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
