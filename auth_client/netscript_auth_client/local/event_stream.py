"""Server-sent events out of the bytes of an answer, as far as our feed uses them, in bounded memory.

Source: HTML Living Standard, section 9.2.6. Lines end in LF or CR LF, as ours do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_MOST_LINE: Final = 8 * 1024
_MOST_DATA: Final = 16 * 1024


class EventStreamError(Exception):
    """Not such a stream, or one with larger events than ours has."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        name: Of its kind; ``message`` where the stream does not say.
        id: The last one that the stream told, or ``None``.
    """

    name: str
    data: str
    id: str | None


class EventStreamReader:
    """Takes bytes as they come, gives events as soon as they are whole."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = ""
        self._data: list[str] = []
        self._id: str | None = None

    def feed(self, piece: bytes) -> Iterator[Event]:
        """Yield the events that end in this piece.

        Raises:
            EventStreamError: see there.
        """
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            event = self._take(line.removesuffix(b"\r"))
            if event is not None:
                yield event
        if len(self._rest) > _MOST_LINE:
            raise EventStreamError("a line without end")

    def _take(self, line: bytes) -> Event | None:
        if not line:
            return self._dispatch()
        try:
            field, _, value = line.decode("utf-8").partition(":")
        except UnicodeDecodeError:
            raise EventStreamError("bytes that are no text") from None
        value = value.removeprefix(" ")
        match field:
            case "event":
                self._name = value
            case "data":
                self._data.append(value)
                if sum(map(len, self._data)) > _MOST_DATA:
                    raise EventStreamError("an event without end")
            case "id" if "\0" not in value:
                self._id = value
            case _:
                pass  # a comment, or a field that means nothing here
        return None

    def _dispatch(self) -> Event | None:
        name, data = self._name or "message", "\n".join(self._data)
        is_event = bool(self._data)
        self._name, self._data = "", []
        return Event(name, data, self._id) if is_event else None
