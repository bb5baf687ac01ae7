"""A store that did not answer, told in the words of the port."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.errors import StoreCorruptError, StoreUnavailableError

_log = logging.getLogger("netscript.auth")


@contextmanager
def store_outages(backend: str) -> Generator[None]:
    """Within the block, a store that does not answer is an outage of the backend of this name.

    So is a record that cannot be read; the log says that loudly, since it does not pass by itself.
    """
    try:
        yield
    except (StoreUnavailableError, StoreCorruptError) as error:
        raise store_outage(backend, error) from error


def store_outage(backend: str, error: StoreUnavailableError | StoreCorruptError) -> BackendUnavailableError:
    """Return the same for what was caught, where a block would cost each request too much."""
    if isinstance(error, StoreCorruptError):
        _log.error("a stored record cannot be read: %s", error)
    return BackendUnavailableError(backend, str(error))
