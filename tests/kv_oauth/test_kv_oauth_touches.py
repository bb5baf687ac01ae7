"""Uses of many sessions are written together, and what happens to one of them is no matter of the others."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from netscript_auth_core.ports import Anonymous, Authenticated
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth.sessions import session_touches
from netscript_auth_kv_oauth.sessions.stored_sessions import session_key
from netscript_auth_kv_oauth.sessions.tokens import handle_of
from netscript_kernel.kv.port import Commit, Put
from tests.kv_oauth.desks import Desk

HOUR = timedelta(hours=1)


class Trips:
    """Counts what is written together.

    Attributes:
        sizes: How many commits there were on each trip to the store.
    """

    def __init__(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sizes: list[int] = []
        commit_each = desk.store.commit_each

        async def count(commits: Sequence[Commit]) -> Sequence[int | None]:
            self.sizes.append(len(commits))
            return await commit_each(commits)

        monkeypatch.setattr(desk.store, "commit_each", count)


async def _signed_in(desk: Desk, count: int) -> list[str]:
    """Sign in so many devices, and let each be used once, so that the next use is like most are."""
    tokens = [await desk.create("alice") for _ in range(count)]
    await _use(desk, tokens)
    return tokens


async def _use(desk: Desk, tokens: Sequence[str]) -> None:
    desk.clock.advance(HOUR)
    for token in tokens:
        assert isinstance(await desk.who(token), Authenticated)
    await desk.settle()


async def _last_seen_now(desk: Desk, token: str) -> bool:
    session = await desk.backend.sessions.get(handle_of(token))
    assert session is not None
    return session.last_seen_at == desk.clock.now()


async def test_uses_of_many_sessions_share_a_trip_to_the_store(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_touches, "GATHERED_FOR", HOUR)  # however long thirty reads take
    tokens = await _signed_in(desk, 30)
    trips = Trips(desk, monkeypatch)

    await _use(desk, tokens)

    assert sum(trips.sizes) == 30
    assert len(trips.sizes) <= 2
    assert all([await _last_seen_now(desk, token) for token in tokens])


async def test_a_session_that_is_revoked_meanwhile_stays_so_and_the_others_are_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    revoked, *others = await _signed_in(desk, 5)
    commit_each = desk.store.commit_each

    async def write_late(commits: Sequence[Commit]) -> Sequence[int | None]:
        await desk.backend.sessions.revoke(handle_of(revoked))
        return await commit_each(commits)

    monkeypatch.setattr(desk.store, "commit_each", write_late)
    await _use(desk, [revoked, *others])

    assert await desk.who(revoked) == Anonymous(AnonymousReason.SESSION_REVOKED)
    assert all([await _last_seen_now(desk, token) for token in others])


async def test_a_use_whose_person_cannot_be_read_is_no_matter_of_the_others(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    bob, *others = [await desk.create("bob"), *await _signed_in(desk, 3)]
    user_id = (await desk.users.resolve(desk.people.identity("bob"))).id
    await desk.store.commit(puts=[Put(f"auth/user/{user_id}", b"not a record")])

    await _use(desk, [bob, *others])

    assert "could not be recorded" in caplog.text
    assert not await _last_seen_now(desk, bob)
    assert all([await _last_seen_now(desk, token) for token in others])


async def test_who_did_not_change_is_not_encoded_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (token,) = await _signed_in(desk, 1)
    key = session_key(handle_of(token))
    before = await desk.store.get(key)

    with monkeypatch.context() as patch:
        patch.setattr("netscript_auth_kv_oauth.sessions.session_touches.encode_active", _must_not_be_called)
        await _use(desk, [token])

    assert before is not None
    assert await desk.store.get(key) != before
    assert await _last_seen_now(desk, token)


def _must_not_be_called(*_: object) -> bytes:
    raise AssertionError("a use encoded a person who has not changed")


async def test_a_use_that_is_written_late_counts_from_when_it_was(desk: Desk) -> None:
    token = await desk.create("alice")
    desk.clock.advance(HOUR)
    await desk.who(token)
    desk.clock.advance(timedelta(minutes=40))

    await desk.settle()

    desk.clock.advance(desk.session_idle_ttl - timedelta(minutes=40))
    assert isinstance(await desk.who(token), Anonymous)


async def test_a_session_that_ended_before_its_use_was_written_stays_ended(desk: Desk) -> None:
    token = await desk.create("alice")
    desk.clock.advance(HOUR)
    await desk.who(token)
    desk.clock.advance(desk.session_idle_ttl - timedelta(minutes=30))
    told = await desk.who(token)

    await desk.settle()

    assert [type(told), type(await desk.who(token))] == [Anonymous, Anonymous]
