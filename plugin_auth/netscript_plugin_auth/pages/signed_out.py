"""``/signed-out``: where people end up, and where browsers come back to from the provider's sign-out."""

from starlette.requests import Request
from starlette.responses import Response

from netscript_kernel.contracts import NOT_FOUND
from netscript_kernel.service.problems import ProblemError
from netscript_plugin_auth.answers import redirect
from netscript_plugin_auth.pages.rendering import Pages
from netscript_plugin_auth.parts import Parts
from netscript_plugin_auth.signout_return import SIGNED_OUT_PATH


class SignedOutPage:
    """The handler.

    Args:
        parts: What it works with.
        pages: ``None`` where there are none; browsers only pass through then.
    """

    def __init__(self, parts: Parts, pages: Pages | None) -> None:
        self._parts = parts
        self._pages = pages

    async def answer(self, request: Request) -> Response:
        """Say that it worked; a browser that brings back what it left with goes on to its destination.

        Raises:
            ProblemError: 404, no pages, and no browser that was expected.
        """
        given = request.query_params.getlist("state")
        state = given[0] if len(given) == 1 else None
        destination = self._parts.signout_return.arrive(request.scope["headers"], state)
        if destination is None:
            return self._plain()
        # Checked when the browser left; what is allowed may have changed since.
        if not destination or not self._parts.return_to.allows(destination):
            destination = SIGNED_OUT_PATH if self._pages else "/"
        return redirect(destination, [self._parts.signout_return.clear()])

    def _plain(self) -> Response:
        if self._pages is None:
            raise ProblemError(NOT_FOUND)
        return self._pages.show("signed_out.html", {})
