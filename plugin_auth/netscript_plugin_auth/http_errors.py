"""Which problem each error of auth is on the wire: the only place that knows both.

============================  =======================================================================
error                         answer
============================  =======================================================================
InvalidInputError             422 with the field
FlowRefusedError              403; 409 for ``flow_used``, 410 for ``flow_expired``, 422 for parameters
LogoutRefusedError            400 with the reason
RestartSigninError            403 to a program; the callback leads a browser to a sign-in that begins here
OperationUnsupportedError     501 with ``{backend, operation, reason, signInUrl?}``
SessionEndedError             401
ProviderProtocolError         502
BackendUnavailableError       503 with ``Retry-After``
StoreUnavailableError         503 with ``Retry-After``
StoreCorruptError, SealError  503: what is stored cannot be read by this version or these keys
BackendNotFoundError          500 without details: it ends a start, and comes with no request
CapabilityMismatchError       500 without details: the adapter breaks the port; the log says how
============================  =======================================================================
"""

import math
from collections.abc import Mapping
from datetime import timedelta

from netscript_auth_core.contract_v1 import (
    AUTH_BACKEND_UNAVAILABLE,
    AUTH_OPERATION_UNSUPPORTED,
    AUTH_PROVIDER_ERROR,
    FLOW_EXPIRED,
    FLOW_USED,
    LOGOUT_REFUSED,
)
from netscript_auth_core.errors import (
    BackendUnavailableError,
    FlowRefusedError,
    InvalidInputError,
    LogoutRefusedError,
    OperationUnsupportedError,
    ProviderProtocolError,
    SessionEndedError,
)
from netscript_auth_core.reasons import FlowReason
from netscript_kernel.contracts import FORBIDDEN, UNAUTHORIZED, VALIDATION_ERROR, ProblemSpec
from netscript_kernel.errors import SealError, StoreCorruptError, StoreUnavailableError
from netscript_kernel.service.faults import InputFaults
from netscript_kernel.service.problems import ProblemError
from netscript_plugin_auth.origin_rule import NEITHER_HEADER

_FLOW_SPECS: Mapping[FlowReason, ProblemSpec] = {
    FlowReason.FLOW_USED: FLOW_USED,
    FlowReason.FLOW_EXPIRED: FLOW_EXPIRED,
    FlowReason.PARAMETER_MISSING: VALIDATION_ERROR,
    FlowReason.PARAMETER_REPEATED: VALIDATION_ERROR,
    FlowReason.PARAMETER_MALFORMED: VALIDATION_ERROR,
}
_DETAILS: Mapping[FlowReason, str] = {
    FlowReason.CROSS_SITE: (
        "A browser may ask for this from a page of this service, or of an origin that its operator names in "
        "NETSCRIPT_AUTH_ALLOWED_ORIGINS. A program without a browser sends JSON, or the header "
        "X-NetScript-CSRF: 1"
    ),
}
_OF_A_PROGRAM = (
    "It does not say where it comes from, and a page of any site could send it as it is. A program sends it "
    "with Content-Type: application/json and a JSON body, or with the header X-NetScript-CSRF: 1"
)
_STORE_RETRY = timedelta(seconds=5)


def map_problem(error: Exception) -> ProblemError | None:
    """Return the problem that an error is, or ``None`` where it is none of auth."""
    match error:
        case FlowRefusedError(code=FlowReason.CROSS_SITE, seen=seen) if seen == NEITHER_HEADER:
            return ProblemError(FORBIDDEN, detail=_OF_A_PROGRAM, data={"reason": error.code.value})
        case FlowRefusedError():
            return refusal(error.code)
        case LogoutRefusedError():
            return ProblemError(LOGOUT_REFUSED, data={"reason": error.code.value})
        case InvalidInputError():
            faults = InputFaults()
            faults.add(error.problem, error.field)
            return faults.problem()
        case OperationUnsupportedError():
            return _unsupported(error)
        case SessionEndedError():
            return ProblemError(UNAUTHORIZED, data={"reason": error.cause.value})
        case ProviderProtocolError():
            return ProblemError(AUTH_PROVIDER_ERROR, data={"reason": error.reason})
        case BackendUnavailableError():
            return _unavailable(error.reason, error.retry_after)
        case StoreUnavailableError() | StoreCorruptError() | SealError():
            return _unavailable(error.reason, _STORE_RETRY)
        case _:
            return None


def _unsupported(error: OperationUnsupportedError) -> ProblemError:
    data = {"backend": error.backend, "operation": error.operation, "reason": error.why}
    if error.sign_in_url is not None:
        data["signInUrl"] = error.sign_in_url
    return ProblemError(AUTH_OPERATION_UNSUPPORTED, detail=str(error), data=data)


def refusal(code: FlowReason, *, is_signed_in: bool = False) -> ProblemError:
    """Return the problem of a refused sign-in.

    Args:
        code: Why.
        is_signed_in: Whether the browser has a session nevertheless, from before.
    """
    spec = _FLOW_SPECS.get(code, FORBIDDEN)
    data: dict[str, object] = {"reason": code.value}
    if spec is VALIDATION_ERROR:
        data |= {"formErrors": [code.value], "fieldErrors": {}}
    if is_signed_in:
        data |= {"authenticated": True}
    return ProblemError(spec, detail=_DETAILS.get(code), data=data)


def _unavailable(reason: str, retry_after: timedelta) -> ProblemError:
    seconds = max(1, math.ceil(retry_after.total_seconds()))
    headers = {"Retry-After": str(seconds)}
    return ProblemError(AUTH_BACKEND_UNAVAILABLE, data={"reason": reason}, headers=headers)
