"""The token and the revocation endpoint."""

from authlib.oauth2.rfc6749 import InvalidRequestError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from netscript_dev_provider.answer_faults import TOKEN_ANSWER_FAULTS, TOKEN_BODY_FAULTS
from netscript_dev_provider.authorization_server import Answer
from netscript_dev_provider.misbehaviour import chosen
from netscript_dev_provider.oauth_requests import ProviderRequest, read_form
from netscript_dev_provider.personas import Behaviour
from netscript_dev_provider.provider import Provider, provider_of


async def token(request: Request) -> Response:
    """Trade a code or a refresh token for tokens (RFC 6749 section 3.2)."""
    provider = provider_of(request)
    try:
        asked = await _client_request(request)
    except InvalidRequestError as error:
        return sent(provider.server.refuse(error))
    persona = provider.person_behind(asked.form)
    if persona and persona.behaviour is Behaviour.DOWN:
        return PlainTextResponse("Service Unavailable", status_code=503)
    if persona and persona.behaviour is Behaviour.SLOW:
        await provider.sleep(provider.config.slow_delay.total_seconds())
    answer = provider.server.trade(asked)
    return _distorted(provider, answer) if answer.status == 200 else sent(answer)


async def revoke(request: Request) -> Response:
    """End a token (RFC 7009 section 2)."""
    provider = provider_of(request)
    try:
        asked = await _client_request(request)
    except InvalidRequestError as error:
        return sent(provider.server.refuse(error))
    return sent(provider.server.revoke(asked))


def sent(answer: Answer) -> Response:
    """Turn what Authlib wants to be sent into a response."""
    return JSONResponse(answer.body, answer.status, answer.headers)


async def _client_request(request: Request) -> ProviderRequest:
    form = await read_form(request)
    if "authorization" in request.headers and any(name == "client_secret" for name, _ in form):
        raise InvalidRequestError("Authenticate the client in one way, not in two (RFC 6749 section 2.3).")
    return ProviderRequest(request.method, request.headers, form)


def _distorted(provider: Provider, answer: Answer) -> Response:
    """Spoil a good answer; a refusal stays what it is, and the code is spent either way."""
    for make in chosen(TOKEN_ANSWER_FAULTS, provider.misbehaviours):
        return make()
    for change in chosen(TOKEN_BODY_FAULTS, provider.misbehaviours):
        change(answer.body)
    return sent(answer)
