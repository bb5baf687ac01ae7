"""Which problem an error is on the wire. A service's own mapper goes first; the rest is said here."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from http.client import responses
from types import MappingProxyType
from typing import cast

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from netscript_kernel.access.ports import AccessRefusedError
from netscript_kernel.contracts import (
    BAD_REQUEST,
    CONTENT_TOO_LARGE,
    FORBIDDEN,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    RATE_LIMITED,
    REQUEST_TIMEOUT,
    UNAUTHORIZED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    VALIDATION_ERROR,
    ProblemSpec,
)
from netscript_kernel.errors import ConfigurationError, NetScriptError, StoreUnavailableError
from netscript_kernel.service.faults import input_problem
from netscript_kernel.service.problems import ProblemError, ProblemMapper

_log = logging.getLogger("netscript.service")

_SPECS: Mapping[int, ProblemSpec] = MappingProxyType(
    {
        spec.status: spec
        for spec in (
            BAD_REQUEST,
            UNAUTHORIZED,
            FORBIDDEN,
            NOT_FOUND,
            METHOD_NOT_ALLOWED,
            REQUEST_TIMEOUT,
            CONTENT_TOO_LARGE,
            UNSUPPORTED_MEDIA_TYPE,
            VALIDATION_ERROR,
            RATE_LIMITED,
            UNAVAILABLE,
        )
    }
)
_STORE_RETRY_SECONDS = "5"


class ErrorMapping:
    """Turns any error into a problem, and tells the operator of those that are ours.

    Args:
        mapper: The service's own; asked first, for whatever is not a problem already.
    """

    def __init__(self, mapper: ProblemMapper | None = None) -> None:
        self._mapper = mapper

    def problem_of(self, error: Exception) -> ProblemError:
        """Return the problem, logging it first where the fault is on our side."""
        problem = self._find(error)
        if problem.spec.status >= INTERNAL.status:
            _tell(error, problem)
        return problem

    def _find(self, error: Exception) -> ProblemError:
        if isinstance(error, ProblemError):
            return error
        mapped = self._mapper(error) if self._mapper else None
        return mapped or kernel_problem(error) or ProblemError(INTERNAL)


def kernel_problem(error: Exception) -> ProblemError | None:
    """Map what the kernel and the web framework raise; ``None`` for everything else."""
    if isinstance(error, StoreUnavailableError):
        return ProblemError(UNAVAILABLE, headers={"Retry-After": _STORE_RETRY_SECONDS})
    if isinstance(error, ConfigurationError):
        return ProblemError(UNAVAILABLE)
    if isinstance(error, AccessRefusedError):
        return ProblemError(error.spec, detail=error.detail, data=error.data, headers=error.headers)
    if isinstance(error, ClientDisconnect):
        # Nobody is left to read this; but it is no fault of ours, and not one for the log of errors.
        return ProblemError(BAD_REQUEST, detail="The request broke off")
    if isinstance(error, RequestValidationError):
        return input_problem(error.errors(), skip=1)
    if isinstance(error, HTTPException):
        return _http_problem(error)
    return None


def _http_problem(error: HTTPException) -> ProblemError | None:
    status = error.status_code
    if not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _SPECS:
        return None
    phrase = responses.get(status, "Refused")
    spec = _SPECS.get(status) or ProblemSpec(f"HTTP_{status}", status, phrase)
    detail = cast("object", error.detail)  # FastAPI's own exception takes anything
    told = detail if isinstance(detail, str) and detail != phrase else None
    return ProblemError(spec, detail=told or None, headers=error.headers)


def _tell(error: Exception, problem: ProblemError) -> None:
    if problem.spec.status == INTERNAL.status:
        _log.error("a request failed", exc_info=error, extra={"problem": problem.spec.code})
        return
    reason = getattr(error, "reason", type(error).__name__)
    told = {"problem": problem.spec.code, "reason": reason}
    # Our own errors word themselves from facts, without a secret; those of libraries may hold anything.
    if isinstance(error, NetScriptError) and not isinstance(error, ProblemError):
        told["cause"] = str(error)
    _log.warning("a request could not be answered", extra=told)
