"""The authorization endpoint: shows who can sign in, and sends the answer back to the application."""

from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidRequestError, OAuth2Error
from starlette.requests import Request
from starlette.responses import Response

from netscript_dev_provider.authorization_request import (
    UnanswerableRequestError,
    read_request,
)
from netscript_dev_provider.authorization_response import respond, respond_with_error
from netscript_dev_provider.oauth_requests import Parameters, ProviderRequest, read_form
from netscript_dev_provider.open_pages import Visit
from netscript_dev_provider.personas import Behaviour, Persona
from netscript_dev_provider.provider import Provider, provider_of


async def authorize(request: Request) -> Response:
    """Begin a sign-in (GET, or POST of the same parameters), or take the choice that its page posts."""
    provider = provider_of(request)
    if request.method != "POST":
        return _begin(provider, request, tuple(request.query_params.multi_items()))
    try:
        form = await read_form(request)
    except InvalidRequestError as error:
        return provider.pages.error("This request cannot be read", error.description)
    page_id = dict(form).get("page")
    if page_id is None:
        return _begin(provider, request, form)
    visit = provider.open_pages.visit(page_id)
    if visit is None:
        return provider.pages.error(
            "This sign-in page is no longer valid",
            "It was open too long, or the provider was restarted. Start again at the application.",
        )
    return _choose(provider, visit, dict(form))


def _begin(provider: Provider, request: Request, parameters: Parameters) -> Response:
    try:
        asked = read_request(provider.config, parameters)
    except UnanswerableRequestError as error:
        return provider.pages.error("This application cannot be answered", str(error))
    try:
        asked.check()
        visit = Visit(asked, provider.server.consent(ProviderRequest("GET", request.headers, parameters)))
    except OAuth2Error as error:
        return respond_with_error(provider, asked, error)
    suggested = provider.config.persona_for_hint(asked.login_hint)
    if provider.config.auto_sign_in and suggested:
        return _sign_in(provider, visit, suggested)
    return provider.pages.sign_in(asked, provider.open_pages.open(visit), suggested)


def _choose(provider: Provider, visit: Visit, form: dict[str, str]) -> Response:
    if "cancel" in form:
        return respond_with_error(
            provider, visit.request, AccessDeniedError("The person cancelled the sign-in.")
        )
    persona = provider.config.persona(form.get("persona", ""))
    if persona is None:
        return provider.pages.error("Nobody was chosen", "Go back and choose one of the people on the page.")
    return _sign_in(provider, visit, persona)


def _sign_in(provider: Provider, visit: Visit, persona: Persona) -> Response:
    if persona.behaviour is Behaviour.LOCKED:
        return respond_with_error(provider, visit.request, AccessDeniedError("This account is locked."))
    code = visit.grant.issue_code(persona, provider.authenticated_at(visit.request.parameters))
    return respond(provider, visit.request, [("code", code)])
