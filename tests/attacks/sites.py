"""Several sites behind one transport."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from tests.kv_oauth.wire import Pause

Members = dict[str, Any]


class Sites(httpx.AsyncBaseTransport):
    """Leads each request to the site of its host.

    Attributes:
        changes: By path, what is made of the members of a JSON answer.
        held: By path, what keeps requests waiting.
    """

    def __init__(self, sites: Mapping[str, httpx.AsyncBaseTransport]) -> None:
        self._by_host = sites
        self.changes: dict[str, Callable[[Members], Members]] = {}
        self.held: dict[str, Pause] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request."""
        if request.url.path in self.held:
            await self.held[request.url.path].hold()
        answer = await self._by_host[request.url.host].handle_async_request(request)
        change = self.changes.get(request.url.path)
        if change is None:
            return answer
        return httpx.Response(answer.status_code, json=change(json.loads(await answer.aread())))
