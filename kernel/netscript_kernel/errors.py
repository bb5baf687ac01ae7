"""What goes wrong below every capability.

::

    NetScriptError
    ├── ConfigurationError      the operator's settings, all faults in one
    ├── StoreUnavailableError   the key-value store did not answer: nothing is known
    ├── StoreCorruptError       a stored record cannot be read by this version
    └── SealError               a sealed value does not open: wrong key, wrong record, or tampered
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


class NetScriptError(Exception):
    """Base of every error that NetScript raises on purpose."""

    reason: ClassVar[str] = "error"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with the configuration.

    Attributes:
        variable: The full name of the environment variable, or the file of variables and the line in it.
        problem: What is wrong with it, in words, never with its value.
        fix: What to set, and where to get it.
    """

    variable: str
    problem: str
    fix: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.variable}: {self.problem}. Fix: {self.fix}"


class ConfigurationError(NetScriptError):
    """The service cannot start as it is configured. Carries every fault, not only the first."""

    reason: ClassVar[str] = "configuration_invalid"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class StoreUnavailableError(NetScriptError):
    """The key-value store did not answer in time, or not at all. Whether a write happened is unknown."""

    reason: ClassVar[str] = "store_unavailable"

    def __init__(self, store: str, problem: str) -> None:
        self.store = store
        self.problem = problem
        super().__init__(f"the {store} store is unavailable: {problem}")


class StoreCorruptError(NetScriptError):
    """A stored record has a schema version that this program does not read, or is no record at all."""

    reason: ClassVar[str] = "store_corrupt"

    def __init__(self, kind: str, problem: str) -> None:
        self.kind = kind
        self.problem = problem
        super().__init__(f"stored {kind} record: {problem}")


class SealError(NetScriptError):
    """A sealed value does not open. Which of the causes it was is not told: an attacker asks too."""

    reason: ClassVar[str] = "seal_broken"

    def __init__(self, purpose: str) -> None:
        self.purpose = purpose
        super().__init__(f"a sealed value for {purpose!r} does not open with the configured keys")
