"""What an application asks at the authorization endpoint, and which of it can be answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from authlib.oidc.core.errors import RequestNotSupportedError, RequestURINotSupportedError

from netscript_dev_provider.config import Client, ProviderConfig
from netscript_dev_provider.oauth_requests import Parameters, repeated

RESPONSE_MODES: Final = ("query", "form_post")
_LONGEST_QUOTE: Final = 200


class UnanswerableRequestError(Exception):
    """There is nobody that could safely be told: the person sees it instead, and is sent nowhere."""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request whose client and redirect URI are known, so that there is somebody to answer.

    Attributes:
        client: Who asks.
        redirect_uri: Where the answer goes; registered by the client, character by character.
        parameters: Everything that was sent.
    """

    client: Client
    redirect_uri: str
    parameters: Mapping[str, str]

    @property
    def response_mode(self) -> str:
        """How the answer goes: ``query`` unless ``form_post`` was asked for."""
        asked = self.parameters.get("response_mode", "query")
        return asked if asked in RESPONSE_MODES else "query"

    @property
    def state(self) -> str | None:
        """What the answer must repeat."""
        return self.parameters.get("state")

    @property
    def login_hint(self) -> str:
        """Who the application thinks will sign in; empty if it does not say."""
        return self.parameters.get("login_hint", "")

    def check(self) -> None:
        """Raise an ``OAuth2Error`` for what this provider does not do and Authlib does not look at."""
        for name, refuse in _CHECKS.items():
            if error := refuse(self.parameters.get(name)):
                raise error


def read_request(config: ProviderConfig, parameters: Parameters) -> AuthorizationRequest:
    """Find out who asks and where the answer may go.

    Raises:
        UnanswerableRequestError: unknown client, unregistered redirect URI, or a parameter given twice.
    """
    twice = repeated(parameters)
    if twice:
        raise UnanswerableRequestError(f"The request repeats {', '.join(twice)}. Send each parameter once.")
    given = dict(parameters)
    client = config.client(given.get("client_id", ""))
    if client is None:
        raise UnanswerableRequestError(
            f"There is no client {_quoted(given, 'client_id')} here. Check the client id of the application, "
            "or start this provider with --client-id."
        )
    redirect_uri = given.get("redirect_uri", "")
    if redirect_uri not in client.redirect_uris:
        raise UnanswerableRequestError(
            f"The redirect URI {_quoted(given, 'redirect_uri')} is not registered for {client.client_id!r}. "
            "It must be the same character by character; start this provider with --redirect-uri."
        )
    return AuthorizationRequest(client, redirect_uri, given)


def _quoted(given: Mapping[str, str], name: str) -> str:
    return repr(given.get(name, "")[:_LONGEST_QUOTE])


def _wrong_response_type(value: str | None) -> OAuth2Error | None:
    if value == "code":
        return None
    return OAuth2Error("This provider answers response_type=code only.", error="unsupported_response_type")


def _wrong_response_mode(value: str | None) -> OAuth2Error | None:
    if value is None or value in RESPONSE_MODES:
        return None
    return InvalidRequestError("The response_mode must be query or form_post.")


def _wrong_max_age(value: str | None) -> OAuth2Error | None:
    if value is None or (value.isascii() and value.isdigit()):
        return None
    return InvalidRequestError("The max_age must be a number of seconds.")


def _no_request_object(value: str | None) -> OAuth2Error | None:
    return RequestNotSupportedError() if value is not None else None


def _no_request_uri(value: str | None) -> OAuth2Error | None:
    return RequestURINotSupportedError() if value is not None else None


_CHECKS: Final[Mapping[str, Callable[[str | None], OAuth2Error | None]]] = {
    "request": _no_request_object,
    "request_uri": _no_request_uri,
    "response_type": _wrong_response_type,
    "response_mode": _wrong_response_mode,
    "max_age": _wrong_max_age,
}
