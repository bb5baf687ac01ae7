"""Records that sessions are in use, so that their idle limit slides: off the response path, now and then."""

from datetime import datetime, timedelta
from functools import partial

from netscript_auth_core.directory import UserDirectory
from netscript_auth_core.errors import SessionEndedError
from netscript_auth_core.ports import Identity
from netscript_auth_kv_oauth.background import Background
from netscript_auth_kv_oauth.outages import LOG
from netscript_auth_kv_oauth.session_records import is_active
from netscript_auth_kv_oauth.session_store import ATTEMPTS, SessionStore
from netscript_auth_kv_oauth.stored_sessions import Stored
from netscript_kernel.clock import Clock
from netscript_kernel.errors import NetScriptError


class SessionTouches:
    """Writes the time of a use behind the response. What comes between, such as a revocation, wins.

    Args:
        sessions: Where sessions are kept.
        users: Asked for the person anew, so that a changed name shows in every session.
        clock: Tells the time of the use.
        background: Holds the writes.
    """

    def __init__(
        self, sessions: SessionStore, users: UserDirectory, clock: Clock, background: Background
    ) -> None:
        self._sessions = sessions
        self._users = users
        self._clock = clock
        self._background = background
        self._under_way: set[str] = set()

    def note(self, stored: Stored) -> None:
        """Record that an active session was used just now.

        Left out if that is being done already, or too much else is: a later use is recorded instead.
        """
        if stored.handle in self._under_way:
            return
        self._under_way.add(stored.handle)
        if not self._background.offer(partial(self._touch, stored, self._clock.now())):
            self._under_way.discard(stored.handle)

    async def _touch(self, stored: Stored, used_at: datetime) -> None:
        try:
            await self._record(stored, used_at)
        except SessionEndedError:
            LOG.debug("a session ended before its use was recorded")
        except NetScriptError as error:
            LOG.warning("the use of a session could not be recorded: %s", error)
        finally:
            self._under_way.discard(stored.handle)

    async def _record(self, stored: Stored, used_at: datetime) -> None:
        for _ in range(ATTEMPTS):
            # A write that comes too late records nothing: somebody may have been told that it ended.
            if not is_active(stored.head, self._clock.unix()):
                return
            if await self._sessions.replace(stored, await self._used(stored, used_at)) is not None:
                return
            # Something else was written meanwhile: by another process, or by a refresh.
            stored = await self._sessions.read_active(stored.handle)
            if stored.head.touch_from > used_at.timestamp():
                return

    async def _used(self, stored: Stored, used_at: datetime) -> Identity:
        before = stored.identity
        user = await self._users.get(before.user.id) or before.user
        idle_end = min(used_at + timedelta(seconds=stored.head.idle_limit), before.session.expires_at)
        changes = {"last_seen_at": used_at, "idle_expires_at": idle_end}
        return Identity(before.session.model_copy(update=changes), user)
