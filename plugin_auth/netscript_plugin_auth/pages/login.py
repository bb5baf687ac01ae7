"""``/login``: choose a provider. ``/error``: where people end up who could not."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response

from netscript_auth_core.capabilities import Capability
from netscript_auth_core.domain import ProviderDescriptor
from netscript_auth_core.errors import FlowRefusedError
from netscript_kernel.request_context import REQUEST_ID
from netscript_plugin_auth.pages.rendering import Pages
from netscript_plugin_auth.pages.sentences import DID_NOT_WORK, GENERAL, SENTENCES
from netscript_plugin_auth.parts import Parts
from netscript_plugin_auth.signin import CHOICE_FIELDS, require_interactive

_MAX_AGE: Final = "maxAge"


class LoginPages:
    """The handlers."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    async def login(self, request: Request) -> Response:
        """Offer each provider as a link that begins the sign-in.

        Raises:
            FlowRefusedError: the destination is not allowed; better said before somebody signs in.
            OperationUnsupportedError: people do not sign in here.
        """
        require_interactive(self._parts, Capability.SIGNIN)
        wanted = request.query_params.get("redirectTo")
        try:
            self._parts.return_to.check(wanted)
        except FlowRefusedError as error:
            self._parts.journal.signin_failed(error)
            raise
        choices = [
            {"name": provider.display_name, "url": self._link(provider, request.query_params)}
            for provider in self._offered(request.query_params)
        ]
        return self._pages.show("login.html", {"choices": choices})

    async def error(self, request: Request) -> Response:
        """Explain a reason code; one that is not ours is not repeated."""
        reason = request.query_params.get("reason", "")
        values = {
            "title": DID_NOT_WORK,
            "reason": reason if reason in SENTENCES else "unknown",
            "sentence": SENTENCES.get(reason, GENERAL),
            "request_id": REQUEST_ID.get(),
            "leads_to_account": False,
        }
        return self._pages.show("error.html", values)

    def _offered(self, wish: Mapping[str, str]) -> Sequence[ProviderDescriptor]:
        """Return the providers that can do what is wished; all of them where none can, and one says so."""
        every = self._parts.backend.providers.list()
        able = [each for each in every if each.step_up] if wish.get(_MAX_AGE) else every
        return able or every

    def _link(self, provider: ProviderDescriptor, wish: Mapping[str, str]) -> str:
        kept = {name: wish[name] for name in map(to_camel, CHOICE_FIELDS) if wish.get(name)}
        query = {"providerId": provider.id, **kept}
        return f"{self._pages.way_in.url}?{urlencode(query)}"
