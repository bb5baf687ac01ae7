"""An upgrade signs nobody out: records of earlier versions are read."""

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from netscript_auth_core.contract_v1 import encode_views
from netscript_auth_core.domain import SessionState
from netscript_auth_core.ports import Anonymous, Authenticated
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth.grants.grants import grant_key
from netscript_auth_kv_oauth.sessions.session_records import VERSION
from netscript_auth_kv_oauth.sessions.stored_sessions import owner_of, session_key
from netscript_auth_kv_oauth.sessions.tokens import handle_of
from netscript_kernel.keyring import KeyRing
from netscript_kernel.kv.port import IndexEntry, Put
from tests.kv_oauth.desks import Desk, open_desk
from tests.kv_oauth.frozen_records import ACTIVE, GRANT, KEY, REVOKED, TOKEN

HANDLE = handle_of(TOKEN)
DAY = timedelta(days=1)
_LENGTH_AT = 56
ACCESS_TOKEN_LIFE = timedelta(minutes=5)


@pytest.fixture
async def desk() -> AsyncGenerator[Desk]:
    async with open_desk() as desk:
        desk.keys = KeyRing([KEY])
        desk.backend = desk.open()
        yield desk


async def _keep(desk: Desk, record: bytes, grant: bytes | None = None) -> None:
    place = IndexEntry(owner_of("usr_1"), desk.clock.unix())
    await desk.store.commit(puts=[Put(session_key(HANDLE), record, desk.clock.now() + 8 * DAY, (place,))])
    if grant is not None:
        await desk.store.commit(puts=[Put(grant_key(HANDLE), grant, desk.clock.now() + 7 * DAY)])


def test_the_records_are_of_the_first_version_that_was_released() -> None:
    assert {record[0] for record in (ACTIVE, REVOKED)} == {VERSION}


async def test_who_was_signed_in_before_is_so_after(desk: Desk) -> None:
    await _keep(desk, ACTIVE)

    outcome = await desk.who(TOKEN)

    assert isinstance(outcome, Authenticated)
    assert outcome.identity.user.name == "Some Body"
    assert outcome.views is None, "what was encoded says less than an answer of today"
    session = outcome.identity.session
    assert session.authenticated_at is None, "it proves nothing of when the person was there"
    assert [each.handle for each in await desk.backend.sessions.list_for_user("usr_1")] == [HANDLE]


async def test_the_first_use_that_is_recorded_makes_the_answers_those_of_today(desk: Desk) -> None:
    await _keep(desk, ACTIVE)
    desk.clock.advance(timedelta(minutes=5))
    await desk.who(TOKEN)
    await desk.settle()

    outcome = await desk.who(TOKEN)

    assert isinstance(outcome, Authenticated)
    assert outcome.views == encode_views(outcome.identity)
    assert outcome.identity.session.authenticated_at is None


async def test_a_time_that_was_claimed_before_without_proof_is_not_believed(desk: Desk) -> None:
    await _keep(desk, _claiming(ACTIVE))

    first = await desk.who(TOKEN)
    desk.clock.advance(timedelta(minutes=5))
    await desk.who(TOKEN)
    await desk.settle()
    recorded = await desk.who(TOKEN)

    assert isinstance(first, Authenticated)
    assert first.identity.session.authenticated_at is None
    assert isinstance(recorded, Authenticated)
    assert recorded.views == encode_views(recorded.identity)
    assert recorded.identity.session.authenticated_at is None


def _claiming(record: bytes) -> bytes:
    """Return a record of answers of kind 1, which said the time of the sign-in where nothing was proven."""
    claim = b'"authenticatedAt":"2026-01-01T00:00:00Z",'
    session_length = int.from_bytes(record[_LENGTH_AT : _LENGTH_AT + 4]) + len(claim)
    head = record[:2] + b"\x01" + record[3:_LENGTH_AT] + session_length.to_bytes(4)
    return head + record[_LENGTH_AT + 4 :].replace(b'"lastSeenAt"', claim + b'"lastSeenAt"', 1)


async def test_a_session_from_before_is_found_by_its_person_when_the_provider_ends_it(desk: Desk) -> None:
    before = (await desk.sign_in()).issued.session.handle
    await desk.store.commit(deletes=[f"auth/origin/{before}"])
    assert desk.backend.upstream_logout is not None

    ended = await desk.backend.upstream_logout.end("oidc", desk.people.idp.logout_of("alice"))

    assert ended == 1


async def test_the_limits_of_a_session_are_those_that_it_had(desk: Desk) -> None:
    await _keep(desk, ACTIVE)
    desk.clock.advance(DAY)

    assert await desk.who(TOKEN) == Anonymous(AnonymousReason.SESSION_EXPIRED)


async def test_who_was_signed_out_before_is_so_after(desk: Desk) -> None:
    await _keep(desk, REVOKED)

    assert await desk.who(TOKEN) == Anonymous(AnonymousReason.SESSION_REVOKED)
    session = await desk.backend.sessions.get(HANDLE)
    assert session is not None
    assert session.state is SessionState.REVOKED


async def test_a_grant_that_is_due_is_refreshed_by_the_first_use(desk: Desk) -> None:
    await _keep(desk, ACTIVE, GRANT)
    desk.clock.advance(ACCESS_TOKEN_LIFE)
    desk.people.wire.answer = lambda request: None

    await desk.who(TOKEN)
    await desk.settle()

    assert desk.people.wire.redeemed == ["a-refresh-token"]


async def test_a_session_from_before_can_be_signed_out_of(desk: Desk) -> None:
    await _keep(desk, ACTIVE, GRANT)

    assert await desk.backend.sessions.revoke(HANDLE)

    assert await desk.who(TOKEN) == Anonymous(AnonymousReason.SESSION_REVOKED)
    assert await desk.store.get(grant_key(HANDLE)) is None


async def test_a_grant_from_before_opens(desk: Desk) -> None:
    await _keep(desk, ACTIVE, GRANT)

    grant = await desk.grant(HANDLE)

    assert grant is not None
    assert (grant.refresh_token, grant.serial) == ("a-refresh-token", 0)
