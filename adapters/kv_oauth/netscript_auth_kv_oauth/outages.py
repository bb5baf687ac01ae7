"""Not being able to find out, told in the words of the port."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_kv_oauth.naming import BACKEND
from netscript_kernel.errors import StoreCorruptError, StoreUnavailableError

_log = logging.getLogger("netscript.auth.kv_oauth")


def unavailable(error: StoreUnavailableError | StoreCorruptError) -> BackendUnavailableError:
    """Turn what the store says into the port's "could not find out"."""
    if isinstance(error, StoreCorruptError):
        _log.error("a stored record cannot be read: %s", error)
    return BackendUnavailableError(BACKEND, str(error))


class AnswerLostError(BackendUnavailableError):
    """A request went out and no whole answer came back: whether the provider acted on it is not known."""


@contextmanager
def store_outages() -> Generator[None]:
    """Within the block, a store that does not answer is an outage of this backend."""
    try:
        yield
    except (StoreUnavailableError, StoreCorruptError) as error:
        raise unavailable(error) from error


def provider_away(provider_id: str, problem: str, *, is_lost: bool = False) -> BackendUnavailableError:
    """Return the error for a provider that did not answer, or could not be understood as itself.

    Args:
        provider_id: Which one.
        problem: In words.
        is_lost: Whether it may have got the request and acted on it.
    """
    kind = AnswerLostError if is_lost else BackendUnavailableError
    return kind(BACKEND, f"the provider {provider_id}: {problem}")
