"""The one connection for reads: each answer reaches the one who asked, whatever comes in which pieces."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import hiredis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netscript_kernel.errors import StoreUnavailableError
from netscript_kernel.kv.redis.connection import ReadConnection
from netscript_kernel.kv.redis.failures import ConnectionLostError
from tests.support.pretend_redis import bulk

LONG = timedelta(minutes=5)
SHORT = timedelta(milliseconds=40)


class _Wire(asyncio.Transport):
    """Keeps what was sent, and ends as a socket does."""

    def __init__(self, connection: ReadConnection) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.is_aborted = False
        self._connection = connection

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def abort(self) -> None:
        self.is_aborted = True
        asyncio.get_running_loop().call_soon(self._connection.connection_lost, None)


def _connected(limit: timedelta = LONG) -> tuple[ReadConnection, _Wire]:
    connection = ReadConnection(limit)
    wire = _Wire(connection)
    connection.connection_made(wire)
    return connection, wire


def _commands(wire: _Wire) -> list[list[bytes]]:
    reader = hiredis.Reader()
    reader.feed(b"".join(wire.writes))
    commands: list[list[bytes]] = []
    while (command := reader.gets()) is not False:
        commands.append(command)
    return commands


class _Timers:
    """Stands in for those of the event loop: time passes when a test says so."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.running: deque[Callable[[], object]] = deque()

    def call_later(self, delay: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        self.running.append(callback)
        return asyncio.TimerHandle(delay, callback, (), self._loop)

    def let_pass(self, *, quarters: int) -> None:
        """A quarter of the limit is the time of the one timer that there is."""
        for _ in range(quarters):
            self.running.popleft()()


@pytest.fixture
async def timers(monkeypatch: pytest.MonkeyPatch) -> _Timers:
    loop = asyncio.get_running_loop()
    timers = _Timers(loop)
    monkeypatch.setattr(loop, "call_later", timers.call_later)
    return timers


async def _turn() -> None:
    """Let the event loop go around: what was asked is sent, what was answered arrives."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_what_is_asked_in_one_turn_of_the_loop_is_sent_together() -> None:
    connection, wire = _connected()

    questions = [connection.get(b"a"), connection.get(b"b"), connection.call(b"SELECT", b"3")]
    await _turn()
    later = connection.get(b"c")
    await _turn()

    assert len(wire.writes) == 2
    assert _commands(wire) == [[b"GET", b"a"], [b"GET", b"b"], [b"SELECT", b"3"], [b"GET", b"c"]]
    connection.data_received(bulk(b"1") + b"_\r\n" + b"+OK\r\n" + bulk(b""))
    assert [question.result() for question in questions] == [b"1", None, b"OK"]
    assert later.result() == b""
    connection.end()


@given(st.data())
@settings(max_examples=60)
def test_an_answer_may_be_cut_anywhere(data: st.DataObject) -> None:
    values = [b"", b"\r\n", b"$3\r\nGET", b"x" * 70, None, b"-ERR", b"_\r\n"]
    stream = b"".join(b"_\r\n" if value is None else bulk(value) for value in values)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(stream) - 1), max_size=12)))

    async def read() -> list[object]:
        connection, _ = _connected()
        questions = [connection.get(b"%d" % number) for number in range(len(values))]
        for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
            connection.data_received(stream[start:end])
        connection.end()
        return [question.result() for question in questions]

    assert asyncio.run(read()) == values


async def test_an_answer_may_come_byte_by_byte() -> None:
    connection, _ = _connected()
    question = connection.get(b"key")

    for byte in bulk(b"value\r\nwith lines"):
        assert not question.done()
        connection.data_received(bytes([byte]))

    assert question.result() == b"value\r\nwith lines"
    connection.end()


# One step each: ask a question, go away from one that waits, let the server answer some, let the loop turn.
_steps = st.lists(
    st.one_of(
        st.just(("ask", 0)),
        st.tuples(st.just("cancel"), st.integers(0, 30)),
        st.tuples(st.just("answer"), st.integers(1, 4)),
        st.just(("turn", 0)),
    ),
    max_size=60,
)


@given(_steps)
@settings(max_examples=120)
def test_each_caller_gets_its_own_answer_whoever_else_goes_away(steps: list[tuple[str, int]]) -> None:
    asyncio.run(_take_steps(steps))


async def _take_steps(steps: list[tuple[str, int]]) -> None:
    connection, wire = _connected()
    questions: list[asyncio.Future[Any]] = []
    unanswered: deque[bytes] = deque()
    for act, number in [*steps, ("turn", 0), ("answer", len(steps))]:
        match act:
            case "ask":
                name = b"%d" % len(questions)
                questions.append(connection.get(name))
                unanswered.append(name)
            case "cancel" if questions:
                questions[number % len(questions)].cancel()
            case "answer":
                sent = len(_commands(wire)) - (len(questions) - len(unanswered))
                answers = [bulk(unanswered.popleft()) for _ in range(min(number, sent))]
                connection.data_received(b"".join(answers))
            case _:
                await _turn()
    for number, question in enumerate(questions):
        assert question.cancelled() or question.result() == b"%d" % number
    assert connection.is_open
    connection.end()


async def test_an_error_reply_is_for_the_one_who_asked_alone() -> None:
    connection, _ = _connected()
    before, refused, after = connection.get(b"a"), connection.get(b"b"), connection.get(b"c")

    connection.data_received(bulk(b"1") + b"-LOADING Redis is loading secret-key\r\n" + bulk(b"3"))

    assert (before.result(), after.result()) == (b"1", b"3")
    with pytest.raises(StoreUnavailableError, match="still loading its data") as caught:
        await refused
    assert "secret-key" not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert connection.is_open
    connection.end()


async def test_what_the_server_pushes_is_nobodys_answer() -> None:
    connection, _ = _connected()
    question = connection.get(b"key")

    pushed = b">2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\nkey\r\n"
    connection.data_received(pushed + bulk(b"value") + pushed)

    assert question.result() == b"value"
    assert connection.is_open
    connection.end()


async def test_an_answer_that_nobody_asked_for_ends_the_connection() -> None:
    connection, wire = _connected()
    question = connection.get(b"key")

    connection.data_received(bulk(b"value") + bulk(b"of somebody"))

    assert question.result() == b"value"
    assert not connection.is_open
    assert wire.is_aborted


async def test_what_is_no_answer_at_all_fails_everybody_and_ends_the_connection() -> None:
    connection, wire = _connected()
    first, second = connection.get(b"a"), connection.get(b"b")

    connection.data_received(bulk(b"1") + b"HTTP/1.1 400 Bad Request\r\n" + bulk(b"2"))

    assert first.result() == b"1"
    with pytest.raises(StoreUnavailableError, match="something else than was asked"):
        await second
    assert wire.is_aborted


async def test_a_connection_that_is_lost_in_the_middle_of_an_answer_answers_nobody() -> None:
    connection, _ = _connected()
    questions = [connection.get(b"a"), connection.get(b"b")]
    connection.data_received(bulk(b"value")[:-4])

    connection.connection_lost(ConnectionResetError())

    for question in [*questions, connection.get(b"c")]:
        with pytest.raises(ConnectionLostError):
            await question


async def test_a_silent_server_fails_all_who_wait_within_the_limit() -> None:
    connection, wire = _connected(SHORT)
    loop = asyncio.get_running_loop()
    started = loop.time()
    questions = [connection.get(b"%d" % number) for number in range(10)]

    failures = await asyncio.gather(*questions, return_exceptions=True)

    assert {str(failure) for failure in failures} == {
        "the redis store is unavailable: it gave no answer within 0.04 s"
    }
    assert loop.time() - started >= SHORT.total_seconds()
    assert wire.is_aborted


async def test_one_who_asks_late_is_given_the_whole_limit(timers: _Timers) -> None:
    connection, _ = _connected()
    connection.get(b"early")
    timers.let_pass(quarters=3)
    connection.data_received(bulk(b""))
    late = connection.get(b"late")

    timers.let_pass(quarters=4)
    assert not late.done()
    timers.let_pass(quarters=1)

    with pytest.raises(StoreUnavailableError, match="no answer"):
        await late


async def test_answers_that_drip_do_not_hide_those_that_are_late(timers: _Timers) -> None:
    connection, _ = _connected()
    questions = [connection.get(b"%d" % number) for number in range(9)]

    for _ in range(5):
        connection.data_received(bulk(b""))
        timers.let_pass(quarters=1)

    assert [question.exception() is None for question in questions] == [True] * 5 + [False] * 4


async def test_a_connection_without_questions_needs_no_timer(timers: _Timers) -> None:
    connection, _ = _connected()
    question = connection.get(b"key")
    connection.data_received(bulk(b"value"))
    await question

    timers.let_pass(quarters=1)

    assert not timers.running
    assert connection.is_open
    connection.end()


async def test_what_arrives_after_the_end_reaches_nobody() -> None:
    connection, _ = _connected()
    question = connection.get(b"key")
    connection.end()

    connection.data_received(bulk(b"value"))

    with pytest.raises(ConnectionLostError):
        await question
