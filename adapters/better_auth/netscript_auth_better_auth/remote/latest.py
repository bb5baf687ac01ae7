"""A memory of bounded size."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """What was put last, each under its key.

    Args:
        most: So many are kept; the one that was put first goes first.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[str, T] = {}

    def get(self, key: str) -> T | None:
        """Return what is kept under a key."""
        return self._kept.get(key)

    def put(self, key: str, value: T) -> None:
        """Keep something."""
        self.drop(key)
        if len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = value

    def drop(self, key: str) -> None:
        """Forget what is kept under a key."""
        self._kept.pop(key, None)
