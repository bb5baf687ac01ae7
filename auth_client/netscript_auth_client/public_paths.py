"""Which paths are open to everybody: those that are named, and none that only looks like one of them."""

import re
from collections.abc import Iterable
from typing import Final

from netscript_auth_client.asgi import Scope

# What servers and frameworks may read as another path than is written: steps, empty segments, other slashes.
_DOUBTFUL: Final = re.compile(r"//|/\.{1,2}(?:/|$)|[\\;%\x00-\x1f]")


class PublicPaths:
    """Decides by the path below the application that is guarded.

    Args:
        paths: Each exactly; one that ends in ``/*`` stands for everything below it.

    Raises:
        ValueError: one of them is no such path.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        given = list(paths)
        for path in given:
            if not path.startswith("/") or "*" in path.removesuffix("/*") or _DOUBTFUL.search(path):
                raise ValueError("a public path is such as /health, or /assets/* for all below /assets/")
        self._exact = frozenset(path for path in given if not path.endswith("/*"))
        self._folders = tuple(path[:-1] for path in given if path.endswith("/*"))

    def include(self, scope: Scope) -> bool:
        """Whether this request is open to everybody."""
        if not self._exact and not self._folders:
            return False
        path = _below_root(scope["path"], scope.get("root_path", ""))
        if path in self._exact:
            return True
        return path.startswith(self._folders) and not _DOUBTFUL.search(path) if self._folders else False


def _below_root(path: str, root: str) -> str:
    """Return the path without that of the mount (ASGI: ``path`` has ``root_path`` in front)."""
    root = root.rstrip("/")
    return path[len(root) :] if root and path.startswith(f"{root}/") else path
