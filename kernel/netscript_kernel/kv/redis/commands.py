"""Everything but hot reads goes through redis-py: scripts, each of which is sent once and never again."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, Final, TypeVar, cast

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.redis.dialing import Dialer
from netscript_kernel.kv.redis.failures import closed, code_of, failed, out_of_step
from netscript_kernel.kv.redis.pool import make_pool
from netscript_kernel.kv.redis.scripts import Argument, Script

T = TypeVar("T")

_BY_DIGEST: Final = "EVALSHA"
_ON_A_REPLICA: Final = "READONLY"

_log = logging.getLogger(__name__)


class Commands:
    """Runs scripts, each in a task of its own, so that a caller who goes away ends no connection.

    Args:
        dialer: Knows the server and the time limits.
        on_wrong_server: Called when the server has become a replica.
    """

    def __init__(self, dialer: Dialer, on_wrong_server: Callable[[], None]) -> None:
        self._limit = (dialer.connect_limit + dialer.answer_limit).total_seconds()
        self._pool = make_pool(dialer, self._limit)
        self._client: Any = Redis(connection_pool=self._pool)  # redis-py leaves some of its types open
        self._on_wrong_server = on_wrong_server
        self._tokens = count()
        self._under_way: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    async def run(self, script: Script, prefix: bytes, now: float, *arguments: Argument) -> Any:
        """Run a script and return its result.

        It goes on even if its caller is cancelled meanwhile.

        Args:
            script: One of ours.
            prefix: Of the names on the server.
            now: Unix seconds by our clock.
            arguments: The script's own.

        Raises:
            StoreUnavailableError: no answer, or an error. Whether something was written is unknown.
            StoreCorruptError: it met a record that this version does not read.
        """
        return await self._finish(self._run(script, prefix, now, arguments))

    async def eviction_policy(self) -> str:
        """Return what the server forgets when its memory is full; empty where it does not tell this user."""
        try:
            facts = await self.facts("memory")
        except StoreUnavailableError as error:
            _log.debug("the server tells nothing of its memory: %s", error)
            return ""
        return str(facts.get("maxmemory_policy", ""))

    async def facts(self, section: str) -> Mapping[str, object]:
        """Return what the server says of a part of itself (``INFO``)."""
        answer = await self._finish(self._send("INFO", section))
        if not isinstance(answer, dict):
            raise out_of_step()
        return cast("Mapping[str, object]", answer)

    async def time(self) -> float:
        """Return the server's time in Unix seconds."""
        match await self._finish(self._send("TIME")):
            case [seconds, microseconds]:
                return int(seconds) + int(microseconds) / 1_000_000
            case _:
                raise out_of_step()

    async def aclose(self) -> None:
        """Finish what is under way and close all connections. Closing twice is no fault."""
        self._is_closed = True
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self._pool.aclose()

    async def _finish(self, work: Coroutine[Any, Any, T]) -> T:
        if self._is_closed:
            work.close()
            raise closed()
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            task.add_done_callback(_report_to_log)
            raise
        return task.result()

    async def _run(self, script: Script, prefix: bytes, now: float, arguments: Sequence[Argument]) -> Any:
        # Nothing but the order of answers says which is whose, so each brings back the token of its question.
        token = b"%d" % next(self._tokens)
        given = (1, prefix, token, repr(now), *arguments)
        try:
            answer = await self._send(_BY_DIGEST, script.digest, *given)
        except NoScriptError:
            # Said before anything was done: by a server that was started anew, or told to forget its scripts.
            answer = await self._send("EVAL", script.text, *given)
        match answer:
            case [told, result] if told == token:
                return result
            case _:
                await self._renew_connections()
                raise out_of_step()

    async def _send(self, *command: Argument) -> Any:
        try:
            async with asyncio.timeout(self._limit):
                return await self._client.execute_command(*command)
        except (RedisError, OSError, UnicodeError) as error:
            if isinstance(error, NoScriptError) and command[0] == _BY_DIGEST:
                raise
            code, failure = code_of(error), failed(error)
        if code == _ON_A_REPLICA:
            # A server's name may lead to another one by now; the connections still lead to this one.
            self._on_wrong_server()
            await self._renew_connections()
        raise failure

    async def _renew_connections(self) -> None:
        with suppress(RedisError, OSError):
            await self._pool.disconnect(inuse_connections=False)
        await self._pool.update_active_connections_for_reconnect()  # type: ignore[no-untyped-call]  # redis-py


def _report_to_log(task: asyncio.Task[Any]) -> None:
    # The caller was cancelled and hears nothing any more.
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _log.warning("what a caller who had gone had asked for failed: %s", error)
