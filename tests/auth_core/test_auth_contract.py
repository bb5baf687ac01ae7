"""What clients see: camelCase on the wire, no credential in any answer, and nothing that can be changed."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from netscript_auth_core import contract_v1, domain
from netscript_auth_core.contract_v1 import (
    AuthV1,
    CallbackQuery,
    MeView,
    SigninInput,
    SigninReply,
    SignoutReply,
    UpstreamView,
    encode_me,
    encode_views,
)
from netscript_auth_core.domain import (
    Account,
    AuthSession,
    AuthUser,
    Device,
    ExternalIdentity,
    SessionState,
)
from netscript_auth_core.ports import Identity, UpstreamStatus, at_present, ended_at, ended_reason
from netscript_auth_core.reasons import AnonymousReason
from netscript_kernel.contracts import WireModel

START = datetime(2026, 1, 1, tzinfo=UTC)
SESSION = AuthSession(
    handle="hdl_1",
    user_id="usr_1",
    backend="memory",
    provider_id="acme",
    state=SessionState.ACTIVE,
    created_at=START,
    authenticated_at=START,
    last_seen_at=START,
    idle_expires_at=START + timedelta(hours=1),
    expires_at=START + timedelta(days=1),
    scopes=("openid",),
    device=Device(user_agent="a browser"),
)
USER = AuthUser(
    id="usr_1",
    created_at=START,
    name="Ann",
    accounts=(Account(issuer="https://acme.example", subject="1", provider_id="acme"),),
)

ENDPOINTS = {
    ("GET", "/signin"),
    ("POST", "/signin"),
    ("GET", "/callback"),
    ("POST", "/callback"),
    ("GET", "/callback/{provider_id}"),
    ("POST", "/callback/{provider_id}"),
    ("POST", "/signout"),
    ("GET", "/session"),
    ("GET", "/me"),
    ("GET", "/describe"),
    ("GET", "/providers"),
    ("GET", "/sessions"),
    ("DELETE", "/sessions/{handle}"),
}


def test_the_endpoints_of_version_1_are_these() -> None:
    assert AuthV1.prefix == "/api/v1/auth"
    assert {(each.method, each.path) for each in AuthV1.operations.values()} >= ENDPOINTS


def test_every_operation_is_described() -> None:
    assert all(each.summary.endswith(".") for each in AuthV1.operations.values())


def test_no_two_problems_share_a_code_with_different_meanings() -> None:
    specs = [spec for each in AuthV1.operations.values() for spec in each.problem_specs]
    statuses = {(spec.code, spec.status) for spec in (*specs, *contract_v1.COMMON_PROBLEMS)}

    assert len({code for code, _ in statuses}) == len(statuses)


def test_the_answers_of_a_session_are_these() -> None:
    views = encode_views(Identity(SESSION, USER))

    session = {
        "handle": "hdl_1",
        "userId": "usr_1",
        "backend": "memory",
        "providerId": "acme",
        "state": "active",
        "createdAt": "2026-01-01T00:00:00Z",
        "authenticatedAt": "2026-01-01T00:00:00Z",
        "lastSeenAt": "2026-01-01T00:00:00Z",
        "idleExpiresAt": "2026-01-01T01:00:00Z",
        "expiresAt": "2026-01-02T00:00:00Z",
        "scopes": ["openid"],
        "device": {"userAgent": "a browser"},
    }
    account = {"issuer": "https://acme.example", "subject": "1", "providerId": "acme", "emailVerified": False}
    user = {
        "id": "usr_1",
        "createdAt": "2026-01-01T00:00:00Z",
        "name": "Ann",
        "emailVerified": False,
        "accounts": [account],
    }
    assert json.loads(views.session) == {"authenticated": True, "session": session}
    assert json.loads(encode_me(views)) == {"authenticated": True, "user": user, "session": session}
    assert encode_me(views) == MeView(authenticated=True, user=USER, session=SESSION).to_wire()


def test_a_body_with_a_field_that_nobody_reads_is_refused() -> None:
    with pytest.raises(ValidationError, match="redirectUrl"):
        SigninInput.model_validate({"redirectUrl": "/x"})


def test_what_is_shown_of_a_signin_holds_no_secret() -> None:
    reply = SigninReply(provider_id="acme", redirect_url="https://acme.example/?state=s3cret", state="s3cret")
    query = CallbackQuery(code="s3cret", state="s3cret", error_description="s3cret")

    assert "s3cret" not in f"{reply!r} {reply} {query!r} {query}"


MODELS = list(
    dict.fromkeys(
        value
        for module in (domain, contract_v1)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, WireModel) and value is not WireModel
    )
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_wire_name_is_camel_case(model: type[WireModel]) -> None:
    oauth = {"error_description", "logout_token"}
    names = {field.alias or name for name, field in model.model_fields.items()} - oauth

    assert all(name.isalnum() and name[0].islower() for name in names)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_no_model_can_be_changed(model: type[WireModel]) -> None:
    made = model.model_construct(**dict.fromkeys(model.model_fields))

    for name in model.model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(made, name, None)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_no_field_of_a_model_holds_something_that_can_be_changed(model: type[WireModel]) -> None:
    kinds = {kind for field in model.model_fields.values() for kind in _kinds(field.annotation)}

    assert not kinds & {list, dict, set, bytearray, Any}
    assert all(kind.model_config.get("frozen") for kind in kinds if _is_model(kind))


def _kinds(annotation: object) -> set[Any]:
    return {annotation}.union(*(_kinds(part) for part in get_args(annotation)))


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _longer_than(most: int) -> st.SearchStrategy[str]:
    """Any characters, repeated: to choose each of thousands takes seconds."""
    return st.text(min_size=1, max_size=20).map(lambda part: part * (most // len(part) + 1))


@given(subject=_longer_than(255), email=_longer_than(320), picture=_longer_than(2048))
def test_what_a_provider_says_is_capped(subject: str, email: str, picture: str) -> None:
    base = {"issuer": "https://acme.example", "subject": "1", "provider_id": "acme"}
    too_long = ({"subject": subject}, {"email": email}, {"picture": picture}, {"subject": ""}, {"issuer": ""})

    for change in too_long:
        with pytest.raises(ValidationError):
            ExternalIdentity.model_validate({**base, **change})


def test_a_session_ends_at_the_earlier_of_its_limits() -> None:
    sooner = SESSION.model_copy(update={"expires_at": START + timedelta(minutes=1)})

    assert ended_at(SESSION) == SESSION.idle_expires_at
    assert ended_at(sooner) == sooner.expires_at


def test_a_session_has_expired_from_its_end_on_unless_it_was_revoked() -> None:
    end = ended_at(SESSION)
    revoked = SESSION.model_copy(update={"state": SessionState.REVOKED})

    states = [at_present(SESSION, end + late).state for late in (-timedelta(microseconds=1), timedelta(0))]

    assert states == [SessionState.ACTIVE, SessionState.EXPIRED]
    assert at_present(revoked, end) == revoked
    assert ended_reason(SessionState.EXPIRED) is AnonymousReason.SESSION_EXPIRED
    assert ended_reason(SessionState.REVOKED) is AnonymousReason.SESSION_REVOKED


def test_a_sign_out_tells_of_the_provider_only_where_there_is_something_to_tell() -> None:
    bare = SignoutReply()
    pending = SignoutReply(
        ended=2,
        redirect_to="/a",
        upstream=UpstreamView(
            status=UpstreamStatus.PENDING, end_session_url="https://acme.example/out?state=s3cret"
        ),
    )

    assert json.loads(bare.to_wire()) == {"signedOut": True, "ended": 0}
    assert json.loads(pending.to_wire()) == {
        "signedOut": True,
        "ended": 2,
        "redirectTo": "/a",
        "upstream": {"status": "pending", "endSessionUrl": "https://acme.example/out?state=s3cret"},
    }
    assert SignoutReply.model_validate_json(pending.to_wire()) == pending
    assert "s3cret" not in repr(pending)
