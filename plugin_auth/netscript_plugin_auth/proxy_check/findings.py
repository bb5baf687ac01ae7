"""What a check found."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What became of a way around the sign-in."""

    PASSED = "passed"  # the check: the way is closed
    FAILED = "failed"
    NOT_JUDGED = "not_judged"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one request showed.

    Attributes:
        seen: What was sent and what came, in words that hold nothing of what the other side said.
    """

    verdict: Verdict
    seen: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        name: Of the check, the same in every version.
        says: What holds where it passed.
        fix: What to do where it failed.
        seen: Of the requests that decided; empty where it passed.
        sent: How many requests there were.
    """

    name: str
    says: str
    verdict: Verdict
    fix: str
    seen: Sequence[str]
    sent: int


def conclude(name: str, says: str, fix: str, outcomes: Sequence[Outcome]) -> Finding:
    """Return the finding of a check: failed by one of its requests, passed only by all of them."""
    verdicts = {outcome.verdict for outcome in outcomes}
    if Verdict.FAILED in verdicts:
        verdict = Verdict.FAILED
    elif verdicts == {Verdict.PASSED}:
        verdict = Verdict.PASSED
    else:
        verdict = Verdict.NOT_JUDGED
    seen = [each.seen for each in outcomes if each.verdict is verdict and verdict is not Verdict.PASSED]
    return Finding(name, says, verdict, fix, seen, len(outcomes))
