"""Sessions go to another store, under other keys, and are there what they were."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from netscript_auth_core.domain import AuthUser, Device
from netscript_auth_core.errors import BackendUnavailableError, InvalidInputError
from netscript_auth_core.ports import (
    Acceptance,
    Anonymous,
    Authenticated,
    KeepsPortableSessions,
    PortableSession,
)
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth.grants.grants import grant_key
from netscript_auth_kv_oauth.sessions.origins import Origins, origin_key
from netscript_auth_kv_oauth.sessions.stored_sessions import owner_of, session_key
from netscript_kernel.keyring import KeyRing, generate_key, parse_keys
from netscript_kernel.kv.memory import MemoryKvStore
from netscript_kernel.kv.port import IndexEntry, Put
from tests.kv_oauth.desks import Desk, WatchedKvStore, open_desk
from tests.kv_oauth.refreshing import SECOND


@pytest.fixture
async def desk() -> AsyncGenerator[Desk]:
    async with open_desk() as desk:
        yield desk


@pytest.fixture
async def other(desk: Desk) -> AsyncGenerator[Desk]:
    """Another store with other keys; the provider and the time are the same."""
    store = WatchedKvStore(MemoryKvStore(desk.clock))
    other = Desk(desk.clock, desk.people, store, KeyRing(parse_keys(generate_key())), desk.provider)
    yield other
    await other.backend.aclose()
    await other.http.aclose()


async def leaving(desk: Desk, user: AuthUser) -> list[PortableSession | None]:
    return [each async for each in desk.backend.portable_sessions.of_user(user)]


async def the_one(desk: Desk, user: AuthUser) -> PortableSession:
    (portable,) = await leaving(desk, user)
    assert portable is not None
    return portable


async def test_the_backend_can_let_its_sessions_go(desk: Desk) -> None:
    assert isinstance(desk.backend, KeepsPortableSessions)


async def test_a_token_is_good_in_the_other_store_and_what_was_granted_is_refreshed_there(
    desk: Desk, other: Desk
) -> None:
    issued = (await desk.sign_in()).issued
    handle, before = issued.session.handle, await desk.grant(issued.session.handle)
    portable = await the_one(desk, issued.user)

    became = await other.backend.portable_sessions.accept(portable, issued.user)

    assert became is Acceptance.ACCEPTED
    outcome = await other.who(issued.token)
    assert isinstance(outcome, Authenticated)
    assert outcome.identity.session == issued.session
    assert await other.grant(handle) == before
    await other.backend.sessions.refresh(handle)
    after = await other.grant(handle)
    assert after is not None
    assert before is not None
    assert after.refresh_token != before.refresh_token


async def test_the_other_store_s_keys_seal_what_was_granted(desk: Desk, other: Desk) -> None:
    issued = (await desk.sign_in()).issued
    portable = await the_one(desk, issued.user)

    await other.backend.portable_sessions.accept(portable, issued.user)

    sealed = await other.store.get(grant_key(issued.session.handle))
    assert sealed is not None
    assert other.keys.is_current(sealed.value)
    assert [each.count for each in await other.backend.sealed.count()] == [1]


async def test_a_session_is_whose_it_is_said_to_be_here(desk: Desk, other: Desk) -> None:
    issued = (await desk.sign_in()).issued
    here = await other.users.resolve(desk.people.identity("alice"))

    await other.backend.portable_sessions.accept(await the_one(desk, issued.user), here)

    outcome = await other.who(issued.token)
    assert isinstance(outcome, Authenticated)
    assert (outcome.identity.session.user_id, outcome.identity.user) == (here.id, here)
    assert [each.handle for each in await other.backend.sessions.list_for_user(here.id)] == [
        issued.session.handle
    ]


async def test_a_revoked_session_does_not_come_back(desk: Desk, other: Desk) -> None:
    issued = (await desk.sign_in()).issued
    portable = await the_one(desk, issued.user)
    await other.backend.portable_sessions.accept(portable, issued.user)
    await other.backend.sessions.revoke(issued.session.handle)

    became = await other.backend.portable_sessions.accept(portable, issued.user)

    assert became is Acceptance.KNOWN
    assert await other.who(issued.token) == Anonymous(AnonymousReason.SESSION_REVOKED)


async def test_of_two_imports_at_once_one_keeps_the_session(desk: Desk, other: Desk) -> None:
    issued = (await desk.sign_in()).issued
    portable = await the_one(desk, issued.user)
    take = other.backend.portable_sessions.accept

    became = await asyncio.gather(take(portable, issued.user), take(portable, issued.user))

    assert sorted(became) == [Acceptance.ACCEPTED, Acceptance.KNOWN]
    assert other.store.writes[session_key(issued.session.handle)] == 1


async def test_a_session_that_cannot_be_read_here_is_not_overwritten(desk: Desk, other: Desk) -> None:
    issued = (await desk.sign_in()).issued
    portable = await the_one(desk, issued.user)
    await other.store.commit(puts=[Put(session_key(issued.session.handle), b"odd")])

    assert await other.backend.portable_sessions.accept(portable, issued.user) is Acceptance.KNOWN


@pytest.mark.parametrize(
    ("passed", "became"),
    [
        (timedelta(hours=24) - SECOND, Acceptance.ACCEPTED),
        (timedelta(hours=24), Acceptance.EXPIRED),
    ],
)
async def test_a_session_that_ends_on_the_way_stays_ended(
    desk: Desk, other: Desk, passed: timedelta, became: Acceptance
) -> None:
    issued = (await desk.sign_in()).issued
    portable = await the_one(desk, issued.user)
    desk.clock.advance(passed)

    assert await other.backend.portable_sessions.accept(portable, issued.user) is became

    assert (other.kept("auth/session/") != []) is (became is Acceptance.ACCEPTED)


async def test_its_provider_can_end_it_in_the_other_store(desk: Desk, other: Desk) -> None:
    who = desk.people.identity("alice")
    issued = await desk.backend.sessions.begin(who, Device(), None, (), sid="of-the-provider")

    await other.backend.portable_sessions.accept(await the_one(desk, issued.user), issued.user)

    origins, handles = Origins(other.store), [issued.session.handle]
    assert await origins.of_person(who.issuer, who.subject) == handles
    assert await origins.of_sid(who.issuer, "of-the-provider", who.subject) == handles


async def test_a_rehearsal_keeps_nothing(desk: Desk, other: Desk) -> None:
    issued = (await desk.sign_in()).issued
    portable = await the_one(desk, issued.user)

    became = await other.backend.portable_sessions.accept(portable, issued.user, is_rehearsal=True)

    assert became is Acceptance.ACCEPTED
    assert other.store.keys == set()


async def test_only_what_lives_and_can_be_told_whose_it_is_goes(desk: Desk) -> None:
    first, revoked, odd, foreign = [(await desk.sign_in()).issued for _ in range(4)]
    await desk.backend.sessions.revoke(revoked.session.handle)
    entry = await desk.store.get(session_key(odd.session.handle))
    assert entry is not None
    place = IndexEntry(owner_of(odd.user.id), odd.session.created_at.timestamp())
    newer = b"\x09" + entry.value[1:]
    await desk.store.commit(puts=[Put(entry.key, newer, odd.session.expires_at, (place,))])
    elsewhere = foreign.user.model_copy(update={"accounts": ()})

    went = await leaving(desk, first.user)

    handles = {each.session.handle if each else None for each in went}
    assert handles == {first.session.handle, foreign.session.handle, None}
    assert await leaving(desk, elsewhere) == [None] * 3


async def test_a_session_from_before_origins_were_kept_goes_by_the_only_account_that_fits(
    desk: Desk, other: Desk
) -> None:
    issued = (await desk.sign_in()).issued
    await desk.store.commit(deletes=[origin_key(issued.session.handle)])

    portable = await the_one(desk, issued.user)
    await other.backend.portable_sessions.accept(portable, issued.user)

    assert portable.subject == issued.user.accounts[0].subject
    assert not await Origins(other.store).is_known(issued.session.handle)
    account = issued.user.accounts[0]
    accounts = (account, account.model_copy(update={"subject": "another"}))
    twice = issued.user.model_copy(update={"accounts": accounts})
    assert await leaving(desk, twice) == [None]


@pytest.mark.parametrize(
    "changed",
    [
        {"kept": "no record"},
        {"kept": '{"v":9,"r":{}}'},
        {"kept": '{"v":1,"r":{"idle_limit":0}}'},
        {"subject": "somebody-else"},
        {"session": {"backend": "workos"}},
        {"session": {"handle": "../etc"}},
        {"session": {"state": "revoked"}},
        {"session": {"expires_at": "9999-01-01T00:00:00Z"}},
        {"session": {"created_at": "2026-01-01T00:00:00"}},
    ],
)
async def test_what_this_backend_never_lets_go_is_refused(
    desk: Desk, other: Desk, changed: dict[str, object]
) -> None:
    issued = (await desk.sign_in()).issued
    portable = await the_one(desk, issued.user)
    document = portable.model_dump(by_alias=False)
    session = changed.get("session", {})
    assert isinstance(session, dict)
    document |= {**changed, "session": {**document["session"], **session}}

    with pytest.raises(InvalidInputError):
        await other.backend.portable_sessions.accept(PortableSession.model_validate(document), issued.user)

    assert other.store.keys == set()


async def test_nobody_reads_a_secret_off_a_session_that_is_on_its_way(desk: Desk) -> None:
    issued = (await desk.sign_in()).issued
    grant = await desk.grant(issued.session.handle)
    assert grant is not None
    assert grant.refresh_token is not None

    portable = await the_one(desk, issued.user)

    assert grant.refresh_token in portable.kept
    assert not any(each in repr(portable) for each in (grant.refresh_token, issued.token, "alice@"))
    assert issued.token not in portable.model_dump_json()


async def test_a_store_that_is_away_is_no_empty_one(desk: Desk, other: Desk) -> None:
    issued = (await desk.sign_in()).issued
    portable = await the_one(desk, issued.user)

    async with desk.store.outage(), other.store.outage():
        with pytest.raises(BackendUnavailableError):
            await leaving(desk, issued.user)
        with pytest.raises(BackendUnavailableError):
            await other.backend.portable_sessions.accept(portable, issued.user)
