"""Shows a page where a person, not a program, meets an error."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from netscript_kernel.service.error_mapping import ErrorMapping
from netscript_plugin_auth.accept import wants_page
from netscript_plugin_auth.http_errors import map_problem
from netscript_plugin_auth.pages.rendering import Pages
from netscript_plugin_auth.pages.sentences import SENTENCES, SENTENCES_AT_SIGNIN

Handler = Callable[[Request], Awaitable[Response]]


class Refusals:
    """Stands around handlers that people reach by navigating.

    Args:
        pages: ``None`` where there are no pages; then every error stays a problem document.
    """

    def __init__(self, pages: Pages | None) -> None:
        self._pages = pages
        self._mapping = ErrorMapping(map_problem)

    def shown(self, handler: Handler) -> Handler:
        """Return the handler with its errors shown as pages to whoever accepts pages."""
        return self._shown(handler, SENTENCES)

    def shown_at_signin(self, handler: Handler) -> Handler:
        """The same for a handler that signs somebody in."""
        return self._shown(handler, SENTENCES_AT_SIGNIN)

    def _shown(self, handler: Handler, sentences: Mapping[str, str]) -> Handler:
        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except Exception as error:
                if self._pages is None or not wants_page(request.headers.get("accept")):
                    raise
                return self._pages.refusal(self._mapping.problem_of(error), sentences)

        return answer
