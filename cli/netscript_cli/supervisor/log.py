"""One log of all processes: whole lines, each with the name of its process in front.

What would move something on a terminal is told as text, whoever reads it in the end.

A reader who is slow slows the processes down, as a terminal does, and never whoever starts and stops them.
"""

import asyncio
import os
import queue
import select
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from netscript_cli.terminal import as_written

OWN: Final = "netscript"
"""The name in front of our own words."""

_LINES_AHEAD: Final = 1000
_BYTES_AHEAD: Final = 1024 * 1024
_PATIENCE_SECONDS: Final = 2.0
_COLOURS: Final = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
_BOLD: Final = 1


class Log:
    """Writes lines in the order in which they are told.

    Attributes:
        broken: Set when nobody reads any more.

    Args:
        descriptor: Where it goes; what others write there passes by.
        names: Of all processes; none where lines are to be passed on as they are, into a log that has them.
        is_coloured: Whether names have colours, and lines may have some.
    """

    def __init__(self, descriptor: int, names: Iterable[str] = (), *, is_coloured: bool = False) -> None:
        self.broken = asyncio.Event()
        self._descriptor = descriptor
        self._is_coloured = is_coloured
        self._prefixes = _prefixes(tuple(names), is_coloured=is_coloured)
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._bytes_ahead = 0
        self._room = asyncio.Event()
        self._room.set()
        self._stuck = asyncio.Event()
        self._passed, self._is_at_rest = 0, True
        self._hurrying: asyncio.Task[None] | None = None
        self._handed: queue.SimpleQueue[tuple[bytes, asyncio.Future[None]] | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        # Not of the loop's pool: whoever writes to a reader that hangs must not hold up our end.
        threading.Thread(target=self._write, name="log", daemon=True).start()
        self._writing = asyncio.create_task(self._pass_on())

    async def tell(self, name: str, line: bytes) -> None:
        """Add a line of one process, and wait for as long as the reader is far behind."""
        self._add(name, self._harmless(line) if self._prefixes else line)
        await self._room.wait()

    def say(self, text: str) -> None:
        """Add words of our own; they wait for nobody."""
        for line in text.splitlines():
            self._add(OWN, line.encode())

    def show(self, text: str) -> None:
        """Add lines that have no name in front."""
        self._lines.put_nowait(text.encode())

    def hurry(self) -> None:
        """Wait no more for a reader who takes nothing for some seconds: the end is near."""
        if self._hurrying is None:
            self._hurrying = asyncio.create_task(self._give_up_if_stuck())

    async def aclose(self) -> None:
        """Write what was told, as far as somebody reads it."""
        self.hurry()
        self._lines.put_nowait(None)
        stuck = asyncio.create_task(self._stuck.wait())
        await asyncio.wait([self._writing, stuck], return_when=asyncio.FIRST_COMPLETED)
        for each in (stuck, self._writing, self._hurrying):
            if each is not None:
                each.cancel()
        self._handed.put(None)

    async def _give_up_if_stuck(self) -> None:
        """Return, and let everybody go on, where one and the same batch is still being written."""
        while True:
            passed = self._passed
            await asyncio.sleep(_PATIENCE_SECONDS)
            if not self._is_at_rest and passed == self._passed:
                break
        self._stuck.set()
        self._room.set()

    def _harmless(self, line: bytes) -> bytes:
        text = line.decode(errors="surrogateescape")
        return as_written(text, has_colours=self._is_coloured).encode(errors="surrogateescape")

    def _add(self, name: str, line: bytes) -> None:
        if self._stuck.is_set():
            return
        self._lines.put_nowait(self._prefixes.get(name, b"") + line + b"\n")
        self._bytes_ahead += len(line)
        if self._lines.qsize() >= _LINES_AHEAD or self._bytes_ahead >= _BYTES_AHEAD:
            self._room.clear()

    async def _pass_on(self) -> None:
        is_last = False
        while not is_last:
            batch = [await self._lines.get()]
            while not self._lines.empty():
                batch.append(self._lines.get_nowait())
            self._bytes_ahead = 0
            self._room.set()
            is_last = None in batch
            written: asyncio.Future[None] = self._loop.create_future()
            self._is_at_rest = False
            self._handed.put((b"".join(filter(None, batch)), written))
            await written
            self._passed, self._is_at_rest = self._passed + 1, True

    def _write(self) -> None:
        """Write, in a thread of its own, what is handed over."""
        is_broken = False
        while (handed := self._handed.get()) is not None:
            text, written = handed
            try:
                if not is_broken:
                    _write_all(self._descriptor, text)
            except OSError:
                is_broken = True
            with suppress(RuntimeError):  # the loop is closed: we are about to end
                self._loop.call_soon_threadsafe(self._wrote, written, is_broken)

    def _wrote(self, written: "asyncio.Future[None]", is_broken: bool) -> None:  # noqa: FBT001
        if is_broken:
            self.broken.set()
        if not written.done():
            written.set_result(None)


def wants_colour(descriptor: int, environment: Mapping[str, str]) -> bool:
    """Whether colours are of use there, and nobody has said that they are not wanted (no-color.org)."""
    return os.isatty(descriptor) and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def _write_all(descriptor: int, text: bytes) -> None:
    left = memoryview(text)
    while left:
        try:
            left = left[os.write(descriptor, left) :]
        except BlockingIOError:  # somebody has made it so
            select.select((), (descriptor,), ())


def _prefixes(names: tuple[str, ...], *, is_coloured: bool) -> dict[str, bytes]:
    if not names:
        return {}
    width = max(map(len, (*names, OWN)))
    colours = {OWN: _BOLD, **{name: _COLOURS[at % len(_COLOURS)] for at, name in enumerate(names)}}
    return {
        name: (f"\x1b[{colour}m{name:<{width}}\x1b[0m | " if is_coloured else f"{name:<{width}} | ").encode()
        for name, colour in colours.items()
    }
