"""Work that nobody awaits: what is waited for, what is left out, what becomes of its failures."""

from datetime import timedelta

import anyio
import anyio.lowlevel
import pytest

from netscript_auth_core.background import Background
from netscript_auth_core.errors import BackendUnavailableError


async def _fail(error: Exception) -> None:
    raise error


async def test_a_fault_that_nobody_foresaw_is_told_with_where_it_was(
    caplog: pytest.LogCaptureFixture,
) -> None:
    background = Background()

    background.start(_fail(KeyError("a bug")))
    await background.drain()

    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert "KeyError: 'a bug'" in caplog.text
    assert "in _fail" in caplog.text


async def test_a_failure_that_has_a_name_is_left_to_those_who_know_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    background = Background()

    background.start(_fail(BackendUnavailableError("kv-oauth", "away")))
    await background.drain()

    assert caplog.records == []


async def test_work_that_hangs_is_given_up_when_the_backend_closes() -> None:
    background = Background()
    task = background.start(_for_ever())

    await background.drain(timedelta(milliseconds=10))

    assert task.cancelled()


async def test_of_what_may_be_left_out_no_more_is_begun_than_can_be_held() -> None:
    background = Background(most=2)

    begun = [background.offer(_for_ever) for _ in range(5)]

    assert begun == [True, True, False, False, False]
    await background.drain(timedelta(0))
    assert background.offer(_for_ever)
    await background.drain(timedelta(0))


async def test_what_somebody_relies_on_is_begun_however_much_is_under_way() -> None:
    background = Background(most=1)
    background.start(_for_ever())

    task = background.start(anyio.lowlevel.checkpoint())

    await task
    await background.drain(timedelta(0))


async def test_work_that_other_work_starts_is_waited_for_too() -> None:
    background, done = Background(), list[int]()

    async def go_on(turns: int) -> None:
        await anyio.lowlevel.checkpoint()
        done.append(turns)
        if turns:
            background.start(go_on(turns - 1))

    background.start(go_on(3))

    await background.drain()

    assert done == [3, 2, 1, 0]


async def _for_ever() -> None:
    await anyio.sleep_forever()
