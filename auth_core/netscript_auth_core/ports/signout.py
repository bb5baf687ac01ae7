"""Signing out: the session ends here at once, and what the upstream holds of it when that can be reached."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol


class UpstreamStatus(StrEnum):
    """What became of what the upstream had granted to a session that ended here.

    ``done``: nothing of it is left there. ``pending``: it has not answered, and will be asked again.
    ``refused``: it does not let us end it. ``unsupported``: there is no way to tell it.
    """

    DONE = "done"
    PENDING = "pending"
    REFUSED = "refused"
    UNSUPPORTED = "unsupported"

    @classmethod
    def worst(cls, statuses: Iterable["UpstreamStatus | None"]) -> "UpstreamStatus | None":
        """Return what is to be told of several: the least good one, or ``None`` where there is none."""
        found = set(statuses)
        return next((each for each in _WORST_FIRST if each in found), None)


_WORST_FIRST: Final = (
    UpstreamStatus.PENDING,
    UpstreamStatus.REFUSED,
    UpstreamStatus.UNSUPPORTED,
    UpstreamStatus.DONE,
)


@dataclass(frozen=True, slots=True)
class SignoutRequest:
    """A wish to sign out.

    Attributes:
        handle: Of the session that asks.
        everywhere: Whether all sessions of its person end.
        return_to: Absolute address to which the upstream may send the browser back.
        state: What it must bring back with it.
    """

    handle: str
    return_to: str
    state: str = field(repr=False)
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class SignedOut:
    """What a sign-out came to. The sessions have ended, whatever it says of the upstream.

    Attributes:
        ended: How many sessions were active until now.
        upstream: Of what the upstream had granted to them; ``None`` where that is nothing.
        end_session_url: Where the browser has to go to be signed out there too; for this sign-out only.
        user_id: Whose they were, where that is known; for the audit, as the handles are.
        handles: Of those that ended, as far as it is known.
    """

    ended: int
    upstream: UpstreamStatus | None = None
    end_session_url: str | None = field(default=None, repr=False)
    user_id: str | None = field(default=None, compare=False)
    handles: Sequence[str] = field(default=(), compare=False)


class SignoutPort(Protocol):
    """Ends sessions together with what the upstream holds of them."""

    async def end(self, request: SignoutRequest) -> SignedOut:
        """End the session of a handle, and with ``everywhere`` all of its person's.

        No upstream keeps a session from ending, or its caller waiting for more than a few seconds, unless
        the sessions are the upstream's (``capabilities.needs_upstream``). What one could not be told now,
        :meth:`UpkeepPort.run` tells it later. Where the session had ended before, or
        never was, nothing is done, ``everywhere`` or not.

        Raises:
            OperationUnsupportedError: ``everywhere``, which the capabilities do not offer (``revoke_all``).
            BackendUnavailableError: the store, or the upstream that keeps the sessions, did not answer;
                sessions may be left that have not ended.
        """
        ...


class UpkeepPort(Protocol):
    """Work that no request waits for."""

    async def run(self) -> None:
        """Do one round of it, now and then; any number of instances may. It ends no session.

        Raises:
            BackendUnavailableError: the store did not answer. An upstream that is away is no fault.
        """
        ...
