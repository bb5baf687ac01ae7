"""Not being able to find out, told in the words of the port."""

from functools import partial
from typing import Final

from netscript_auth_core import outages
from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_kv_oauth.naming import BACKEND

store_outages: Final = partial(outages.store_outages, BACKEND)
"""Within the block, a store that does not answer is an outage of this backend."""


class AnswerLostError(BackendUnavailableError):
    """A request went out and no whole answer came back: whether the provider acted on it is not known."""


def provider_away(provider_id: str, problem: str, *, is_lost: bool = False) -> BackendUnavailableError:
    """Return the error for a provider that did not answer, or could not be understood as itself.

    Args:
        provider_id: Which one.
        problem: In words.
        is_lost: Whether it may have got the request and acted on it.
    """
    kind = AnswerLostError if is_lost else BackendUnavailableError
    return kind(BACKEND, f"the provider {provider_id}: {problem}")
