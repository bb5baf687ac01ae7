"""Names a request by the template of its route, so that logs and traces hold no identifier of a path."""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Match
from starlette.types import Scope

_LONGEST_PATH = 200


class RouteNames:
    """Finds templates.

    Args:
        routes: All of the service, in the order in which they are tried.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = routes

    def of(self, scope: Scope, asked: Scope) -> str:
        """Return the template, or the path where no route has it; see :meth:`template_of`."""
        return self.template_of(scope, asked) or _printable(asked["path"])

    def template_of(self, scope: Scope, asked: Scope) -> str | None:
        """Return the template, or ``None`` where no route has the path.

        Args:
            scope: As the routes left it.
            asked: A copy from before, since a mount rewrites the path.
        """
        is_mounted = scope.get("root_path") != asked.get("root_path")
        template: str | None = None if is_mounted else getattr(scope.get("route"), "path_format", None)
        return template or self._search(asked)

    def _search(self, asked: Scope) -> str | None:
        scope = {**asked, "method": "GET"} if asked["method"] == "HEAD" else asked
        partial: str | None = None
        for route in self._routes:
            match, _ = route.matches(scope)
            template: str | None = getattr(route, "path_format", None)
            if match is Match.FULL and template is not None:
                return template
            if match is Match.PARTIAL:
                partial = partial or template
        return partial


def _printable(path: str) -> str:
    return path[:_LONGEST_PATH].encode("unicode_escape").decode("ascii")
