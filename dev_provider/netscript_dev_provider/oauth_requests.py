"""Requests as Authlib wants them, made from Starlette's."""

from collections.abc import Iterable
from typing import Any, cast

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload, OAuth2Request
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from typing_extensions import override

from netscript_dev_provider.records import SignIn

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 50
_LONGEST_FIELD = 64 * 1024

Parameters = tuple[tuple[str, str], ...]


class ProviderPayload(OAuth2Payload):
    """Parameters of a query or a form."""

    def __init__(self, parameters: Parameters) -> None:
        self._data = dict(parameters)
        self._datalist: dict[str, list[str]] = {}
        for name, value in parameters:
            self._datalist.setdefault(name, []).append(value)

    @property
    @override
    def data(self) -> dict[str, str]:
        """Each parameter's value."""
        return self._data

    @property
    @override
    def datalist(self) -> dict[str, list[str]]:
        """Each parameter's values."""
        return self._datalist


class ProviderRequest(OAuth2Request):
    """One request to the authorization, token or revocation endpoint.

    Attributes:
        parameters: What was sent, in the query or in the form.
    """

    def __init__(self, method: str, headers: Headers, parameters: Parameters) -> None:
        # Authlib takes plain HTTP on "localhost" only; LoopbackOnly has decided already which hosts may call.
        cast("Any", super()).__init__(method, "http://localhost/", headers=headers)
        self.parameters = dict(parameters)
        self.payload = ProviderPayload(parameters)

    @property
    @override
    def form(self) -> dict[str, str]:
        """The parameters again, for grants that look into the form."""
        return self.parameters

    @property
    def sign_in(self) -> SignIn:
        """What the code or refresh token of a valid token request came from."""
        presented: Any = self.authorization_code or self.refresh_token
        sign_in: SignIn = presented.sign_in
        return sign_in


def repeated(parameters: Iterable[tuple[str, str]]) -> list[str]:
    """Return the names that occur more than once, which none may (RFC 6749 sections 3.1 and 3.2)."""
    names = [name for name, _ in parameters]
    return sorted({name for name in names if names.count(name) > 1})


async def read_form(request: Request) -> Parameters:
    """Return the fields of a form.

    Raises:
        InvalidRequestError: it is no form, too large, or repeats a field.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _FORM:
        raise InvalidRequestError(f"Send the parameters as {_FORM}.")
    try:
        form = await request.form(max_fields=_MOST_FIELDS, max_part_size=_LONGEST_FIELD)
    except HTTPException as error:
        raise InvalidRequestError("The form is too large.") from error
    parameters = tuple((name, value) for name, value in form.multi_items() if isinstance(value, str))
    if repeated(parameters):
        raise InvalidRequestError("A parameter was sent more than once.")
    return parameters
