"""One person has so many sessions and no more: the next sign-in ends the oldest."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from netscript_auth_core.events import EventName
from netscript_auth_core.ports import Anonymous, Authenticated
from netscript_auth_core.reasons import AnonymousReason
from netscript_auth_kv_oauth.grants.grants import grant_key
from netscript_auth_kv_oauth.sessions.stored_sessions import owner_of, session_key
from netscript_kernel.errors import StoreUnavailableError
from tests.kv_oauth.desks import Desk, open_desk
from tests.kv_oauth.refreshing import REVOKED, SECOND, another

MOST = 3


@pytest.fixture
async def desk(store_url: str) -> AsyncGenerator[Desk]:
    """A service that lets everybody have three sessions."""
    async with open_desk(store_url) as desk:
        desk.sessions_per_user = MOST
        desk.backend = desk.open()
        yield desk


async def _sign_in(desk: Desk, person: str = "alice") -> tuple[str, str]:
    """Sign in a second after whatever was before; return token and handle."""
    desk.clock.advance(SECOND)
    issued = (await desk.sign_in(person)).issued
    return issued.token, issued.session.handle


async def _are_in(desk: Desk, *tokens: str) -> list[bool]:
    return [isinstance(await desk.who(token), Authenticated) for token in tokens]


async def test_e7_a_sign_in_too_many_ends_the_oldest_session_and_has_the_provider_forget_it(
    desk: Desk,
) -> None:
    first, handle = await _sign_in(desk)
    grant = await desk.grant(handle)
    assert grant is not None
    others = [(await _sign_in(desk))[0] for _ in range(MOST - 1)]
    before = await _are_in(desk, first, *others)

    newest, _ = await _sign_in(desk)
    await desk.settle()

    assert before == [True] * MOST
    assert await _are_in(desk, *others, newest) == [True] * MOST
    assert await desk.who(first) == REVOKED
    assert await desk.store.get(grant_key(handle)) is None
    assert [form["token"] for form in desk.people.wire.forms("/revoke")] == [grant.refresh_token]
    assert [(event.name, event.reason) for event in desk.events.taken] == [
        (EventName.SESSION_REVOKED, "too_many_sessions"),
        (EventName.UPSTREAM_ENDED, None),
    ]


async def test_nobody_is_signed_out_by_the_sign_ins_of_somebody_else(desk: Desk) -> None:
    token, _ = await _sign_in(desk, "bob")

    for _ in range(MOST + 1):
        await _sign_in(desk)

    assert await _are_in(desk, token) == [True]


async def test_sessions_that_have_expired_do_not_count_and_are_forgotten_when_room_is_made(
    desk: Desk,
) -> None:
    expired = [await _sign_in(desk) for _ in range(MOST)]
    desk.clock.advance(desk.session_idle_ttl)
    tokens = [(await _sign_in(desk))[0] for _ in range(MOST)]

    assert await _are_in(desk, *tokens) == [True] * MOST
    assert EventName.SESSION_REVOKED not in [event.name for event in desk.events.taken]
    assert await desk.who(expired[0][0]) == Anonymous(AnonymousReason.SESSION_UNKNOWN)
    left = [await desk.store.get(key(handle)) for _, handle in expired for key in (session_key, grant_key)]
    assert left == [None] * 2 * MOST


async def test_sessions_that_the_sign_in_replaces_make_room_themselves(desk: Desk) -> None:
    tokens = [(await _sign_in(desk))[0] for _ in range(MOST)]

    newest = (await desk.sign_in(tokens=(tokens[-1],))).issued.token

    assert await _are_in(desk, *tokens, newest) == [True, True, False, True]


async def test_sign_ins_at_once_in_two_processes_leave_no_more_than_there_may_be(desk: Desk) -> None:
    user = (await desk.sign_in()).issued.user
    desk.clock.advance(SECOND)
    async with another(desk) as other:
        identity = desk.people.identity("alice")
        device = (await desk.backend.sessions.list_for_user(user.id))[0].device

        await asyncio.gather(
            *(
                backend.sessions.create(identity, device)
                for backend in (desk.backend, other)
                for _ in range(5)
            )
        )

    assert len(await desk.backend.sessions.list_for_user(user.id)) == MOST


async def test_the_usual_sign_in_looks_once_at_no_more_records_than_there_may_be(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[int] = []
    list_owned = desk.store.list_owned

    async def count(owner: str, *, limit: int = 100, after: str | None = None) -> object:
        limits.append(limit)
        return await list_owned(owner, limit=limit, after=after)

    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "list_owned", count)
        for _ in range(MOST):
            await _sign_in(desk)

    assert limits == [MOST + 1] * MOST


async def test_a_store_that_goes_away_behind_a_sign_in_does_not_undo_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tokens = [(await _sign_in(desk))[0] for _ in range(MOST)]
    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "list_owned", _away)

        tokens.append((await _sign_in(desk))[0])

    assert await _are_in(desk, *tokens) == [True] * (MOST + 1)
    assert "more sessions than they should" in caplog.text
    user_id = (await desk.sign_in()).issued.user.id
    assert len(await desk.store.list_owned(owner_of(user_id))) == MOST


async def _away(*_: object, **__: object) -> object:
    raise StoreUnavailableError("memory", "gone")
