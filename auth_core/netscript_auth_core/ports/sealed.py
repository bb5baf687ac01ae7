"""What a backend keeps sealed under the service's keys, so that these can change while everything runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class KeyState(StrEnum):
    """What the configuration says of a key."""

    CURRENT = "current"
    CONFIGURED = "configured"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class SealedSecrets:
    """How many secrets one key seals.

    Attributes:
        key_id: Tells nothing about the key.
        state: ``current``: it seals. ``configured``: it opens. ``missing``: what it sealed opens no more.
        count: At the moment.
    """

    key_id: str
    state: KeyState
    count: int


@dataclass(frozen=True, slots=True)
class SealingRound:
    """A few secrets were sealed anew.

    Attributes:
        sealed: How many.
        is_done: Whether nothing is left that could be.
    """

    sealed: int
    is_done: bool


class SealedSecretsPort(Protocol):
    """The secrets that a backend keeps. Both methods may run beside any number of services on the store.

    Each raises ``BackendUnavailableError`` when it cannot find out.
    """

    async def count(self) -> Sequence[SealedSecrets]:
        """Return every configured key, current first, then the missing ones that still seal something."""
        ...

    async def seal_anew(self) -> SealingRound:
        """Seal a few secrets under the current key that another one sealed.

        What a missing key sealed stays as it is, and so does what changes meanwhile, for the next round. No
        session ends by it, and nothing is refreshed.
        """
        ...
