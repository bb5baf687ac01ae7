"""Listens to auth-api for sessions that end, and knows whether it would have heard of one.

The list is complete from ``ready`` on, and stays so while the feed is heard. A connection that breaks off is
opened again; what happened in between comes first then, and only after the next ``ready`` is the list
complete for that time too. In silence nothing is known: nobody is let in by a token.
"""

import asyncio
import logging
import random
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import httpx

from netscript_auth_client.auth_api import AuthApi, auth_api_away
from netscript_auth_client.local.event_stream import Event, EventStreamError, EventStreamReader
from netscript_auth_client.local.revoked_sessions import (
    MOST_CHARACTERS,
    RevokedSessions,
    TooManyRevokedError,
)
from netscript_auth_core.contract_v1 import AuthV1
from netscript_kernel.clock import Clock
from netscript_kernel.json_documents import read_json_object

_log = logging.getLogger("netscript.auth.client")

DEFAULT_SILENCE: Final = timedelta(seconds=3)
_PATH: Final = AuthV1.prefix + "/revocations"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_MOST_DOUBLINGS: Final = 10
_EVENT_ID: Final = re.compile(r"[ -~]{1,256}")
_OK: Final = 200
_WHY: Final = {
    401: "it does not know the secret: NETSCRIPT_AUTH_SERVICE_CREDENTIALS has to hold it there",
    404: "there is no feed: this auth-api is older",
    501: "it offers no feed: NETSCRIPT_AUTH_SERVICE_CREDENTIALS is not set there",
}


class FeedLostError(Exception):
    """The feed cannot be listened to. Says why; repeats nothing of it."""


class RevocationUnclearError(Exception):
    """A session ended, and it is not known which: nobody can be let in until all is told anew."""


class RevocationFeed:
    """Knows which sessions have ended lately.

    Args:
        api: Has the feed.
        secret: Of this service, as ``NETSCRIPT_AUTH_SERVICE_CREDENTIALS`` of auth-api names it.
        clock: Tells how long nothing was heard.
        silence: For so long that may be.
        pause: Waits for some seconds; given by tests.
    """

    def __init__(
        self,
        api: AuthApi,
        secret: str,
        clock: Clock,
        silence: timedelta = DEFAULT_SILENCE,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._api = api
        self._secret = secret
        self._clock = clock
        self._silence = silence
        self._silent_seconds = silence.total_seconds()
        self._pause = pause
        self._revoked = RevokedSessions()
        self._heard_at: float | None = None
        self._last_id: str | None = None
        self._failures = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen; nothing where it does already."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._listen_on())

    async def aclose(self) -> None:
        """End that. From here on nothing is known."""
        task, self._task, self._heard_at = self._task, None, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def has_revoked(self, session: str, now: float) -> bool:
        """Whether a session has ended, by all that is known now.

        Args:
            session: By its handle.
            now: The time by the feed's clock.

        Raises:
            BackendUnavailableError: a session could have ended without our hearing of it.
        """
        heard_at = self._heard_at
        # A clock that was set back would make the last word look young for as long.
        if heard_at is None or not 0 <= now - heard_at <= self._silent_seconds:
            why = "not heard yet" if heard_at is None else "silent"
            raise auth_api_away(f"its feed of revocations is {why}", timedelta(seconds=1))
        return session in self._revoked

    async def _listen_on(self) -> None:
        while True:
            try:
                await self._listen()
            except (RevocationUnclearError, EventStreamError, TooManyRevokedError) as error:
                self._heard_at = self._last_id = None
                self._tell(error)
            except (FeedLostError, httpx.HTTPError) as error:
                self._tell(error)
            except Exception:  # noqa: BLE001 - whatever it was: silence lets nobody in, and listening goes on
                _log.exception("the feed of revocations failed unforeseen")
            self._failures = min(self._failures + 1, _MOST_DOUBLINGS)
            longest = min(_FIRST_PAUSE * 2 ** (self._failures - 1), _LONGEST_PAUSE)
            await self._pause(random.uniform(longest / 2, longest))  # noqa: S311 - spreads services, guards nothing

    async def _listen(self) -> None:
        headers = {"authorization": f"Bearer {self._secret}"}
        # Only right after a connection that broke off: later the server may be another, and tells all anew.
        last_id, self._last_id = self._last_id, None
        if last_id is not None:
            headers["last-event-id"] = last_id
        async with self._api.listening(_PATH, headers, self._silence) as response:
            if response.status_code != _OK or not _is_stream(response):
                why = _WHY.get(response.status_code, "not a feed")
                raise FeedLostError(f"{why} ({response.status_code})")
            self._last_id = last_id
            reader, is_complete = EventStreamReader(), False
            async for piece in response.aiter_bytes():
                for event in reader.feed(piece):
                    is_complete = self._take(event, is_complete=is_complete)
        raise FeedLostError("it ended the feed")

    def _take(self, event: Event, *, is_complete: bool) -> bool:
        """Learn from an event, and return whether the list is complete now."""
        now = self._clock.unix()
        if event.name == "revoked":
            self._revoked.add(_session_of(event), now)
            self._last_id = _usable(event.id)
        elif event.name == "ready":
            is_complete = True
            self._failures = 0
            _log.info("listening to the revocations of auth-api")
        if is_complete:
            self._heard_at = now
        return is_complete

    def _tell(self, error: Exception) -> None:
        # Each failure after the first says nothing new, until it was heard again.
        level = logging.WARNING if self._failures == 0 else logging.DEBUG
        why = type(error).__name__ if isinstance(error, httpx.HTTPError) else str(error)
        _log.log(level, "the feed of revocations is lost, and looked for again: %s", why)


def _is_stream(response: httpx.Response) -> bool:
    media_type: str = response.headers.get("content-type", "")
    is_plain = response.headers.get("content-encoding", "identity") == "identity"
    return is_plain and media_type.partition(";")[0].strip().lower() == "text/event-stream"


def _usable(event_id: str | None) -> str | None:
    """Return an id that can stand in a header."""
    return event_id if event_id is not None and _EVENT_ID.fullmatch(event_id) else None


def _session_of(event: Event) -> str:
    document = read_json_object(event.data.encode())
    session = document.get("sid") if document is not None else None
    if not isinstance(session, str) or not 0 < len(session) <= MOST_CHARACTERS:
        raise RevocationUnclearError("a revocation that names no session")
    return session
