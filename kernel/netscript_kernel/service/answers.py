"""A whole response as plain data, for what is answered without a response class."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from starlette.responses import Response

Header: TypeAlias = tuple[bytes, bytes]


@dataclass(slots=True)
class HotAnswer:
    """A whole response.

    Attributes:
        status: HTTP status.
        headers: Names in lower case. Content length, request id and security headers are added; one that is
            here already, such as ``content-security-policy``, takes the place of the default.
        body: Sent in one piece.
        more: Headers of this answer alone, none of which is a default. Those in ``headers`` are completed
            once for all answers that have the same.
    """

    status: int
    headers: Sequence[Header]
    body: bytes
    more: Sequence[Header] = ()


def raw_response(answer: HotAnswer) -> Response:
    """Return the same as a Starlette response."""
    response = Response(answer.body, status_code=answer.status)
    response.raw_headers = [*answer.headers, *answer.more, *response.raw_headers]
    return response
