"""A memory backend with a secret for each session under a key, as far as the kit can see; and broken ones."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from typing_extensions import override

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.memory import MemoryAuthBackend
from netscript_auth_core.memory.storage import Storage
from netscript_auth_core.ports import KeyState, SealedSecrets, SealingRound
from netscript_auth_core.testing import BackendUnderTest
from netscript_auth_core.testing.memory_subject import memory_subject
from netscript_kernel.clock import SettableClock
from netscript_kernel.kv.memory import MemoryKvStore

AT_ONCE = 1


@dataclass
class Seals:
    """Which key, by its number, sealed the secret of which session."""

    key_of: dict[str, int] = field(default_factory=dict[str, int])


class SealedOfMemory:
    """The part, with a ring of all keys up to the current one."""

    def __init__(self, storage: Storage, seals: Seals, current: int) -> None:
        self.storage = storage
        self.seals = seals
        self.current = current

    async def count(self) -> Sequence[SealedSecrets]:
        self.note_new_ones()
        of_key = list(self.seals.key_of.values())
        return [
            SealedSecrets(f"key-{key}", self.state(key), of_key.count(key))
            for key in range(self.current, -1, -1)
        ]

    async def seal_anew(self) -> SealingRound:
        self.note_new_ones()
        old = [handle for handle, key in self.seals.key_of.items() if key != self.current]
        for handle in old[:AT_ONCE]:
            self.seals.key_of[handle] = self.current
        return SealingRound(len(old[:AT_ONCE]), is_done=not old)

    def note_new_ones(self) -> None:
        """Whoever signed in since did so under the first key: the second backend signs nobody in."""
        with_secret = {handle for handle, kept in self.storage.sessions.items() if kept.grant is not None}
        self.seals.key_of = {handle: self.seals.key_of.get(handle, 0) for handle in with_secret}

    def state(self, key: int) -> KeyState:
        return KeyState.CURRENT if key == self.current else KeyState.CONFIGURED


class NeverEnds(SealedOfMemory):
    @override
    async def seal_anew(self) -> SealingRound:
        await super().seal_anew()
        return SealingRound(0, is_done=False)


class SaysItIsDone(SealedOfMemory):
    @override
    async def seal_anew(self) -> SealingRound:
        return SealingRound(0, is_done=True)


class SignsEverybodyOut(SealedOfMemory):
    @override
    async def seal_anew(self) -> SealingRound:
        self.storage.sessions.clear()
        return SealingRound(0, is_done=True)


class DropsWhatItSeals(SealedOfMemory):
    @override
    async def seal_anew(self) -> SealingRound:
        done = await super().seal_anew()
        for stored in self.storage.sessions.values():
            stored.grant = None
        return done


class CountsNothing(SealedOfMemory):
    @override
    async def count(self) -> Sequence[SealedSecrets]:
        return [SealedSecrets(f"key-{self.current}", KeyState.CURRENT, 0)]


class CountsAllUnderTheCurrentKey(SealedOfMemory):
    @override
    async def count(self) -> Sequence[SealedSecrets]:
        return [replace(each, state=KeyState.CURRENT) for each in await super().count()]


class CountsNothingInAnOutage(SealedOfMemory):
    @override
    async def count(self) -> Sequence[SealedSecrets]:
        return [] if self.storage.is_away else await super().count()


class NamesItsKeyBySecret(SealedOfMemory):
    @override
    async def count(self) -> Sequence[SealedSecrets]:
        grants = [kept.grant for kept in self.storage.sessions.values() if kept.grant]
        return [replace(each, key_id=f"{each.key_id}-{grants}") for each in await super().count()]


class BringsThemBack(SealedOfMemory):
    @override
    async def seal_anew(self) -> SealingRound:
        for stored in self.storage.sessions.values():
            active = {"state": "active"}
            stored.session = type(stored.session).model_validate({**stored.session.model_dump(), **active})
        return await super().seal_anew()


class SealingBackend(MemoryAuthBackend):
    """A memory backend with the part."""

    sealed: SealedOfMemory | None = None  # type: ignore[assignment]  # the reference backend has none


@asynccontextmanager
async def sealing_subject(
    part: type[SealedOfMemory] = SealedOfMemory,
) -> AsyncGenerator[BackendUnderTest]:
    """Open it, or a broken one."""
    seals = Seals()
    async with memory_subject(SealingBackend) as subject:
        backend = subject.backend
        assert isinstance(backend, SealingBackend)
        backend.sealed = part(backend.storage, seals, current=0)

        async def change_key() -> SealingBackend:
            clock = subject.clock
            assert isinstance(clock, SettableClock)
            again = SealingBackend(
                UserDirectory(MemoryKvStore(clock), clock),
                clock,
                provider=backend.pretend_provider,
                storage=backend.storage,
            )
            again.sealed = part(backend.storage, seals, current=1)
            return again

        yield replace(subject, change_key=change_key)
