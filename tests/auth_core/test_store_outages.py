"""A store that did not answer, in the words of the port."""

import logging

import pytest

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_core.outages import store_outages
from netscript_kernel.errors import StoreCorruptError, StoreUnavailableError


@pytest.mark.parametrize(
    ("error", "levels"),
    [
        (StoreUnavailableError("redis", "no answer"), []),
        (StoreCorruptError("session", "is no JSON object"), [logging.ERROR]),
    ],
)
def test_what_a_store_cannot_tell_the_backend_could_not_find_out(
    error: StoreUnavailableError | StoreCorruptError, levels: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(BackendUnavailableError) as outage, store_outages("acme"):
        raise error

    assert (outage.value.backend, outage.value.problem) == ("acme", str(error))
    assert outage.value.__cause__ is error
    assert [record.levelno for record in caplog.records] == levels


def test_every_other_error_is_what_it_was() -> None:
    with pytest.raises(KeyError), store_outages("acme"):
        raise KeyError("a bug")
