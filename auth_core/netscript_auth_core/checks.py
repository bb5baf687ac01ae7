"""What an adapter may add to ``netscript auth doctor``: checks of its own, and what they find.

A check looks at one thing, changes nothing, and names no secret and no value of the configuration.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from netscript_kernel.clock import Clock

TOLERATED: Final = timedelta(seconds=10)
"""By how much a clock may differ: the answer was under way, and headers know no fractions of a second."""

TOO_MUCH: Final = timedelta(seconds=60)
"""From here on tokens are refused, or count for too long."""


class Severity(StrEnum):
    """How bad a finding is.

    ``error``: something does not work, or somebody could get in. ``warning``: it works, and will hurt.
    ``notice``: good to know; nothing is wrong.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Attributes:
        problem: What is wrong, as a sentence without its full stop.
        fix: What to do; likewise.
    """

    severity: Severity
    problem: str
    fix: str


Look: TypeAlias = Callable[[], Awaitable[Sequence[Finding]]]


@dataclass(frozen=True, slots=True)
class Check:
    """One look at one thing.

    Attributes:
        id: Stable, for programs: lower-case words with dots between, the backend's name first.
        look: Returns what it finds, nothing where all is well. What it raises becomes a finding; it is given
            some seconds.
    """

    id: str
    look: Look


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What the service knows and a check may need.

    Attributes:
        public_url: What the outside calls the service, without a trailing slash.
        is_production: Whether insecure shortcuts are forbidden.
        clock: Ours.
    """

    public_url: str
    is_production: bool
    clock: Clock


def clock_findings(whose: str, told: datetime, ours: datetime) -> Sequence[Finding]:
    """Return what is to be said of another clock beside ours.

    Args:
        whose: Such as ``the provider google``.
        told: What it says, aware.
        ours: The same moment here, aware.
    """
    apart = abs(told - ours)
    if apart <= TOLERATED:
        return ()
    direction = "behind" if ours < told else "ahead of"
    problem = f"our clock is {round(apart.total_seconds())} seconds {direction} that of {whose}"
    severity = Severity.ERROR if apart >= TOO_MUCH else Severity.WARNING
    return (Finding(severity, problem, "let both machines keep time by NTP"),)
