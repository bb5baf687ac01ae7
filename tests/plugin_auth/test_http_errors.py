"""Which status and code each error of auth has on the wire."""

import importlib
import pkgutil
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

import netscript_auth_core
import netscript_kernel
from netscript_auth_core.errors import (
    AuthError,
    BackendNotFoundError,
    BackendUnavailableError,
    CapabilityMismatchError,
    FlowRefusedError,
    InvalidInputError,
    LogoutRefusedError,
    OperationUnsupportedError,
    ProviderProtocolError,
    RestartSigninError,
    SessionEndedError,
)
from netscript_auth_core.reasons import AnonymousReason, FlowReason, LogoutReason
from netscript_kernel.access.ports import AccessRefusedError, AuthenticationUnavailableError
from netscript_kernel.client_errors import (
    CallError,
    CallUnavailableError,
    EndlessPagesError,
    OutOfContractError,
    ProblemReply,
)
from netscript_kernel.contract_changes import NoSnapshotError
from netscript_kernel.errors import (
    ConfigurationError,
    NetScriptError,
    SealError,
    StoreCorruptError,
    StoreUnavailableError,
)
from netscript_kernel.plugins.faults import PluginInvalidError
from netscript_kernel.service.problems import ProblemError
from netscript_plugin_auth import http_errors
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


def test_a_request_that_another_site_could_have_sent_is_told_what_may_be_sent() -> None:
    problem = map_problem(FlowRefusedError(FlowReason.CROSS_SITE, seen="https://evil.example"))

    assert problem is not None
    assert problem.detail is not None
    assert "NETSCRIPT_AUTH_ALLOWED_ORIGINS" in problem.detail
    assert "sends JSON, or the header X-NetScript-CSRF: 1" in problem.detail


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


HAVE_NO_ROW = {
    NetScriptError: "a base that nobody raises",
    AuthError: "a base that nobody raises",
    ConfigurationError: "ends a start; comes with no request",
    BackendNotFoundError: "ends a start; comes with no request",
    CapabilityMismatchError: "a fault of the adapter: 500 of the kernel, which tells no details",
    CallError: "of programs that call a service; the service calls none",
    CallUnavailableError: "of programs that call a service; the service calls none",
    OutOfContractError: "of programs that call a service; the service calls none",
    ProblemReply: "of programs that call a service; the service calls none",
    ProblemError: "is a problem already",
    EndlessPagesError: "of programs that call a service; the service calls none",
    AccessRefusedError: "of guards, whose rows are the kernel's; auth-api is behind none",
    AuthenticationUnavailableError: "of guards, whose rows are the kernel's; auth-api is behind none",
    NoSnapshotError: "of the command, and of whoever compares contracts; comes with no request",
    PluginInvalidError: "of the command, and of whoever makes a manifest; comes with no request",
}
EXAMPLES = (
    InvalidInputError("scopes", "is odd"),
    FlowRefusedError(FlowReason.FLOW_USED),
    RestartSigninError("acme"),
    LogoutRefusedError(LogoutReason.NONCE_PRESENT),
    OperationUnsupportedError("acme", "signin", "hosted"),
    SessionEndedError(AnonymousReason.SESSION_REVOKED),
    ProviderProtocolError("acme", "HTML"),
    BackendUnavailableError("acme", "away"),
    StoreUnavailableError("sqlite", "away"),
    StoreCorruptError("session", "odd"),
    SealError("auth/grant"),
)


def test_every_class_of_error_has_its_row_or_a_reason_for_none() -> None:
    every = {*_classes_in(netscript_kernel), *_classes_in(netscript_auth_core)}
    mapped = {type(error) for error in EXAMPLES if map_problem(error)}

    assert len(mapped) == len(EXAMPLES)
    assert every - mapped == set(HAVE_NO_ROW)
    told = http_errors.__doc__ or ""
    assert [each.__name__ for each in mapped if each.__name__ not in told] == []


def _classes_in(package: ModuleType) -> set[type[NetScriptError]]:
    """Return our errors that are defined in the product's modules of a package, all of them imported."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".testing" not in found.name and not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    pending, seen = [NetScriptError], set[type[NetScriptError]]()
    while pending:
        each = pending.pop()
        seen.add(each)
        pending += each.__subclasses__()
    return {each for each in seen if each.__module__.startswith(f"{package.__name__}.")}


def test_an_error_of_no_ones_is_left_to_the_kernel() -> None:
    assert map_problem(RuntimeError("boom")) is None
