"""A client of the soak, at a server that gives whatever answer a test wants."""

import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from random import Random
from typing import TypeAlias

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from benchmarks.soaking.lane import Lane
from benchmarks.soaking.ledger import Ledger
from benchmarks.soaking.people import Held, Pace, Person, everybody
from benchmarks.soaking.site import Place
from benchmarks.soaking.truth import Outages

USER_ID = "usr_alice"
Reply: TypeAlias = Callable[[bytes], bytes]


def _json(body: object, status: str = "200 OK") -> bytes:
    data = json.dumps(body).encode()
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(data)}\r\n\r\n".encode() + data


def _session(user_id: str) -> bytes:
    return _json({"authenticated": True, "session": {"userId": user_id}})


@asynccontextmanager
async def _lane(answer: bytes) -> AsyncGenerator[tuple[Lane, Person, Ledger]]:
    """A lane whose server always gives this answer; with nothing to say, it closes the connection."""

    async def serve(stream: SocketStream) -> None:
        # The lane may close its connection, or what it sends may be left unread, at any moment.
        with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
            async with stream:
                while answer and await stream.receive():
                    await stream.send(answer)

    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as group,
    ):
        group.start_soon(partial(listener.serve, serve))
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 # no Django here
        alice, ledger = everybody()[0], Ledger()
        alice.user_id = USER_ID
        lane = Lane(Place(port, port), [alice], ledger, Outages(grace=0.0), Random(0))  # noqa: S311 # chooses what a test does
        yield lane, alice, ledger
        lane.close()
        await anyio.wait_all_tasks_blocked()  # connections are closed in turns of the loop to come
        group.cancel_scope.cancel()


Deed: TypeAlias = Callable[[Lane, Person, Held], Awaitable[None]]


async def _read(lane: Lane, _: Person, held: Held) -> None:
    await lane.read(held)


async def _read_me(lane: Lane, _: Person, held: Held) -> None:
    await lane.read(held, "me")


async def _read_after_the_end(lane: Lane, person: Person, held: Held) -> None:
    person.ask_to_end(held)
    person.confirm(held)
    await lane.read(held)


async def _sign_in(lane: Lane, person: Person, _: Held) -> None:
    await lane.sign_in(person)


@pytest.mark.parametrize(
    ("deed", "answer", "fault"),
    [
        (_read, _json({"authenticated": False}), "a session that lives is signed out"),
        (_read, _session("usr_bob"), "the identity of somebody else"),
        (_read_after_the_end, _session(USER_ID), "a session that ended is signed in"),
        (
            _read_me,
            _json({"authenticated": True, "session": {"userId": USER_ID}, "user": {"id": "usr_bob"}}),
            "the identity of somebody else",
        ),
        (_read, _json({}, "500 Internal Server Error"), "a fault of the service: 500"),
        (_read, _json({}, "503 Service Unavailable"), "503 while the store is there"),
        (_sign_in, _json({}, "502 Bad Gateway"), "a fault of the service: 502"),
    ],
)
async def test_a_wrong_answer_is_written_down(deed: Deed, answer: bytes, fault: str) -> None:
    async with _lane(answer) as (lane, alice, ledger):
        await deed(lane, alice, alice.gain("a-token"))

    assert dict(ledger.faults) == {fault: 1}
    assert "a-token" not in str(ledger)


async def test_a_right_answer_is_none() -> None:
    async with _lane(_session(USER_ID)) as (lane, alice, ledger):
        await lane.read(alice.gain("a-token"))

    assert not ledger.faults
    assert ledger.answers == 1


async def test_a_connection_that_breaks_off_is_a_fault_and_ends_nothing() -> None:
    async with _lane(b"") as (lane, alice, ledger):
        alice.gain("a-token")

        await lane.go_on(time.monotonic() + 0.1, Pace(1000))

    assert set(ledger.faults) == {"no sound answer: ConnectionResetError"}


def test_a_pace_spreads_turns_and_makes_up_for_none_that_was_missed() -> None:
    now = [100.0]
    pace = Pace(10, lambda: now[0])

    waits = [pace.wait(), pace.wait()]
    now[0] = 200.0
    later = [pace.wait(), pace.wait(), pace.wait()]

    assert waits == pytest.approx([0.0, 0.1])
    assert later == pytest.approx([0.0, 0.0, 0.1])
