"""The answer that goes back to the application through the browser."""

from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import OAuth2Error
from starlette.responses import Response

from netscript_dev_provider.answer_faults import AUTHORIZATION_FAULTS
from netscript_dev_provider.authorization_request import AuthorizationRequest
from netscript_dev_provider.changes import Fields
from netscript_dev_provider.misbehaviour import chosen
from netscript_dev_provider.provider import Provider


def respond(provider: Provider, request: AuthorizationRequest, fields: Fields) -> Response:
    """Send parameters to the redirect URI, with the ``state`` and who we are.

    Source: RFC 6749 section 4.1.2; RFC 9207 section 2; OAuth 2.0 Form Post Response Mode 1.0.
    """
    state = [("state", request.state)] if request.state is not None else []
    answer = [*fields, *state, ("iss", provider.config.issuer)]
    for change in chosen(AUTHORIZATION_FAULTS, provider.misbehaviours):
        answer = change(answer)
    if request.response_mode == "form_post":
        return provider.pages.form_post(request.redirect_uri, answer)
    joint = "&" if "?" in request.redirect_uri else "?"
    location = f"{request.redirect_uri}{joint}{urlencode(answer)}"
    return Response(status_code=303, headers={"Location": location, "Cache-Control": "no-store"})


def respond_with_error(provider: Provider, request: AuthorizationRequest, error: OAuth2Error) -> Response:
    """Send an error to the redirect URI (RFC 6749 section 4.1.2.1)."""
    fields = [("error", str(error.error)), ("error_description", str(error.get_error_description()))]
    return respond(provider, request, [field for field in fields if field[1]])
