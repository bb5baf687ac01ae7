"""The OpenAPI document: made by FastAPI from the contract's routes, completed by what FastAPI cannot know."""

from collections.abc import Sequence
from typing import Any

import orjson
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from netscript_kernel.contracts import JSON
from netscript_kernel.service.problems import Problem
from netscript_kernel.service.routes import ContractRoute
from netscript_kernel.service.settings import ServiceInfo

OPENAPI_PATH = "/api/openapi.json"


class ApiDocument:
    """Makes the document when it is first asked for: many processes never are.

    Args:
        info: Title, version and description.
        routes: All of the service; those of contracts, and those made by FastAPI, are documented.
    """

    def __init__(self, info: ServiceInfo, routes: Sequence[BaseRoute]) -> None:
        self._info = info
        self._routes = routes
        self._made: dict[str, Any] | None = None

    def get(self) -> dict[str, Any]:
        """Return the document (OpenAPI 3.1)."""
        if self._made is None:
            self._made = self._make()
        return self._made

    def route(self) -> Route:
        """Return the route that serves it."""

        async def openapi(request: Request) -> Response:
            prefix: str = request.scope.get("root_path", "")
            servers = {"servers": [{"url": prefix}]} if prefix else {}
            return Response(orjson.dumps({**self.get(), **servers}), media_type="application/json")

        return Route(OPENAPI_PATH, openapi, include_in_schema=False)

    def _make(self) -> dict[str, Any]:
        info = self._info
        routes = [route.documented() if isinstance(route, ContractRoute) else route for route in self._routes]
        document = get_openapi(
            title=info.name, version=info.version, description=info.description or None, routes=routes
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = Problem.model_json_schema()
        for route in self._routes:
            if isinstance(route, ContractRoute) and route.operation.is_raw:
                operation = document["paths"][route.path_format][route.operation.method.lower()]
                _name_body_types(operation, route.operation.body_types)
        return document


def _name_body_types(operation: dict[str, Any], body_types: Sequence[str]) -> None:
    """A raw operation reads its body itself: FastAPI knows of JSON only."""
    body = operation.get("requestBody")
    if body:
        schema = body["content"][JSON]
        body["content"] = dict.fromkeys(body_types, schema)
