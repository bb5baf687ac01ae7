"""Sets of paths, as they are named where something is opened or closed: ``/health``, ``/assets/*``."""

import re
from collections.abc import Iterable
from typing import Final

# What servers and frameworks may read as another path than is written: steps, empty segments, other slashes.
_DOUBTFUL: Final = re.compile(r"//|/\.{1,2}(?:/|$)|[\\;%\x00-\x1f]")


def is_doubtful(path: str) -> bool:
    """Whether a path is one that somebody else may read as another path."""
    return _DOUBTFUL.search(path) is not None


class PathPatterns:
    """Finds out whether a path is one of those that were named, and none that only looks like one of them.

    Attributes:
        given: As they were named.

    Args:
        paths: Each exactly; one that ends in ``/*`` stands for everything below it.
        what: What they are called where one of them is none, such as ``a public path``.

    Raises:
        ValueError: one of them is no such path.
    """

    def __init__(self, paths: Iterable[str], what: str = "a path") -> None:
        self.given = given = tuple(paths)
        for path in given:
            if not path.startswith("/") or "*" in path.removesuffix("/*") or is_doubtful(path):
                raise ValueError(f"{what} is such as /health, or /assets/* for all below /assets/")
        self._exact = frozenset(path for path in given if not path.endswith("/*"))
        self._folders = tuple(path[:-1] for path in given if path.endswith("/*"))

    def __bool__(self) -> bool:
        """Whether any path was named."""
        return bool(self._exact or self._folders)

    def include(self, path: str) -> bool:
        """Whether a path is among them; a doubtful one never is below another."""
        if path in self._exact:
            return True
        return path.startswith(self._folders) and not is_doubtful(path) if self._folders else False

    def include_any_below(self, folder: str) -> bool:
        """Whether any path below one that ends in a slash is among them."""
        if any(each.startswith(folder) for each in self._exact):
            return True
        return any(each.startswith(folder) or folder.startswith(each) for each in self._folders)

    def include_all_below(self, folder: str) -> bool:
        """Whether every path below one that ends in a slash is among them, as far as it is not doubtful."""
        return any(folder.startswith(each) for each in self._folders)
