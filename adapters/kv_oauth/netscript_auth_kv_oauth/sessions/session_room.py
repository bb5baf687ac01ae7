"""Bounds how many sessions one person has: whoever signs in once more ends the oldest.

Listing a person's sessions, and ending all of them, works through every one. Without a bound, somebody who
signs in again and again could make that as long as they like.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from netscript_auth_kv_oauth.grants.grants import grant_key
from netscript_auth_kv_oauth.grants.refresh_leases import lease_key
from netscript_auth_kv_oauth.sessions.origins import origin_key
from netscript_auth_kv_oauth.sessions.session_endings import Ended, SessionEndings
from netscript_auth_kv_oauth.sessions.session_store import SessionStore
from netscript_auth_kv_oauth.sessions.stored_sessions import handle_at, may_be_active, owner_of
from netscript_auth_kv_oauth.signout.pending_revocations import SignoutScope
from netscript_kernel.clock import Clock
from netscript_kernel.kv.port import Check, Commit, Entry, KvStorePort

MOST_PER_USER: Final = 500
"""That an operator may allow; a page of the store holds more."""


class SessionRoom:
    """Makes room. Store outages pass through as they are.

    Args:
        store: Where sessions are kept.
        sessions: Reads them.
        endings: Ends them.
        clock: Tells which have expired.
        most: Active sessions of one person.
    """

    def __init__(
        self, store: KvStorePort, sessions: SessionStore, endings: SessionEndings, clock: Clock, most: int
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._endings = endings
        self._clock = clock
        self._most = most

    async def make(self, user_id: str) -> AsyncIterator[Ended]:
        """End a person's oldest sessions beyond the bound, and yield each that has ended.

        The usual sign-in pays for one look at no more records than the bound. Beyond it, those that have
        expired do not count, and are forgotten before their time. Of sign-ins at the same time each goes by
        the same order, so that no two end each other.
        """
        page = await self._store.list_owned(owner_of(user_id), limit=self._most + 1)
        if len(page) <= self._most:
            return
        now = self._clock.unix()
        oldest_first = [entry async for entry in self._sessions.owned(user_id)]
        await self._forget([entry for entry in oldest_first if not may_be_active(entry, now)])
        handles = [handle_at(entry.key) for entry in oldest_first if may_be_active(entry, now)]
        for handle in handles[: max(0, len(handles) - self._most)]:
            ended = await self._endings.end(handle, SignoutScope.SESSION)
            if ended is not None:
                yield ended

    async def _forget(self, expired: Sequence[Entry]) -> None:
        commits = [
            Commit(
                [Check(entry.key, entry.version)],
                deletes=[entry.key, *_beside(handle_at(entry.key))],
            )
            for entry in expired
        ]
        if commits:
            await self._store.commit_each(commits)


def _beside(handle: str) -> tuple[str, ...]:
    return grant_key(handle), lease_key(handle), origin_key(handle)
