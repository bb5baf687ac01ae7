"""Whether paths that guards are told of lead to anything: a slip in one closes or opens nothing."""

import logging
from collections.abc import Sequence
from typing import Any

from starlette.routing import BaseRoute, Match, Mount

from netscript_kernel.access.rules import AccessRules
from netscript_kernel.service.authn import Authn
from netscript_kernel.service.authz import Authz
from netscript_kernel.service.hot import HotTree

_log = logging.getLogger("netscript.service")


def tell_of_paths_to_nothing(
    authn: Authn | None, authz: Authz | None, routes: Sequence[BaseRoute], trees: Sequence[HotTree]
) -> None:
    """Log which paths of the guards lead to no route, if there are any.

    Args:
        authn: Names what is protected and what is open.
        authz: Has rules, perhaps.
        routes: All, hot ones included.
        trees: What is answered by the beginning of its path.
    """
    named = () if authn is None else (*authn.protect.given, *authn.open_paths.given)
    if authz is not None and isinstance(authz.authorizer, AccessRules):
        named += tuple(each for each in authz.authorizer.targets if isinstance(each, str))
    lost = [each for each in dict.fromkeys(named) if not _leads_somewhere(each, routes, trees)]
    if lost:
        told = {"paths": ", ".join(lost), "fix": "correct them, or leave them out"}
        _log.warning("paths of the guards lead to no route", extra=told)


def _leads_somewhere(path: str, routes: Sequence[BaseRoute], trees: Sequence[HotTree]) -> bool:
    if path.endswith("/*"):
        folder = path[:-1]
        return any(_may_be_below(folder, each) for each in routes) or any(
            each.path.startswith(folder) or folder.startswith(each.path) for each in trees
        )
    asked: dict[str, Any] = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return any(each.matches(asked)[0] is not Match.NONE for each in routes) or any(
        path.startswith(each.path) for each in trees
    )


def _may_be_below(folder: str, route: BaseRoute) -> bool:
    """Whether a route may answer below a folder; where that is unclear, it may."""
    path: str | None = getattr(route, "path", None)
    if path is None:
        return True
    beginning, field, _ = path.partition("{")
    if isinstance(route, Mount) and not field:
        beginning, field = f"{beginning.rstrip('/')}/", "all below"
    return beginning.startswith(folder) or (bool(field) and folder.startswith(beginning))
