"""The userinfo endpoint: what an access token lets an application know about a person."""

from typing import Any, cast

from authlib.oauth2.rfc6749 import OAuth2Error, ResourceProtector
from authlib.oauth2.rfc6750 import BearerTokenValidator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import override

from netscript_dev_provider.answer_faults import USERINFO_ANSWER_FAULTS, USERINFO_BODY_FAULTS
from netscript_dev_provider.id_tokens import claims_about
from netscript_dev_provider.misbehaviour import chosen
from netscript_dev_provider.provider import Provider, provider_of
from netscript_dev_provider.records import IssuedToken
from netscript_dev_provider.store import GrantStore
from netscript_dev_provider.token_endpoint import sent


class _AccessTokens(BearerTokenValidator):
    def __init__(self, store: GrantStore) -> None:
        cast("Any", super()).__init__("userinfo")
        self._store = store

    @override
    def authenticate_token(self, token_string: str) -> IssuedToken | None:
        return self._store.access_token(token_string)


async def userinfo(request: Request) -> Response:
    """Return the claims of whoever the access token is about (OpenID Connect Core 1.0 section 5.3).

    Any good access token will do, also one without the scope ``openid``: plain OAuth clients ask here too.
    """
    provider = provider_of(request)
    protector: Any = ResourceProtector()
    protector.register_token_validator(_AccessTokens(provider.store))
    try:
        token: IssuedToken = protector.validate_request(None, request)
    except OAuth2Error as error:
        return sent(provider.server.refuse(error))
    return _distorted(provider, token)


def _distorted(provider: Provider, token: IssuedToken) -> Response:
    for make in chosen(USERINFO_ANSWER_FAULTS, provider.misbehaviours):
        return make()
    claims = claims_about(token.sign_in.persona, token.scope)
    for change in chosen(USERINFO_BODY_FAULTS, provider.misbehaviours):
        change(claims)
    return JSONResponse(claims, headers={"Cache-Control": "no-store"})
