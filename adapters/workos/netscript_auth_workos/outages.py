"""From "did not answer" to the port's "could not find out"."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_workos.naming import BACKEND
from netscript_kernel.errors import StoreCorruptError, StoreUnavailableError

_log = logging.getLogger("netscript.auth.workos")


def workos_away(problem: str, retry_after: timedelta = timedelta(seconds=5)) -> BackendUnavailableError:
    """Return the error for a WorkOS that did not answer, or could not be understood as itself."""
    return BackendUnavailableError(BACKEND, f"WorkOS: {problem}", retry_after)


@contextmanager
def store_outages() -> Generator[None]:
    """Within the block, a store that does not answer is an outage of this backend."""
    try:
        yield
    except (StoreUnavailableError, StoreCorruptError) as error:
        if isinstance(error, StoreCorruptError):
            _log.error("a stored record cannot be read: %s", error)
        raise BackendUnavailableError(BACKEND, str(error)) from error
