"""Which status and code each error of auth has on the wire."""

from datetime import timedelta
from typing import Any

import pytest

from netscript_auth_core.errors import (
    AuthError,
    BackendUnavailableError,
    FlowRefusedError,
    InvalidInputError,
    OperationUnsupportedError,
    ProviderProtocolError,
    SessionEndedError,
)
from netscript_auth_core.reasons import AnonymousReason, FlowReason
from netscript_kernel.errors import NetScriptError, SealError, StoreCorruptError, StoreUnavailableError
from netscript_plugin_auth.http_errors import map_problem

FLOW_STATUS = {
    FlowReason.FLOW_USED: (409, "CONFLICT"),
    FlowReason.FLOW_EXPIRED: (410, "GONE"),
    FlowReason.PARAMETER_MISSING: (422, "VALIDATION_ERROR"),
    FlowReason.PARAMETER_REPEATED: (422, "VALIDATION_ERROR"),
    FlowReason.PARAMETER_MALFORMED: (422, "VALIDATION_ERROR"),
}


@pytest.mark.parametrize("code", FlowReason)
def test_a_refused_sign_in_is_never_a_fault_of_ours_and_tells_its_reason(code: FlowReason) -> None:
    problem = map_problem(FlowRefusedError(code, expected="hidden", seen="hidden"))

    assert problem is not None
    assert problem.data is not None
    assert (problem.spec.status, problem.spec.code) == FLOW_STATUS.get(code, (403, "FORBIDDEN"))
    assert problem.data["reason"] == code.value
    assert "hidden" not in str(problem.data) + str(problem.detail)


@pytest.mark.parametrize(
    ("error", "status", "code", "data"),
    [
        (
            InvalidInputError("scopes", "must be among: openid"),
            422,
            "VALIDATION_ERROR",
            {"formErrors": [], "fieldErrors": {"scopes": ["must be among: openid"]}},
        ),
        (
            OperationUnsupportedError("workos", "signin", "hosted"),
            501,
            "AUTH_OPERATION_UNSUPPORTED",
            {"backend": "workos", "operation": "signin", "reason": "hosted"},
        ),
        (
            SessionEndedError(AnonymousReason.SESSION_REVOKED),
            401,
            "UNAUTHORIZED",
            {"reason": "session_revoked"},
        ),
        (
            ProviderProtocolError("acme", "secret-ish"),
            502,
            "AUTH_PROVIDER_ERROR",
            {"reason": "provider_protocol"},
        ),
    ],
)
def test_an_error_is_told_by_its_facts(
    error: AuthError, status: int, code: str, data: dict[str, Any]
) -> None:
    problem = map_problem(error)

    assert problem is not None
    assert (problem.spec.status, problem.spec.code, problem.data) == (status, code, data)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (BackendUnavailableError("kv-oauth", "host 10.0.0.7 is away", timedelta(seconds=29.1)), "30"),
        (BackendUnavailableError("kv-oauth", "host 10.0.0.7 is away", timedelta(0)), "1"),
        (StoreUnavailableError("redis", "host 10.0.0.7 is away"), "5"),
        (StoreCorruptError("session", "has schema version 9"), "5"),
        (SealError("auth/grant"), "5"),
    ],
)
def test_not_being_able_to_find_out_asks_to_come_again_and_tells_no_more(
    error: NetScriptError, seconds: str
) -> None:
    problem = map_problem(error)

    assert problem is not None
    assert (problem.spec.code, problem.headers) == ("AUTH_BACKEND_UNAVAILABLE", {"Retry-After": seconds})
    assert problem.detail is None
    assert problem.data == {"reason": error.reason}


def test_an_error_of_no_ones_is_left_to_the_kernel() -> None:
    assert map_problem(RuntimeError("boom")) is None
