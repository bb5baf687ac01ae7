"""Which foreign pages may call: none, until origins are configured; then exactly those, with credentials."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from netscript_kernel.contracts import ProblemSpec
from netscript_kernel.service.problems import ProblemError, problem_response

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_REQUEST_HEADERS = ("Authorization", "Content-Type", "X-Request-ID", "traceparent")
_EXPOSED = ("Retry-After", "X-Request-ID")
_REFUSED = ProblemSpec("CORS_REFUSED", 400, "This page may not call this service so")


class Cors(CORSMiddleware):
    """Starlette's middleware, closed by default and with refusals as problems.

    Args:
        app: What comes next.
        origins: Exact origins; at least one, or this middleware is not in the chain at all.
    """

    def __init__(self, app: ASGIApp, origins: frozenset[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_REQUEST_HEADERS,
            allow_credentials=True,
            expose_headers=_EXPOSED,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer a preflight; a refusal says what is not allowed."""
        answer = super().preflight_response(request_headers)
        if answer.status_code == _REFUSED.status:
            detail = bytes(answer.body).decode().replace("Disallowed CORS", "Not allowed:")
            vary = {"Vary": answer.headers["vary"]}
            return problem_response(ProblemError(_REFUSED, detail=detail, headers=vary))
        return answer


class HotCors:
    """What :class:`Cors` adds to a response, computed once for each origin."""

    def __init__(self, origins: frozenset[str]) -> None:
        common = (
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", ", ".join(_EXPOSED).encode()),
        )
        self._for_others = common
        self._by_origin = {
            origin.encode(): (*common, (b"access-control-allow-origin", origin.encode()))
            for origin in origins
        }

    def complete(
        self, headers: Sequence[tuple[bytes, bytes]], origin: bytes | None
    ) -> list[tuple[bytes, bytes]]:
        """Return the headers as a request from this origin, or from none, gets them."""
        vary = [value for name, value in headers if name == b"vary"]
        kept = [header for header in headers if header[0] != b"vary"] if vary else list(headers)
        kept.append((b"vary", b", ".join([*vary, b"Origin"])))
        if origin is not None:
            kept += self._by_origin.get(origin, self._for_others)
        return kept
