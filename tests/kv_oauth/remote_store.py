"""A store as if over a network, which knows who looked at what when."""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass

import anyio.lowlevel
from typing_extensions import override

from netscript_auth_kv_oauth.sessions.session_records import REVOKED, read_head
from netscript_auth_kv_oauth.sessions.stored_sessions import session_key
from netscript_kernel.kv.port import Check, Commit, Entry, KvStorePort, Put
from tests.kv_oauth.desks import WatchedKvStore


@dataclass
class Question:
    """Somebody who asks for a refresh.

    Attributes:
        looked: When something was last read or written for it.
    """

    looked: int


# Whoever asks in this task, or in one that it began.
QUESTION: ContextVar[Question | None] = ContextVar("question", default=None)


class RemoteKvStore(WatchedKvStore):
    """Lets others run before it answers, as a store over a network does.

    Attributes:
        turn: Counts what was done, so that it can be told what came first.
        revoked: When a session was revoked, by its key.
    """

    def __init__(self, store: KvStorePort) -> None:
        super().__init__(store)
        self.turn = 0
        self.revoked: dict[str, int] = {}

    @override
    async def get(self, key: str) -> Entry | None:
        await self._travel()
        self._note()
        return await super().get(key)

    @override
    async def commit(
        self, *, checks: Sequence[Check] = (), puts: Sequence[Put] = (), deletes: Sequence[str] = ()
    ) -> int | None:
        await self._travel()
        self._note()
        version = await super().commit(checks=checks, puts=puts, deletes=deletes)
        if version is not None:
            self.turn += 1  # whoever looks from now on sees it
            ended = [put.key for put in puts if _is_revoked(put)]
            self.revoked.update(dict.fromkeys(ended, self.turn))
        return version

    @override
    async def commit_each(self, commits: Sequence[Commit]) -> Sequence[int | None]:
        await self._travel()
        self._note()
        return await super().commit_each(commits)

    async def _travel(self) -> None:
        for _ in range(1 + self.turn % 3):  # one trip takes longer than another
            await anyio.lowlevel.checkpoint()

    def _note(self) -> None:
        self.turn += 1
        question = QUESTION.get()
        if question is not None:
            question.looked = self.turn


def _is_revoked(put: Put) -> bool:
    return put.key.startswith(session_key("")) and read_head(put.value).state == REVOKED
