"""Work that nobody awaits: what becomes of its failures."""

import pytest

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_kv_oauth.background import Background


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
