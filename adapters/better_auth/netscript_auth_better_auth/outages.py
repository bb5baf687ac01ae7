"""Not being able to find out, told in the words of the port."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

from netscript_auth_better_auth.naming import BACKEND
from netscript_auth_core.errors import BackendUnavailableError
from netscript_kernel.errors import StoreCorruptError, StoreUnavailableError

_log = logging.getLogger("netscript.auth.better_auth")
_USUAL = timedelta(seconds=5)


def server_away(problem: str, retry_after: timedelta = _USUAL) -> BackendUnavailableError:
    """Return the error for a better-auth server that did not answer, or not as one."""
    return BackendUnavailableError(BACKEND, f"the better-auth server: {problem}", retry_after)


@contextmanager
def store_outages() -> Generator[None]:
    """Within the block, a store that does not answer is an outage of this backend."""
    try:
        yield
    except StoreCorruptError as error:
        _log.error("a stored record cannot be read: %s", error)
        raise BackendUnavailableError(BACKEND, str(error)) from error
    except StoreUnavailableError as error:
        raise BackendUnavailableError(BACKEND, str(error)) from error
