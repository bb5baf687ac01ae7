"""``POST /token``: whoever is signed in gets a token for one of the services behind."""

from starlette.requests import Request
from starlette.responses import Response

from netscript_auth_core.contract_v1 import AuthV1, TokenInput, TokenReply
from netscript_auth_core.errors import OperationUnsupportedError
from netscript_kernel.service.inputs import read_input
from netscript_plugin_auth.answers import json_answer
from netscript_plugin_auth.forms import is_empty
from netscript_plugin_auth.parts import Parts
from netscript_plugin_auth.visitor import require_visitor

_WHY_NOT = "no service is named that takes tokens; NETSCRIPT_AUTH_TOKEN_AUDIENCES names them"


class TokenDesk:
    """The handler. A token is no credential here: nothing of this service reads one."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def issued(self, request: Request) -> Response:
        """Answer a token for the person whose session comes with the request.

        Raises:
            OperationUnsupportedError: no service is named that takes tokens.
            FlowRefusedError: another site wants it.
            ProblemError: 401 for nobody, 403 for somebody who may not come in.
            InvalidInputError: no such service.
            BackendUnavailableError: could not find out who asks, or the store of the keys is away.
        """
        parts = self._parts
        if parts.tokens is None:
            raise OperationUnsupportedError(parts.backend.name, "token", _WHY_NOT)
        with parts.journal.change():
            parts.origins.check(request.method, request.headers)
        wish: TokenInput = TokenInput() if is_empty(request) else await read_input(AuthV1.token, request)
        visitor = await require_visitor(parts.backend, parts.visitors, request)
        identity = visitor.identity
        principal = parts.backend.principals.principal(identity.session)
        token = await parts.tokens.issue(identity, principal, wish.audience)
        parts.journal.token_issued(identity.session, token.audience)
        reply = TokenReply(access_token=token.text, expires_in=token.expires_in)
        return json_answer(reply, visitor.cookies)
