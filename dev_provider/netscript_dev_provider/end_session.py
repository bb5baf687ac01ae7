"""The end-session endpoint: signing out at the provider because the application asks for it."""

import json
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import InvalidRequestError
from joserfc import jws
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from netscript_dev_provider.changes import Members
from netscript_dev_provider.config import Client
from netscript_dev_provider.keys import SIGNING_ALGORITHM
from netscript_dev_provider.oauth_requests import Parameters, read_form, repeated
from netscript_dev_provider.provider import Provider, provider_of

_TITLE = "This sign-out cannot be done as asked"


async def end_session(request: Request) -> Response:
    """End the sign-in that the ``id_token_hint`` is about, and send the person to a registered address.

    Nobody is asked to confirm: whoever holds the hint was told about the sign-in, and without a hint nothing
    is ended.

    Source: OpenID Connect RP-Initiated Logout 1.0 sections 2 and 3.
    """
    provider = provider_of(request)
    try:
        given = dict(await _parameters(request))
        claims = _hint_claims(provider, given["id_token_hint"]) if "id_token_hint" in given else {}
        client = _client(provider, given, claims)
        destination = _destination(client, given)
    except InvalidRequestError as error:
        return provider.pages.error(_TITLE, error.description)
    if "sid" in claims:
        for sign_in in provider.store.end_session(claims["sid"]):
            await provider.backchannel.tell(sign_in)
    if destination is None:
        return provider.pages.signed_out()
    return Response(status_code=303, headers={"Location": destination, "Cache-Control": "no-store"})


async def _parameters(request: Request) -> Parameters:
    if request.method == "POST":
        return await read_form(request)
    parameters = tuple(request.query_params.multi_items())
    if repeated(parameters):
        raise InvalidRequestError("A parameter was sent more than once.")
    return parameters


def _hint_claims(provider: Provider, hint: str) -> Members:
    """Read an id token of ours, an expired one too, and one signed by a key that was retired since."""
    try:
        token = jws.deserialize_compact(hint, provider.keys.ever_used(), [SIGNING_ALGORITHM])
        claims: Members = json.loads(token.payload or b"")
    except (JoseError, ValueError) as error:
        raise InvalidRequestError("The id_token_hint is no id token of this provider.") from error
    if claims.get("iss") != provider.config.issuer:
        raise InvalidRequestError("The id_token_hint is no id token of this provider.")
    return claims


def _client(provider: Provider, given: dict[str, str], claims: Members) -> Client | None:
    audience = claims.get("aud", given.get("client_id", ""))
    if given.get("client_id", audience) != audience:
        raise InvalidRequestError("The client_id is not the one that the id_token_hint was made for.")
    return provider.config.client(audience) if isinstance(audience, str) else None


def _destination(client: Client | None, given: dict[str, str]) -> str | None:
    uri = given.get("post_logout_redirect_uri")
    if uri is None:
        return None
    if client is None or uri not in client.post_logout_redirect_uris:
        raise InvalidRequestError(
            "The post_logout_redirect_uri is not registered. Send client_id or id_token_hint with it, "
            "and start this provider with --post-logout-redirect-uri."
        )
    if "state" not in given:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode({'state': given['state']})}"
