"""Tells a refusal of auth-api, as a proxy passes it on, from the answer of anybody else."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, urljoin, urlsplit

from pydantic import BaseModel, ValidationError

from netscript_auth_core.contract_v1 import AuthV1
from netscript_kernel.contracts import UNAUTHORIZED
from netscript_kernel.problem_documents import PROBLEM_MEDIA_TYPE
from netscript_plugin_auth.proxy_check.target import Target
from netscript_plugin_auth.proxy_check.wire import Answer, Request

# Those that lead somewhere for now: a permanent one mends an address.
_REDIRECTS: Final = frozenset({302, 303, 307})
_SIGN_IN_PATH: Final = f"{AuthV1.prefix}{AuthV1.begin_signin.path}"
_SIGN_IN_HEADER: Final = "x-auth-request-redirect"


class _Problem(BaseModel):
    code: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a redirect leads, as far as that has to stay the same.

    Attributes:
        address: Without its query.
        comes_back_to: Where it says that the person comes back to.
    """

    address: str
    comes_back_to: str | None


def place_of(answer: Answer, target: Target) -> Place | None:
    """Return where an answer leads; ``None`` where it is no redirect, or one that cannot be read."""
    location = answer.header("location")
    if answer.status not in _REDIRECTS or location is None:
        return None
    try:
        split = urlsplit(urljoin(f"{target.origin}{target.path}", location))
    except ValueError:
        return None
    back = parse_qs(split.query).get("redirectTo", [None])[0]
    return Place(f"{split.scheme}://{split.netloc}{split.path}", back)


def is_sign_in(place: Place, target: Target) -> bool:
    """Whether people sign in there: at auth-api, or where the operator said."""
    return place.address == target.sign_in or urlsplit(place.address).path == _SIGN_IN_PATH


def is_of_auth_api(request: Request, answer: Answer) -> bool:
    """Whether a 401 says that it is auth-api's: by the header of ``/verify``, or by its problem.

    An application that is reached without anybody's identity answers 401, too, and so does a proxy that asks
    for a password.
    """
    if answer.status != HTTPStatus.UNAUTHORIZED:
        return False
    if answer.header(_SIGN_IN_HEADER) is not None:
        return True
    if (answer.header("content-type") or "").partition(";")[0].strip().lower() != PROBLEM_MEDIA_TYPE:
        return False
    if request.method == "HEAD":  # which has no body to read
        return True
    try:
        return _Problem.model_validate_json(answer.body).code == UNAUTHORIZED.code
    except ValidationError:
        return False


def asks_for_a_password(answer: Answer) -> bool:
    """Whether it is a 401 by which browsers ask for a password or a token: auth-api names no such scheme."""
    return answer.status == HTTPStatus.UNAUTHORIZED and answer.header("www-authenticate") is not None
