"""``/signed-out``: where people end up, and where browsers go to the provider's sign-out and come back."""

from starlette.requests import Request
from starlette.responses import Response

from netscript_kernel.contracts import NOT_FOUND
from netscript_kernel.service.problems import ProblemError
from netscript_plugin_auth.answers import redirect
from netscript_plugin_auth.pages.rendering import Pages
from netscript_plugin_auth.parts import Parts
from netscript_plugin_auth.signout_handover import is_navigation
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
        destination = self._parts.signout_return.arrive(request.scope["headers"], _state_of(request))
        if destination is None:
            return self._plain()
        # Checked when the browser left; what is allowed may have changed since.
        if not destination or not self._parts.return_to.allows(destination):
            destination = SIGNED_OUT_PATH if self._pages else "/"
        return redirect(destination, [self._parts.signout_return.clear()])

    async def lead_on(self, request: Request) -> Response:
        """Send a browser that has just signed out here to its provider, once.

        Raises:
            ProblemError: 404, no pages, and no browser that was expected.
            StoreUnavailableError: could not find out.
        """
        state = _state_of(request)
        is_expected = self._parts.signout_return.arrive(request.scope["headers"], state) is not None
        if state is None or not is_expected or not is_navigation(request.headers):
            return self._plain()
        address = await self._parts.signout_handover.take(state)
        return self._plain() if address is None else redirect(address)

    def _plain(self) -> Response:
        if self._pages is None:
            raise ProblemError(NOT_FOUND)
        return self._pages.show("signed_out.html", {})


def _state_of(request: Request) -> str | None:
    given = request.query_params.getlist("state")
    return given[0] if len(given) == 1 else None
