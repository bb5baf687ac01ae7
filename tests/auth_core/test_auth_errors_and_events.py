"""Errors word themselves from facts; events and values show no credential."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from netscript_auth_core import errors, reasons
from netscript_auth_core.domain import AuthSession, AuthUser, SessionState
from netscript_auth_core.errors import (
    AuthError,
    BackendUnavailableError,
    FlowRefusedError,
    InvalidInputError,
    OperationUnsupportedError,
)
from netscript_auth_core.events import AuthEvent, EventName, LogEventSink
from netscript_auth_core.ports import (
    Authenticated,
    AuthRequest,
    CallbackRequest,
    EncodedViews,
    FlowCookie,
    Identity,
    IssuedSession,
    SigninRequest,
    SigninStarted,
)
from netscript_auth_core.reasons import FlowReason
from netscript_kernel.errors import NetScriptError

SECRET = "s3cret-s3cret"
START = datetime(2026, 1, 1, tzinfo=UTC)
USER = AuthUser(id="usr_1", created_at=START)
SESSION = AuthSession(
    handle="hdl_1",
    user_id="usr_1",
    backend="memory",
    provider_id="acme",
    state=SessionState.ACTIVE,
    created_at=START,
    last_seen_at=START,
    idle_expires_at=START,
    expires_at=START,
)
COOKIE = FlowCookie("flow_1", SECRET, timedelta(minutes=10))

CARRIERS: dict[str, Any] = {
    "a request": AuthRequest(session_tokens=(SECRET,), headers={"authorization": SECRET}),
    "a cookie": COOKIE,
    "a wish": SigninRequest("acme", "/", login_hint=SECRET),
    "a start": SigninStarted("acme", f"https://acme.example/?state={SECRET}", SECRET, COOKIE),
    "a callback": CallbackRequest([("code", SECRET)], "acme", {"flow_1": SECRET}, (SECRET,)),
    "a session with its credential": IssuedSession(SECRET, SESSION, USER),
}


def _error_types() -> list[type[AuthError]]:
    return [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, AuthError)]


def test_every_error_has_a_reason_of_its_own_and_its_place_in_the_tree() -> None:
    types = _error_types()

    assert len({each.reason for each in types}) == len(types)
    assert all(issubclass(each, NetScriptError) for each in types)
    tree = (errors.__doc__ or "").splitlines()
    assert {each.__name__ for each in types} <= {line.strip("│├└─ ").split(" ")[0] for line in tree}


def test_every_reason_code_is_its_name_in_lower_case() -> None:
    codes = (*reasons.AnonymousReason, *reasons.DenialReason, *reasons.FlowReason)

    assert [code.value for code in codes] == [code.name.lower() for code in codes]


@pytest.mark.parametrize("carrier", CARRIERS)
def test_what_carries_a_credential_does_not_show_it(carrier: str) -> None:
    value = CARRIERS[carrier]

    assert SECRET not in f"{value!r} {value} {(value,)} {value!a}"


def test_a_refused_flow_tells_the_operator_little_and_the_caller_less() -> None:
    error = FlowRefusedError(FlowReason.ISS_MISMATCH, expected="https://acme.example", seen="x" * 10_000)

    assert str(error) == "sign-in refused: iss_mismatch"
    assert error.seen == "x" * 200


def test_errors_say_what_went_wrong_and_which_way_to_go() -> None:
    unsupported = OperationUnsupportedError("hosted", "signin", "sign in at the upstream's own page")
    unavailable = BackendUnavailableError("memory", "its storage is away")

    assert str(unsupported) == "the hosted backend does not offer signin: sign in at the upstream's own page"
    assert str(unavailable) == "the memory backend could not find out: its storage is away"
    assert unavailable.retry_after > timedelta(0)
    assert str(InvalidInputError("scopes", "are not all allowed")) == "scopes: are not all allowed"


def test_an_event_is_logged_with_its_fields(caplog: pytest.LogCaptureFixture) -> None:
    event = AuthEvent(
        EventName.SIGNIN_FAILED, START, "memory", provider_id="acme", reason="flow_used", request_id="req_1"
    )

    with caplog.at_level(logging.INFO, logger="netscript.auth.events"):
        LogEventSink().emit(event)

    (record,) = caplog.records
    told = {name: vars(record).get(name) for name in ("at", "backend", "provider_id", "reason", "request_id")}
    assert record.getMessage() == "auth.signin.failed"
    assert told == {
        "at": "2026-01-01T00:00:00+00:00",
        "backend": "memory",
        "provider_id": "acme",
        "reason": "flow_used",
        "request_id": "req_1",
    }
    assert not hasattr(record, "expected")


def test_an_identity_is_loaded_once_and_only_when_asked_for() -> None:
    loads: list[Identity] = []

    def load() -> Identity:
        loads.append(Identity(SESSION, USER))
        return loads[-1]

    outcome = Authenticated(load, EncodedViews(b"{}", b"{}"))
    assert loads == []

    assert outcome.identity is outcome.identity
    assert len(loads) == 1


def test_the_core_names_no_vendor_in_its_ports() -> None:
    source = Path(errors.__file__).parent
    files = [*(source / "ports").glob("*.py"), source / "domain.py", source / "capabilities.py"]
    text = "".join(file.read_text().lower() for file in files)

    assert "authbackendport" in text
    assert not [name for name in ("workos", "better_auth", "google", "github", "fastapi") if name in text]
