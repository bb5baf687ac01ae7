"""Responses of the endpoints: JSON or a redirect, with cookies."""

from collections.abc import Iterable

from starlette.responses import RedirectResponse, Response

from netscript_kernel.contracts import WireModel
from netscript_kernel.service.answers import Header

SEE_OTHER = 303  # after a POST the browser must GET: RFC 9700 section 4.12
FOUND = 302


def json_answer(body: WireModel, cookies: Iterable[str] = ()) -> Response:
    """Return the body as JSON, leaving these ``Set-Cookie`` lines."""
    response = Response(body.to_wire(), media_type="application/json")
    return with_cookies(response, cookies)


def redirect(location: str, cookies: Iterable[str] = (), *, status: int = SEE_OTHER) -> Response:
    """Send the browser elsewhere, leaving these ``Set-Cookie`` lines."""
    return with_cookies(RedirectResponse(location, status_code=status), cookies)


def cookie_headers(cookies: Iterable[str]) -> tuple[Header, ...]:
    """Return the same lines as headers, for what is answered without a response class."""
    return tuple((b"set-cookie", line.encode("latin-1")) for line in cookies)


def with_cookies(response: Response, cookies: Iterable[str]) -> Response:
    """Let a response leave these ``Set-Cookie`` lines."""
    for line in cookies:
        response.headers.append("set-cookie", line)
    return response
