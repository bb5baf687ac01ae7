"""Which paths are open to everybody: those that are named, and none that only looks like one of them."""

from collections.abc import Iterable

from netscript_auth_client.asgi import Scope
from netscript_kernel.path_patterns import PathPatterns


class PublicPaths:
    """Decides by the path below the application that is guarded.

    Args:
        paths: Each exactly; one that ends in ``/*`` stands for everything below it.

    Raises:
        ValueError: one of them is no such path.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._patterns = PathPatterns(paths, "a public path")

    def include(self, scope: Scope) -> bool:
        """Whether this request is open to everybody."""
        if not self._patterns:
            return False
        return self._patterns.include(_below_root(scope["path"], scope.get("root_path", "")))


def _below_root(path: str, root: str) -> str:
    """Return the path without that of the mount (ASGI: ``path`` has ``root_path`` in front)."""
    root = root.rstrip("/")
    return path[len(root) :] if root and path.startswith(f"{root}/") else path
