"""From the SDK's errors to what they mean here."""

import logging
from collections.abc import Awaitable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, TypeVar

from workos import AuthenticationError, NotFoundError, RateLimitExceededError, WorkOSError

from netscript_auth_core.errors import BackendUnavailableError
from netscript_auth_workos.outages import workos_away
from netscript_kernel.json_documents import is_object

_log = logging.getLogger("netscript.auth.workos")

_LONGEST_WAIT: Final = timedelta(minutes=5)
_SHORTEST_WAIT: Final = timedelta(seconds=5)
_MOST_CHARACTERS: Final = 200
# What the SDK's models raise: they take the types of an answer for granted.
_UNREADABLE: Final = (AttributeError, LookupError, TypeError, ValueError)

T = TypeVar("T")


class NotThereError(Exception):
    """WorkOS knows nothing under this id. Raised to those who asked whether there is something."""


class RefusedError(Exception):
    """WorkOS does not let this person go on without signing in again.

    Attributes:
        code: As WorkOS has it, such as ``invalid_grant`` or ``sso_required``.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


async def answered(
    call: Awaitable[T], *, refusals: frozenset[str] = frozenset(), missing_is_an_answer: bool = False
) -> T:
    """Return what a call of the SDK brings.

    Args:
        call: Of the SDK.
        refusals: What its code may be where the person is refused; without any, nobody is.
        missing_is_an_answer: Whether what is asked for may have gone. Elsewhere, 404 is a wrong address.

    Raises:
        NotThereError: WorkOS says that there is no such thing.
        RefusedError: the grant is over, or another step of signing in is due.
        BackendUnavailableError: everything else, which says nothing of the person.
    """
    try:
        return await call
    except WorkOSError as error:
        is_missing = missing_is_an_answer and _is_told_missing(error)
        meaning = NotThereError() if is_missing else _meaning(error, refusals)
    except _UNREADABLE:
        meaning = _unreadable()
    # Outside of the handler: the SDK's error carries the whole request and answer.
    raise meaning


@contextmanager
def readable() -> Generator[None]:
    """Within the block, an answer that the SDK's models do not take is an outage."""
    try:
        yield
    except (WorkOSError, *_UNREADABLE):
        is_read = False
    else:
        is_read = True
    # Outside of the handler: such an error may repeat what could not be read.
    if not is_read:
        raise _unreadable()


def _unreadable() -> BackendUnavailableError:
    return workos_away("an answer that cannot be read")


def _is_told_missing(error: WorkOSError) -> bool:
    """Whether it is WorkOS that knows nothing of it, and not somebody on the way who knows no WorkOS."""
    return isinstance(error, NotFoundError) and is_object(error.response_json)


def _meaning(error: WorkOSError, refusals: frozenset[str]) -> Exception:
    if isinstance(error, RateLimitExceededError):
        asked = timedelta(seconds=min(error.retry_after or 0.0, _LONGEST_WAIT.total_seconds()))
        return workos_away("it wants fewer requests", max(asked, _SHORTEST_WAIT))
    status = getattr(error, "status_code", None)
    if status is None:
        return workos_away(str(error)[:_MOST_CHARACTERS])
    code = str(getattr(error, "error", None) or getattr(error, "code", None) or "")[:_MOST_CHARACTERS]
    if refusals and (code in refusals or hasattr(error, "pending_authentication_token")):
        return RefusedError(code)
    if isinstance(error, AuthenticationError):
        _log.error("WorkOS does not take WORKOS_API_KEY: %s", ascii(code))
    if isinstance(error, NotFoundError):
        _log.error("WorkOS is not at WORKOS_BASE_URL, or something on the way to it answers 404")
    return workos_away(f"it answered {status}")
