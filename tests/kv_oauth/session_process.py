"""A process with a backend of its own: does what it is told through a pipe, and dies where it is told to.

Made by fork from a process that has imported everything, so that many of them may be born and killed.
"""

import asyncio
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

from netscript_auth_core.errors import BackendUnavailableError, SessionEndedError
from netscript_auth_core.ports import Authenticated, AuthRequest, SignoutRequest
from netscript_auth_core.testing import InterruptibleKvStore
from netscript_auth_kv_oauth import KvOAuthBackend, ProviderConfig, create_kv_oauth_backend
from netscript_auth_kv_oauth.provider import provider_client
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.port import Check, KvStorePort, Put
from netscript_kernel.kv.urls import open_store

assert provider_client, "imported before anybody forks"

KEYS = KeyRing([bytes(range(32))])


class SharedClock:
    """Time that stands still until the test moves it, for all processes at once."""

    def __init__(self, seconds: Any) -> None:
        self._seconds = seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._seconds.value, UTC)

    def unix(self) -> float:
        return self.now().timestamp()

    def monotonic(self) -> float:
        return self.unix()

    def advance(self, seconds: float) -> None:
        self._seconds.value += seconds


class MortalKvStore(InterruptibleKvStore):
    """Ends the process with SIGKILL at one of the next commits: before it, or after it is on the disk.

    Attributes:
        commits_left: How many are done before.
        kind: Only those count that write a record of this kind.
        dies_after: Whether the last one is done, too.
    """

    def __init__(self, store: KvStorePort) -> None:
        super().__init__(store)
        self.commits_left: int | None = None
        self.kind = ""
        self.dies_after = False

    async def commit(
        self, *, checks: Sequence[Check] = (), puts: Sequence[Put] = (), deletes: Sequence[str] = ()
    ) -> int | None:
        counts = self.commits_left is not None and any(put.key.startswith(self.kind) for put in puts)
        is_last = counts and self.commits_left == 0
        if is_last and not self.dies_after:
            os.kill(os.getpid(), signal.SIGKILL)
        version = await super().commit(checks=checks, puts=puts, deletes=deletes)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)
        if counts and self.commits_left is not None:
            self.commits_left -= 1
        return version


@dataclass(frozen=True)
class Setup:
    """What all processes have in common.

    Attributes:
        store_url: As in ``NETSCRIPT_KV_URL``.
        seconds: The time, in memory that all of them share.
    """

    store_url: str
    config: ProviderConfig = field(repr=False)
    seconds: Any


@dataclass
class Worker:
    """What a process can be told to do."""

    store: MortalKvStore
    backend: KvOAuthBackend

    async def read(self, token: str, times: int = 1) -> list[bool]:
        """Ask so often at once, and let what goes on behind the answers come to its end."""
        outcomes = await asyncio.gather(
            *(self.backend.authenticate(AuthRequest((token,))) for _ in range(times))
        )
        await self.backend.settle()
        return [isinstance(outcome, Authenticated) for outcome in outcomes]

    async def refresh(self, handle: str) -> str:
        """Return what came of it."""
        try:
            await self.backend.sessions.refresh(handle)
        except SessionEndedError as error:
            return error.cause.value
        except BackendUnavailableError:
            return "unavailable"
        return "refreshed"

    async def revoke(self, handle: str) -> bool:
        return await self.backend.sessions.revoke(handle)

    async def sign_out(self, handle: str) -> int:
        request = SignoutRequest(handle, "https://auth.localhost/signed-out", "a-state")
        return (await self.backend.signout.end(request)).ended

    async def keep_up(self) -> None:
        await self.backend.upkeep.run()

    async def die_at(self, commit: int, *, after: bool, kind: str = "") -> None:
        """End with the commit of this number, before or after it is done."""
        self.store.commits_left, self.store.dies_after, self.store.kind = commit, after, kind


async def open_backend(setup: Setup) -> tuple[MortalKvStore, KvOAuthBackend]:
    """Open store and backend in this process."""
    clock = SharedClock(setup.seconds)
    store = MortalKvStore(await open_store(setup.store_url, clock, data_dir=None))
    backend = create_kv_oauth_backend(setup.config, store=store, keys=KEYS, clock=clock, is_production=False)
    return store, backend


def run(pipe: Connection, setup: Setup) -> None:
    """Be the process: one order after the other, until there are no more."""
    asyncio.run(_serve(pipe, setup))


async def _serve(pipe: Connection, setup: Setup) -> None:
    store, backend = await open_backend(setup)
    worker = Worker(store, backend)
    while (order := await asyncio.to_thread(pipe.recv)) is not None:
        name, arguments, options = order
        pipe.send(await getattr(worker, name)(*arguments, **options))
    await backend.aclose()
    await store.aclose()
    pipe.send(None)
