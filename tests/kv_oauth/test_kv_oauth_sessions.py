"""Sessions as they are kept: what a record holds, when it is written, and what is left of it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_auth_core.contact import KnownUser
from netscript_auth_core.contract_v1 import encode_views
from netscript_auth_core.domain import AuthSession, AuthUser, Device, SessionState
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.ports import Anonymous, Authenticated, Identity
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth.sessions import session_touches
from netscript_auth_kv_oauth.sessions.session_records import (
    ACTIVE,
    REVOKED,
    VERSION,
    encode_active,
    encode_used,
    read_head,
    read_identity,
    read_session,
    read_user_id,
    touch_interval,
)
from netscript_auth_kv_oauth.sessions.stored_sessions import owner_of, session_key
from netscript_auth_kv_oauth.sessions.tokens import handle_of
from netscript_kernel.errors import StoreCorruptError
from netscript_kernel.kv.port import Check, IndexEntry, Put
from tests.kv_oauth.desks import Desk

DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SESSION = AuthSession(
    handle="h",
    user_id="usr_1",
    backend="kv-oauth",
    provider_id="oidc",
    state=SessionState.ACTIVE,
    created_at=NOW,
    last_seen_at=NOW,
    idle_expires_at=NOW + DAY,
    expires_at=NOW + 7 * DAY,
)
RECORD = encode_active(Identity(SESSION, AuthUser(id="usr_1", created_at=NOW, name="Some Body")), DAY)


Damage = Callable[[bytes], bytes]


def _of_a_newer_version(record: bytes) -> bytes:
    return bytes([VERSION + 1]) + record[1:]


def _without_a_person(record: bytes) -> bytes:
    length = read_head(record).user_length
    return record[:-length] + b"x" * length


async def test_the_answers_are_kept_as_the_service_sends_them(desk: Desk) -> None:
    token = await desk.create("alice")

    outcome = await desk.who(token)

    assert isinstance(outcome, Authenticated)
    assert outcome.views == encode_views(outcome.identity)


async def test_a_check_reads_the_store_once_and_decodes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await desk.create("alice")
    reads: list[str] = []
    get = desk.store.get

    async def count(key: str) -> object:
        reads.append(key)
        return await get(key)

    monkeypatch.setattr(desk.store, "get", count)
    monkeypatch.setattr("netscript_auth_kv_oauth.backend.read_identity", _must_not_be_called)
    outcome = await desk.who(token)
    await desk.settle()

    assert isinstance(outcome, Authenticated)
    assert reads == [session_key(handle_of(token))]


async def test_no_token_is_kept_anywhere(desk: Desk) -> None:
    issued = (await desk.sign_in()).issued

    entry = await desk.store.get(session_key(issued.session.handle))
    grant = await desk.store.get(f"auth/grant/{issued.session.handle}")

    assert entry is not None
    assert grant is not None
    assert issued.token.encode() not in entry.value
    for secret in desk.people.wire.secrets:
        assert secret.encode() not in entry.value + grant.value


async def test_the_end_of_a_session_is_told_for_a_day_after_its_last_moment(desk: Desk) -> None:
    token = await desk.create("alice")

    for moment, reason in (
        (desk.session_idle_ttl, AnonymousReason.SESSION_EXPIRED),
        (desk.session_ttl - desk.session_idle_ttl, AnonymousReason.SESSION_EXPIRED),
        (DAY - SECOND, AnonymousReason.SESSION_EXPIRED),
        (SECOND, AnonymousReason.SESSION_UNKNOWN),
    ):
        desk.clock.advance(moment)
        assert await desk.who(token) == Anonymous(reason)


async def test_what_is_left_of_a_revoked_session_names_nobody(desk: Desk) -> None:
    issued = (await desk.sign_in()).issued
    handle = issued.session.handle

    await desk.backend.sessions.revoke(handle)

    entry = await desk.store.get(session_key(handle))
    assert entry is not None
    assert b"alice" not in entry.value.lower()
    assert b"browser" not in entry.value
    assert await desk.store.get(f"auth/grant/{handle}") is None
    assert await desk.who(issued.token) == Anonymous(AnonymousReason.SESSION_REVOKED)
    session = await desk.backend.sessions.get(handle)
    assert session is not None
    assert session.state is SessionState.REVOKED


async def test_a_revoked_session_stays_revoked_after_its_end(desk: Desk) -> None:
    issued = (await desk.sign_in()).issued
    await desk.backend.sessions.revoke(issued.session.handle)

    desk.clock.advance(desk.session_ttl + HOUR)

    assert await desk.who(issued.token) == Anonymous(AnonymousReason.SESSION_REVOKED)


async def test_steady_use_is_written_every_five_minutes(desk: Desk) -> None:
    token = await desk.create("alice")
    versions = set[int]()
    for _ in range(60):
        desk.clock.advance(10 * SECOND)
        assert isinstance(await desk.who(token), Authenticated)
        await desk.settle()
        entry = await desk.store.get(session_key(handle_of(token)))
        assert entry is not None
        versions.add(entry.version)

    assert len(versions) == 3


async def test_many_requests_at_once_are_one_use(desk: Desk) -> None:
    token = await desk.create("alice")
    desk.clock.advance(HOUR)
    written = desk.store.writes[session_key(handle_of(token))]

    await asyncio.gather(*(desk.who(token) for _ in range(50)))
    await desk.settle()

    session = await desk.backend.sessions.get(handle_of(token))
    assert session is not None
    assert session.last_seen_at == desk.clock.now()
    assert desk.store.writes[session_key(handle_of(token))] == written + 1


async def test_a_revocation_during_a_use_wins(desk: Desk) -> None:
    token = await desk.create("alice")
    desk.clock.advance(HOUR)

    await desk.who(token)
    assert await desk.backend.sessions.revoke(handle_of(token))
    await desk.settle()

    assert await desk.who(token) == Anonymous(AnonymousReason.SESSION_REVOKED)


async def test_a_use_is_recorded_although_something_else_is_written_meanwhile(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = (await desk.sign_in()).issued
    desk.clock.advance(HOUR)
    get_newer, is_refreshed = desk.users.get_newer, False

    async def get_late(user_id: str, version: int) -> KnownUser | None:
        nonlocal is_refreshed
        if not is_refreshed:
            is_refreshed = True
            await desk.backend.sessions.refresh(issued.session.handle)
        return await get_newer(user_id, version)

    monkeypatch.setattr(desk.users, "get_newer", get_late)
    await desk.who(issued.token)
    await desk.settle()

    session = await desk.backend.sessions.get(issued.session.handle)
    assert session is not None
    assert session.last_seen_at == desk.clock.now()
    assert is_refreshed


async def test_a_use_that_cannot_be_written_costs_nobody_the_session(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    token = await desk.create("alice")
    desk.clock.advance(HOUR)

    await desk.who(token)
    async with desk.store.outage():
        await desk.settle()

    assert "could not be recorded" in caplog.text
    assert isinstance(await desk.who(token), Authenticated)


async def test_a_use_is_left_unrecorded_while_too_much_waits_to_be_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await desk.create("alice")
    desk.clock.advance(HOUR)

    with monkeypatch.context() as patch:
        patch.setattr(session_touches, "MOST", 0)
        assert isinstance(await desk.who(token), Authenticated)
    await desk.settle()

    left_out = await desk.backend.sessions.get(handle_of(token))
    assert left_out is not None
    assert left_out.last_seen_at == left_out.created_at
    await desk.who(token)
    await desk.settle()
    recorded = await desk.backend.sessions.get(handle_of(token))
    assert recorded is not None
    assert recorded.last_seen_at == desk.clock.now()


async def test_a_changed_profile_shows_in_other_sessions_with_their_next_recorded_use(desk: Desk) -> None:
    here, there = await desk.create("alice"), await desk.create("alice")
    renamed = desk.people.identity("alice").model_copy(update={"name": "Alice Newname"})
    await desk.users.resolve(renamed)

    desk.clock.advance(5 * MINUTE)
    await desk.who(there)
    await desk.settle()

    assert await _name(desk, there) == "Alice Newname"
    assert await _name(desk, here) == "Alice Example"


@pytest.mark.parametrize(
    ("idle_limit", "interval"),
    [(DAY, 5 * MINUTE), (100 * MINUTE, 5 * MINUTE), (10 * MINUTE, 30 * SECOND), (SECOND, SECOND)],
)
def test_how_long_a_use_may_go_unrecorded(idle_limit: timedelta, interval: timedelta) -> None:
    assert touch_interval(idle_limit) == interval


async def test_an_instance_with_other_limits_leaves_a_session_its_own(desk: Desk) -> None:
    token = await desk.create("alice")
    desk.session_idle_ttl = HOUR
    other = desk.open()
    desk.clock.advance(2 * HOUR)

    desk.backend = other
    assert isinstance(await desk.who(token), Authenticated)
    await desk.settle()

    session = await desk.backend.sessions.get(handle_of(token))
    assert session is not None
    assert session.idle_expires_at == desk.clock.now() + DAY


@pytest.mark.parametrize(
    "damage", ["a newer version", "no state", "cut short", "too long", "a head alone", "empty", "no JSON"]
)
async def test_a_record_that_cannot_be_read_is_an_outage_and_nobodys_sign_out(
    damage: str, desk: Desk
) -> None:
    token = await desk.create("alice")
    key = session_key(handle_of(token))
    entry = await desk.store.get(key)
    assert entry is not None
    head = read_head(entry.value)
    damaged = {
        "a newer version": bytes([VERSION + 1]) + entry.value[1:],
        "no state": entry.value[:1] + b"\x00" + entry.value[2:],
        "cut short": entry.value[:-1],
        "too long": entry.value + b"}",
        "a head alone": entry.value[:60],
        "empty": b"",
        "no JSON": entry.value[: -head.user_length] + b"x" * head.user_length,
    }
    await desk.store.commit(checks=[Check(key, entry.version)], puts=[Put(key, damaged[damage])])

    with pytest.raises(BackendUnavailableError):
        await _name(desk, token)


@pytest.mark.parametrize("damage", [_of_a_newer_version, _without_a_person])
async def test_a_record_that_cannot_be_read_can_be_signed_out(damage: Damage, desk: Desk) -> None:
    issued = (await desk.sign_in()).issued
    await _damage(desk, issued.session.handle, damage)

    assert await desk.backend.sessions.revoke(issued.session.handle)

    assert isinstance(await desk.who(issued.token), Anonymous)
    assert await desk.store.get(f"auth/grant/{issued.session.handle}") is None
    assert not await desk.backend.sessions.revoke(issued.session.handle)


@pytest.mark.parametrize("damage", [_of_a_newer_version, _without_a_person])
async def test_a_record_that_cannot_be_read_is_replaced_by_a_new_sign_in(damage: Damage, desk: Desk) -> None:
    before = (await desk.sign_in()).issued
    await _damage(desk, before.session.handle, damage)

    after = (await desk.sign_in(tokens=(before.token,))).issued

    assert isinstance(await desk.who(after.token), Authenticated)
    assert isinstance(await desk.who(before.token), Anonymous)
    assert await desk.store.get(f"auth/grant/{before.session.handle}") is None


@pytest.mark.parametrize("damage", [_of_a_newer_version, _without_a_person])
async def test_a_record_that_cannot_be_read_is_ended_with_all_of_its_persons(
    damage: Damage, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    broken, here, there = [(await desk.sign_in()).issued for _ in range(3)]
    kept = (await desk.sign_in("bob")).issued
    await _damage(desk, broken.session.handle, damage)

    ended = await desk.backend.sessions.revoke_all_for_user(here.user.id, keep=here.session.handle)

    assert ended == 2
    assert "cannot be read" in caplog.text
    for issued in (broken, there):
        assert isinstance(await desk.who(issued.token), Anonymous)
    for issued in (here, kept):
        assert isinstance(await desk.who(issued.token), Authenticated)


async def test_a_record_that_cannot_be_read_does_not_hide_the_others(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    broken, here = [(await desk.sign_in()).issued for _ in range(2)]
    await _damage(desk, broken.session.handle, _of_a_newer_version)

    listed = await desk.backend.sessions.list_for_user(here.user.id)

    assert [session.handle for session in listed] == [here.session.handle]
    assert "cannot be read" in caplog.text


async def test_sessions_of_a_person_are_listed_newest_first_page_after_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netscript_auth_kv_oauth.sessions.session_store._PAGE", 2)
    handles: list[str] = []
    for _ in range(5):
        desk.clock.advance(SECOND)
        handles.append(handle_of(await desk.create("alice")))
    alice = await desk.users.resolve(desk.people.identity("alice"))

    listed = await desk.backend.sessions.list_for_user(alice.id)

    assert [session.handle for session in listed] == handles[::-1]
    assert await desk.backend.sessions.revoke_all_for_user(alice.id, keep=handles[2]) == 4
    assert [each.handle for each in await desk.backend.sessions.list_for_user(alice.id)] == [handles[2]]


@given(cut=st.integers(0, 1500), at=st.integers(0, 1500), byte=st.integers(0, 255))
def test_a_record_damaged_anywhere_is_read_or_refused(cut: int, at: int, byte: int) -> None:
    for record in (RECORD[:at] + bytes([byte]) + RECORD[at + 1 :], RECORD[:cut]):
        try:
            head = read_head(record)
            session = read_session(record, head, 0.0)
            identity = read_identity(record, head)
        except StoreCorruptError:
            continue
        assert record[0] == VERSION
        assert (session.backend, identity.session.backend) != ("", "")


@given(st.binary(max_size=200), st.sampled_from([b"", bytes([VERSION]), RECORD[:64]]))
def test_bytes_of_any_kind_are_no_session(more: bytes, begin: bytes) -> None:
    try:
        head = read_head(begin + more)
    except StoreCorruptError:
        return
    # A head that fits by chance still says only what is behind it.
    with pytest.raises(StoreCorruptError):
        read_identity(begin + more, head)


@given(state=st.integers(0, 255))
def test_a_session_is_active_or_revoked_or_it_cannot_be_read(state: int) -> None:
    record = RECORD[:1] + bytes([state]) + RECORD[2:]

    if state in {ACTIVE, REVOKED}:
        assert read_head(record).state == state
    else:
        with pytest.raises(StoreCorruptError):
            read_head(record)


@given(at=st.floats(0, 4e9), idle=st.integers(1, 10**6))
def test_what_is_written_is_what_is_read(at: float, idle: int) -> None:
    moment = datetime.fromtimestamp(int(at), UTC)
    session = SESSION.model_copy(
        update={
            "created_at": moment,
            "last_seen_at": moment,
            "idle_expires_at": moment,
            "expires_at": moment + DAY,
        }
    )
    identity = Identity(session, AuthUser(id="usr_1", created_at=NOW, name="Some Body"))

    record = encode_active(identity, timedelta(seconds=idle))

    head = read_head(record)
    assert read_identity(record, head) == identity
    assert read_session(record, head, head.idle_expires_at - 1) == session
    assert (head.idle_limit, head.idle_expires_at) == (idle, moment.timestamp())
    assert encode_active(read_identity(record, head), timedelta(seconds=idle)) == record


MEMBERS = '","userId":"usr_2","lastSeenAt":"2020-01-01T00:00:00Z","idleExpiresAt":"'
TEXTS = st.text(max_size=60) | st.just(MEMBERS)
MOMENTS = st.integers(0, 10**14).map(lambda microseconds: NOW + timedelta(microseconds=microseconds))


@given(used_at=MOMENTS, begun=MOMENTS, idle=st.integers(1, 10**6), text=TEXTS)
def test_a_use_is_written_as_if_everything_were_decoded_and_encoded_again(
    used_at: datetime, begun: datetime, idle: int, text: str
) -> None:
    session = SESSION.model_copy(
        update={
            "provider_id": text,
            "created_at": begun,
            "last_seen_at": begun,
            "idle_expires_at": begun + DAY,
            "expires_at": begun + 400 * DAY,
            "scopes": (text,),
            "device": Device(user_agent=text),
        }
    )
    user = AuthUser(id="usr_1", created_at=NOW, name=text)
    idle_limit = timedelta(seconds=idle)
    before = encode_active(Identity(session, user), idle_limit, 7.0, 5)

    after = encode_used(before, read_head(before), used_at)

    idle_end = min(used_at + idle_limit, session.expires_at)
    used = session.model_copy(update={"last_seen_at": used_at, "idle_expires_at": idle_end})
    assert after == encode_active(Identity(used, user), idle_limit, 7.0, 5)
    assert read_user_id(after, read_head(after)) == session.user_id


async def _name(desk: Desk, token: str) -> str | None:
    outcome = await desk.who(token)
    assert isinstance(outcome, Authenticated)
    return outcome.identity.user.name


async def _damage(desk: Desk, handle: str, damage: Damage) -> None:
    """Damage a record and leave it where it is found, as another version of the program would."""
    key = session_key(handle)
    session, entry = await desk.backend.sessions.get(handle), await desk.store.get(key)
    assert session is not None
    assert entry is not None
    place = IndexEntry(owner_of(session.user_id), session.created_at.timestamp())
    put = Put(key, damage(entry.value), session.expires_at, (place,))
    assert await desk.store.commit(checks=[Check(key, entry.version)], puts=[put])


def _must_not_be_called(*_: object) -> None:
    raise AssertionError("a check decoded a record")
