"""Reading, writing and taking single records."""

import asyncio

import pytest

from netscript_kernel.kv.port import Check, Entry, IndexEntry, KvStorePort, Put

ODD_KEYS = (
    "",
    " ",
    "auth/session/3vX_-.~",
    "with spaces and\ttabs\nand lines",
    "100%_of_it",
    'it\'s "quoted"; DROP TABLE records; --',
    "Ünï/cödé/🔑/日本語",
    "e\u0301 is not \u00e9",
    "nul\0inside",
    "*?[a-z]{hash:tag}",
    "k" * 500,
)


class RecordRules:
    """What becomes of one key."""

    async def test_a_key_that_was_never_put_is_not_there(self, store: KvStorePort) -> None:
        """A miss is a value."""
        assert await store.get("nothing") is None

    async def test_a_record_is_read_as_it_was_put(self, store: KvStorePort) -> None:
        """Key, value and version come back."""
        version = await store.commit(puts=[Put("key", b"value")])

        entry = await store.get("key")

        assert version is not None
        assert entry == Entry("key", b"value", version)

    @pytest.mark.parametrize(
        "value",
        [b"", b"\0", bytes(range(256)), b"\xff" * 100_000],
        ids=["empty", "a NUL", "every byte", "large"],
    )
    async def test_a_value_may_be_any_bytes(self, store: KvStorePort, value: bytes) -> None:
        """Nothing is encoded, cut or read as text."""
        await store.commit(puts=[Put("key", value)])

        entry = await store.get("key")

        assert entry is not None
        assert entry.value == value

    async def test_keys_of_all_kinds_are_kept_apart(self, store: KvStorePort) -> None:
        """No character of a key means anything to the store."""
        await store.commit(puts=[Put(key, key.encode()) for key in ODD_KEYS])

        entries = [await store.get(key) for key in ODD_KEYS]

        assert [entry and (entry.key, entry.value) for entry in entries] == [
            (key, key.encode()) for key in ODD_KEYS
        ]

    async def test_a_key_that_is_no_text_is_refused_and_never_there(self, store: KvStorePort) -> None:
        """A lone surrogate comes from bytes that are not UTF-8, read as if they were."""
        broken = "session/\ud800"

        for refused in (
            store.commit(puts=[Put("key", b""), Put(broken, b"")]),
            store.commit(puts=[Put("key", b"", index=[IndexEntry(broken, 1)])]),
            store.commit(puts=[Put("key", b"")], deletes=[broken]),
            store.commit(puts=[Put("key", b"")], checks=[Check(broken, None)]),
        ):
            with pytest.raises(ValueError, match="surrogate"):
                await refused

        assert await store.get("key") is None
        assert await store.get(broken) is None
        assert await store.take(broken) is None
        assert list(await store.list_owned(broken)) == []
        assert list(await store.list_owned("owner", after=broken)) == []

    async def test_keys_that_differ_in_case_are_two(self, store: KvStorePort) -> None:
        """Keys are compared exactly."""
        await store.commit(puts=[Put("key", b"small")])

        assert await store.get("KEY") is None

    async def test_a_second_put_replaces_the_value(self, store: KvStorePort) -> None:
        """The last commit counts."""
        await store.commit(puts=[Put("key", b"first")])
        version = await store.commit(puts=[Put("key", b"second")])

        assert version is not None
        assert await store.get("key") == Entry("key", b"second", version)

    async def test_a_deleted_record_is_not_there(self, store: KvStorePort) -> None:
        """Deleting is at once."""
        await store.commit(puts=[Put("key", b"value")])

        await store.commit(deletes=["key"])

        assert await store.get("key") is None

    async def test_deleting_what_is_not_there_is_no_fault(self, store: KvStorePort) -> None:
        """Such a commit succeeds like any other."""
        assert await store.commit(deletes=["nothing"]) is not None

    async def test_versions_grow_with_every_commit(self, store: KvStorePort) -> None:
        """Whatever the commits write."""
        versions = [
            await store.commit(puts=[Put("a", b"")]),
            await store.commit(puts=[Put("b", b""), Put("c", b"")]),
            await store.commit(deletes=["a"]),
            await store.commit(puts=[Put("a", b"")]),
        ]

        known = [version for version in versions if version is not None]
        assert len(known) == len(versions)
        assert known == sorted(set(known))

    async def test_a_record_made_again_never_has_an_old_version(self, store: KvStorePort) -> None:
        """So a check by version cannot mistake the new record for the old one."""
        first = await store.commit(puts=[Put("key", b"same")])
        await store.commit(deletes=["key"])
        second = await store.commit(puts=[Put("key", b"same")])
        await store.take("key")
        third = await store.commit(puts=[Put("key", b"same")])

        assert len({first, second, third}) == 3
        assert await store.commit(checks=[Check("key", first)]) is None
        assert await store.commit(checks=[Check("key", second)]) is None

    async def test_all_records_of_a_commit_have_its_version(self, store: KvStorePort) -> None:
        """One commit, one version."""
        version = await store.commit(puts=[Put("a", b"1"), Put("b", b"2")])

        a, b = await store.get("a"), await store.get("b")

        assert a is not None
        assert b is not None
        assert a.version == b.version == version

    async def test_taking_returns_the_record_and_removes_it(self, store: KvStorePort) -> None:
        """Read and delete in one."""
        version = await store.commit(puts=[Put("key", b"value")])

        taken = await store.take("key")

        assert version is not None
        assert taken == Entry("key", b"value", version)
        assert await store.get("key") is None
        assert await store.take("key") is None

    async def test_taking_what_is_not_there_yields_nothing(self, store: KvStorePort) -> None:
        """A miss is a value here too."""
        assert await store.take("nothing") is None

    async def test_of_ten_concurrent_takers_one_gets_the_record(self, store: KvStorePort) -> None:
        """A one-time code is spent once."""
        await store.commit(puts=[Put("key", b"value")])

        taken = await asyncio.gather(*(store.take("key") for _ in range(10)))

        assert [entry.value for entry in taken if entry is not None] == [b"value"]
